"""Broker and database on this machine, for `make run` and for the tests alike.

Each of the two comes, on its own, from the first of these that is there:
1. the URL in the environment (`DOCLINK_AMQP_URL`, `DOCLINK_MONGO_URL`): nothing is started;
2. a container, where a container engine answers and the image can be had
   (`DOCLINK_CONTAINERS=off` leaves containers out);
3. a program on this machine: `rabbitmq-server`; `mongod`, or else `nx-27017`.
A data folder stays with the way it was first used, since the data lie in different forms.
"""

import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.local import containers, mongodb, rabbitmq
from deploy.local.cluster import Cluster
from deploy.local.errors import LocalError
from deploy.local.folder import DataFolder
from deploy.local.ports import free_port
from deploy.local.server import OutsideServer, Server

AMQP_URL = "DOCLINK_AMQP_URL"
MONGO_URL = "DOCLINK_MONGO_URL"
OBJECTS_URL = "DOCLINK_OBJECT_STORE_URL"


@dataclass(frozen=True)
class Urls:
    """Where broker, database and object store are.

    Attributes:
        amqp: The broker, for a user who may do everything.
        mongo: The database.
        objects: The object store.
        broker_users: The broker for each of its users, by name; none where there is one for all.
    """

    amqp: str
    mongo: str
    objects: str
    broker_users: Mapping[str, str] = field(default_factory=dict)


class Infrastructure:
    """Broker and database; a context manager.

    Args:
        data_dir: Everything that they write goes there; used again, it has what was in it.
        amqp_port: Port of a broker that we start; None: a free one.
        mongo_port: Port of a database that we start; None: a free one.
        broker_nodes: How many nodes the broker has. More than one are always programs on this
            machine, whatever the environment says: who asks for them means to kill some.

    Attributes:
        folder: The data folder.
        broker: The broker, once started.
        database: The database, once started.
    """

    broker: Server
    database: Server

    def __init__(
        self,
        data_dir: Path,
        *,
        amqp_port: int | None = None,
        mongo_port: int | None = None,
        broker_nodes: int = 1,
    ) -> None:
        self.folder = DataFolder(data_dir)
        self._amqp_port = amqp_port
        self._mongo_port = mongo_port
        self._broker_nodes = broker_nodes
        self._running = ExitStack()
        self.launched = False

    @property
    def urls(self) -> Urls:
        """Where both are, once launched, and the object store: a folder, if not set otherwise."""
        objects = os.environ.get(OBJECTS_URL) or (self.folder.path / "objects").as_uri()
        return Urls(self.broker.url, self.database.url, objects, self.broker.user_urls)

    def launch(self) -> None:
        """Start both; returns while they may still be on their way up."""
        with ExitStack() as running:
            keep = (self.folder.lock(),)
            running.callback(self.folder.unlock)
            self.database = self._choose_database(keep)
            running.callback(self.database.close)
            self.database.launch()
            self.broker = self._choose_broker(keep)
            running.callback(self.broker.close)
            self.broker.launch()
            self._running = running.pop_all()
        self.launched = True

    def await_ready(self) -> None:
        """Return when clients can work with both."""
        self.broker.await_ready()
        self.database.await_ready()

    def start(self) -> None:
        """Start both, and return when clients can work with them."""
        self.launch()
        try:
            self.await_ready()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop both in order; without effect on what others have started."""
        self.launched = False
        self._running.close()

    def kill(self) -> None:
        """Kill both with SIGKILL; without effect on what others have started."""
        if self.launched:
            for server in (self.broker, self.database):
                if server.controllable:
                    server.kill()
        self.stop()

    def __enter__(self) -> Self:
        """Start both."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop both."""
        self.stop()

    def _choose_broker(self, keep: Sequence[int]) -> Server:
        if self._broker_nodes > 1:
            return self._cluster(keep)
        if url := os.environ.get(AMQP_URL):
            return OutsideServer("broker", url, rabbitmq.answers, variable=AMQP_URL)
        port = self._amqp_port or free_port()
        local, contained = self.folder.path / "rabbitmq", self.folder.path / "rabbitmq-container"
        if not local.exists() and (
            server := containers.started(containers.BROKER, contained, port)
        ):
            return server
        _refuse_other_form(contained)
        script = rabbitmq.find_script()
        if script is None:
            raise LocalError(
                "There is no broker: no container engine answers and rabbitmq-server is not "
                f"installed. Run `make install`, or set {AMQP_URL} to one that runs."
            )
        return rabbitmq.RabbitMQ(script, local, self.folder.log / "broker.log", port, keep)

    def _cluster(self, keep: Sequence[int]) -> Cluster:
        script = rabbitmq.find_script()
        if script is None:
            raise LocalError("rabbitmq-server is not installed. Run `make install`.")
        return Cluster(
            script,
            self.folder.path / "rabbitmq-cluster",
            self.folder.log / "broker.log",
            self._amqp_port or free_port(),
            keep,
            size=self._broker_nodes,
        )

    def _choose_database(self, keep: Sequence[int]) -> Server:
        if url := os.environ.get(MONGO_URL):
            return OutsideServer("database", url, mongodb.answers, variable=MONGO_URL)
        port = self._mongo_port or free_port()
        path, log = self.folder.path, self.folder.log / "database.log"
        stand_in, own, contained = path / "nx-27017", path / "mongod", path / "mongodb-container"
        local = stand_in.exists() or own.exists()
        if not local and (server := containers.started(containers.DATABASE, contained, port)):
            return server
        _refuse_other_form(contained)
        program = mongodb.find_mongod()
        if program and not stand_in.exists():
            return mongodb.Mongod(program, own, log, port, keep)
        _refuse_other_form(own)
        return mongodb.StandIn(stand_in, log, port, keep)


def _refuse_other_form(folder: Path) -> None:
    """Better an error than an empty database beside a full one."""
    if folder.exists():
        raise LocalError(
            f"{folder} holds data of a server that cannot be started now. Bring back what it ran "
            "on, delete the folder, or set DOCLINK_DATA_DIR to another one."
        )
