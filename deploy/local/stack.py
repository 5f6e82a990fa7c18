"""The whole system: broker, database and our services, started together."""

import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, get_args

import httpx

from deploy.local.errors import LocalError
from deploy.local.infrastructure import Infrastructure
from deploy.local.ports import LOOPBACK, free_port
from deploy.local.processes import GRACE, ServiceName, ServiceProcess

READY_TIMEOUT = 60.0
SIGNING_SECRET = "DOCLINK_SIGNING_SECRET"  # noqa: S105 - the variable's name
_PAUSE = 0.1


class Stack:
    """All services, with the infrastructure they run on; a context manager.

    Args:
        infrastructure: Started and stopped with the stack, unless it runs already.
        http_port: Where the first ingress listens; None: a free port. Further ones get free ones.
        copies: How many of a service; 1 of those not named, 0 is possible.
        env: More environment variables of all services.
        programs: What is run in the place of some services, see `ServiceProcess`.

    Attributes:
        services: All of them, once started.
    """

    def __init__(
        self,
        infrastructure: Infrastructure,
        *,
        http_port: int | None = None,
        copies: Mapping[ServiceName, int] | None = None,
        env: Mapping[str, str] | None = None,
        programs: Mapping[ServiceName, Sequence[str]] | None = None,
    ) -> None:
        self.infrastructure = infrastructure
        self.services: list[ServiceProcess] = []
        self._http_port = http_port
        self._copies = copies or {}
        self._env = env
        self._programs = programs or {}
        self._owns_infrastructure = False

    @property
    def urls(self) -> list[str]:
        """Where each ingress listens, e.g. `http://127.0.0.1:8000`."""
        return [f"http://{LOOPBACK}:{each.http_port}" for each in self.named("ingress")]

    @property
    def url(self) -> str:
        """Where the first ingress listens."""
        return self.urls[0]

    def named(self, name: ServiceName) -> list[ServiceProcess]:
        """All copies of one service."""
        return [each for each in self.services if each.name == name]

    def start(self) -> None:
        """Start everything at once, and return when every ingress is ready."""
        try:
            self._owns_infrastructure = not self.infrastructure.launched
            if self._owns_infrastructure:
                self.infrastructure.launch()
            self.services = self._make_services()
            for service in self.services:
                service.start()
            self.infrastructure.await_ready()
            self.await_ready()
        except BaseException:
            self.kill()
            raise

    def await_ready(self, timeout: float = READY_TIMEOUT) -> None:
        """Return when every ingress says that all services are ready.

        Raises:
            LocalError: A service has ended, or is not ready in time.
        """
        deadline = time.monotonic() + timeout
        for url in self.urls:
            while (answer := _readiness(url)) is not None:
                for service in self.services:
                    service.require()
                if time.monotonic() > deadline:
                    raise LocalError(f"{url}/readyz after {timeout:.0f} s: {answer}")
                time.sleep(_PAUSE)

    def stop(self, grace: float = GRACE) -> None:
        """Stop the services, all at once and each in order, then the infrastructure."""
        for service in self.services:
            service.ask_to_end()
        deadline = time.monotonic() + grace
        for service in self.services:
            service.end_within(max(0.0, deadline - time.monotonic()))
        if self._owns_infrastructure:
            self.infrastructure.stop()

    def kill(self) -> None:
        """End everything that is ours with SIGKILL."""
        for service in self.services:
            service.kill()
        if self._owns_infrastructure:
            self.infrastructure.kill()

    def __enter__(self) -> Self:
        """Start everything."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop everything."""
        self.stop()

    def _make_services(self) -> list[ServiceProcess]:
        first_port = self._http_port or free_port()
        secret = os.environ.get(SIGNING_SECRET) or self.infrastructure.folder.secret()
        env = {SIGNING_SECRET: secret, **(self._env or {})}
        return [
            ServiceProcess(
                name,
                self.infrastructure.urls,
                log=self._log(name, number),
                http_port=(free_port() if number else first_port) if name == "ingress" else None,
                env=env,
                program=self._programs.get(name),
            )
            for name in get_args(ServiceName)
            for number in range(self._copies.get(name, 1))
        ]

    def _log(self, name: str, number: int) -> Path:
        suffix = f"-{number + 1}" if number else ""
        return self.infrastructure.folder.log / f"{name}{suffix}.log"


def _readiness(url: str) -> str | None:
    """None when `/readyz` answers 200, else what it says."""
    try:
        answer = httpx.get(f"{url}/readyz", timeout=5, trust_env=False)
    except httpx.TransportError as error:
        return str(error) or type(error).__name__
    return None if answer.is_success else answer.text
