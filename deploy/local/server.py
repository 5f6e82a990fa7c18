"""The broker or the database, wherever it comes from."""

import logging
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from deploy.local.child import Child
from deploy.local.errors import LocalError
from deploy.local.ports import accepts, is_free

LOG = logging.getLogger("deploy.local")
READY_TIMEOUT = 90.0
_PAUSE = 0.05

Probe = Callable[[str], bool]
"""Whether what the URL leads to does its work; raises nothing."""


class Server(ABC):
    """A server that clients reach under one URL, which stays the same over stop and start.

    Attributes:
        name: `broker` or `database`.
        kind: What it is, for people: `RabbitMQ`, `nx-27017`, ...
        url: Where clients reach it.
        user_urls: The same for each user of it by name; none where there is one user for all.
        controllable: Whether it can be stopped and killed; not so when others started it.
    """

    controllable = True

    def __init__(self, name: str, kind: str, url: str, probe: Probe) -> None:
        self.name = name
        self.kind = kind
        self.url = url
        self.user_urls: Mapping[str, str] = {}
        self._probe = probe

    def start(self) -> None:
        """Start it and return when clients can work with it."""
        self.launch()
        self.await_ready()

    def await_ready(self, timeout: float = READY_TIMEOUT) -> None:
        """Return when clients can work with it.

        Raises:
            LocalError: It has ended, or is not ready in time; with the last lines of its log.
        """
        deadline = time.monotonic() + timeout
        while not self._probe(self.url):
            if not self.running:
                raise LocalError(f"The {self.name} ({self.kind}) has ended.\n{self.tail()}")
            if time.monotonic() > deadline:
                raise LocalError(
                    f"The {self.name} ({self.kind}) did not answer at {address(self.url)} "
                    f"within {timeout:.0f} s.\n{self.tail()}"
                )
            time.sleep(_PAUSE)

    def close(self) -> None:
        """Stop it for good, and leave nothing behind but its data."""
        self.stop()

    @property
    @abstractmethod
    def running(self) -> bool:
        """Whether it runs, ready or not."""

    @abstractmethod
    def launch(self) -> None:
        """Start it; returns at once."""

    @abstractmethod
    def stop(self) -> None:
        """Stop it in order; `start` brings it back with its data and under its URL."""

    @abstractmethod
    def kill(self) -> None:
        """Stop it with SIGKILL; `start` brings it back with its data and under its URL."""

    @abstractmethod
    def tail(self) -> str:
        """The last lines of its log."""


class OutsideServer(Server):
    """One that others run; an environment variable says where.

    Args:
        name: `broker` or `database`.
        url: What the variable holds.
        probe: Tells whether it answers.
        variable: The variable.
    """

    controllable = False

    def __init__(self, name: str, url: str, probe: Probe, *, variable: str) -> None:
        super().__init__(name, f"from {variable}", url, probe)
        self._variable = variable

    @property
    def running(self) -> bool:
        """As far as we know."""
        return True

    def launch(self) -> None:
        """Nothing: others have started it."""

    def close(self) -> None:
        """Nothing: others will stop it."""

    def stop(self) -> None:
        """Not ours to stop."""
        raise LocalError(f"The {self.name} comes from {self._variable}; it is not ours to stop.")

    def kill(self) -> None:
        """Not ours to kill."""
        self.stop()

    def tail(self) -> str:
        """What to look at; we have no log."""
        return f"    {self._variable} names it; is it right, and is the {self.name} up?"


class LocalServer(Server):
    """One that runs as a program on this machine, with helpers that it needs."""

    stop_grace = 30.0

    def __init__(self, name: str, kind: str, url: str, probe: Probe) -> None:
        super().__init__(name, kind, url, probe)
        self._children: list[Child] = []

    @abstractmethod
    def prepare(self) -> list[Child]:
        """Write what it reads at start; the programs to start, the server itself last."""

    @property
    def running(self) -> bool:
        """Whether the server and its helpers run."""
        return bool(self._children) and all(child.running for child in self._children)

    @property
    def pid(self) -> int | None:
        """The process id of the server itself."""
        return self._children[-1].pid if self._children else None

    @property
    def exit_code(self) -> int | None:
        """How the server itself ended last; None while it runs or has never run."""
        return self._children[-1].exit_code if self._children else None

    def launch(self) -> None:
        """Start the programs.

        Raises:
            LocalError: Somebody else listens on the port; clients would take them for us.
        """
        if self.running:
            return
        port = urlsplit(self.url).port
        if port and not is_free(port):
            raise LocalError(f"Port {port} of the {self.name} is in use by another program.")
        self.kill()  # a helper that has outlived its server
        self._children = self.prepare()
        for child in self._children:
            child.start()

    def stop(self) -> None:
        """Stop the server, then the helpers."""
        for child in reversed(self._children):
            child.terminate(self.stop_grace)

    def kill(self) -> None:
        """Kill the server, then the helpers."""
        for child in reversed(self._children):
            child.kill()

    def tail(self) -> str:
        """The last lines of the server's log."""
        return self._children[-1].tail(15) if self._children else ""


def address(url: str) -> str:
    """Host and port of a URL; what else it holds may be secret."""
    return urlsplit(url).netloc.rpartition("@")[2]


def listens(url: str) -> bool:
    """Whether anything listens where a loopback URL points; far cheaper than a client."""
    parts = urlsplit(url)
    return parts.hostname != "127.0.0.1" or parts.port is None or accepts(parts.port)
