"""The broker or the database as a container, where a container engine answers."""

import contextlib
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from deploy.local import mongodb, rabbitmq
from deploy.local.errors import LocalError
from deploy.local.ports import LOOPBACK
from deploy.local.server import LOG, Probe, Server

_USER = "doclink"
_PASSWORD = _USER  # the container is reached by loopback only
_ENGINE_TIMEOUT = 10
_STOP_GRACE = 30
_SOCKETS = (Path("/var/run/docker.sock"), Path.home() / ".docker/run/docker.sock")


@dataclass(frozen=True)
class Image:
    """An image, and the server that it makes.

    Attributes:
        server: `broker` or `database`.
        kind: What it is, for people.
        name: The image's name, with its version.
        port: Where the server listens inside.
        data: Where the server's data lie inside.
        url: Where clients reach it, with `{port}` for the port outside.
        probe: Tells whether it answers.
        env: What it is told.
    """

    server: str
    kind: str
    name: str
    port: int
    data: str
    url: str
    probe: Probe
    env: Mapping[str, str] = field(default_factory=dict)


BROKER = Image(
    server="broker",
    kind="RabbitMQ container",
    name="rabbitmq:4.1",
    port=5672,
    data="/var/lib/rabbitmq",
    url=f"amqp://{_USER}:{_PASSWORD}@{LOOPBACK}:{{port}}/",
    probe=rabbitmq.answers,
    env={
        "RABBITMQ_NODENAME": rabbitmq.NODE,  # the data directory carries it
        "RABBITMQ_DEFAULT_USER": _USER,
        "RABBITMQ_DEFAULT_PASS": _PASSWORD,
    },
)
DATABASE = Image(
    server="database",
    kind="MongoDB container",
    name="mongo:8",
    port=27017,
    data="/data/db",
    url=f"mongodb://{LOOPBACK}:{{port}}/",
    probe=mongodb.answers,
)


class ContainerServer(Server):
    """A container, with its data in a folder of this machine.

    Args:
        image: What runs in it.
        folder: Where its data go.
        port: Where clients reach it.
    """

    def __init__(self, image: Image, folder: Path, port: int) -> None:
        super().__init__(image.server, image.kind, image.url.format(port=port), image.probe)
        from testcontainers.core.container import DockerContainer  # noqa: PLC0415 - slow to load

        folder.mkdir(parents=True, exist_ok=True)
        container = DockerContainer(image.name).with_envs(**image.env)
        container.with_volume_mapping(folder, image.data, "rw")
        # As ourselves, so that the data folder can be deleted like any other.
        container.with_kwargs(user=f"{os.getuid()}:{os.getgid()}")
        # The engine takes (address, port); without the address the whole network gets in.
        cast("dict[str, Any]", container.ports)[str(image.port)] = (LOOPBACK, port)
        self._container = container

    @property
    def running(self) -> bool:
        """Whether the engine says so."""
        self._container.reload()
        return self._container.status in {"created", "running"}

    def launch(self) -> None:
        """Start it, after pulling the image where that is needed."""
        if self._container.status == "not_started":
            self._container.start()
        else:
            self._container.get_wrapped_container().start()

    def stop(self) -> None:
        """Stop it; it stays, to be started again."""
        self._container.get_wrapped_container().stop(timeout=_STOP_GRACE)

    def kill(self) -> None:
        """Kill it; it stays, to be started again."""
        self._container.get_wrapped_container().kill()

    def close(self) -> None:
        """Stop it and remove it; the data stay in the folder."""
        if self._container.status != "not_started":
            self.stop()
            self._container.stop()

    def tail(self) -> str:
        """The last lines of its log."""
        text = self._container.get_wrapped_container().logs(tail=15).decode(errors="replace")
        return "\n".join(f"    {line}" for line in text.splitlines())


def started(image: Image, folder: Path, port: int) -> Server | None:
    """A server that is ready, or None where containers cannot be had."""
    if os.environ.get("DOCLINK_CONTAINERS") == "off" or not _engine_may_be_there():
        return None
    new = not folder.exists()
    server: ContainerServer | None = None
    try:
        _check_engine(image)
        server = ContainerServer(image, folder, port)
        server.start()
    except Exception as error:  # noqa: BLE001 - whatever it is, there are the local programs
        LOG.info("No container for the %s: %s", image.server, str(error).partition("\n")[0])
        if server is not None:
            with contextlib.suppress(Exception):
                server.close()
        if new:
            # Its being there would say that the data are in it (see `infrastructure`).
            shutil.rmtree(folder, ignore_errors=True)
        return None
    return server


def _engine_may_be_there() -> bool:
    """Cheaper than loading the client, on machines without an engine."""
    return "DOCKER_HOST" in os.environ or any(socket.exists() for socket in _SOCKETS)


def _check_engine(image: Image) -> None:
    """Find out within seconds whether the engine answers and the image can be had.

    Raises:
        Exception: What the engine's client says, when not.
    """
    from testcontainers.core.config import testcontainers_config  # noqa: PLC0415 - slow to load
    from testcontainers.core.docker_client import DockerClient  # noqa: PLC0415

    engine = DockerClient(timeout=_ENGINE_TIMEOUT)
    engine.client.ping()
    if engine.host() not in {"localhost", LOOPBACK}:
        raise LocalError("the container engine is on another machine")
    wanted = [testcontainers_config.hub_image_name_prefix + image.name]
    if not testcontainers_config.ryuk_disabled:
        wanted.append(testcontainers_config.ryuk_image)
    here = {tag for found in engine.client.images.list() for tag in found.tags}
    for name in wanted:
        if name not in here:
            engine.client.images.get_registry_data(name)
            LOG.info("Pulling %s ...", name)
            engine.client.images.pull(name)
