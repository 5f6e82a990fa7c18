"""Starts again what ends by itself, and says why it ended."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass

from deploy.local.errors import LocalError
from deploy.local.processes import ServiceProcess
from deploy.local.server import Server
from deploy.local.stack import Stack

_PAUSE = 0.5
_RESTART_PAUSES = (0.0, 1.0, 2.0, 5.0, 10.0)
_STABLE_SECONDS = 60.0


@dataclass
class _Watched:
    """A process under watch.

    Attributes:
        running: Whether it runs.
        start: Starts it and does not wait.
        why: How it ended, with the end of its log.
        ends: How often it ended without having run for long in between.
        due: When it is to be started again; None while it runs.
        started: When it was started last.
    """

    running: Callable[[], bool]
    start: Callable[[], None]
    why: Callable[[], str]
    ends: int = 0
    due: float | None = None
    started: float = 0.0


class Watch:
    """Looks after the processes of a stack.

    Args:
        stack: A stack that has been started.
        say: Tells people.
    """

    def __init__(self, stack: Stack, say: Callable[[str], None]) -> None:
        servers = (stack.infrastructure.broker, stack.infrastructure.database)
        self._watched = [
            *(_of_server(each) for each in servers if each.controllable),
            *(_of_service(each) for each in stack.services),
        ]
        self._say = say
        self._parent = os.getppid()

    def run(self) -> None:
        """Return when make, if it started us, is gone without having told us."""
        while not self._is_orphan():
            for each in self._watched:
                self._look(each)
            time.sleep(_PAUSE)

    def _look(self, each: _Watched) -> None:
        now = time.monotonic()
        if each.due is None and not each.running():
            each.ends = 0 if now - each.started > _STABLE_SECONDS else each.ends + 1
            pause = _RESTART_PAUSES[min(each.ends, len(_RESTART_PAUSES) - 1)]
            each.due = now + pause
            self._say(f"{each.why()}\nIt is started again{f' in {pause:.0f} s' if pause else ''}.")
        if each.due is not None and now >= each.due:
            each.due, each.started = None, now
            try:
                each.start()
            except LocalError as error:
                self._say(str(error))

    def _is_orphan(self) -> bool:
        # make passes SIGTERM on, but cannot pass on a SIGKILL.
        return "MAKELEVEL" in os.environ and os.getppid() != self._parent


def _of_service(service: ServiceProcess) -> _Watched:
    return _Watched(
        running=lambda: service.running,
        start=service.start,
        why=lambda: f"{service.obituary()} The end of its log:\n{service.tail()}",
    )


def _of_server(server: Server) -> _Watched:
    return _Watched(
        running=lambda: server.running,
        start=server.launch,
        why=lambda: f"The {server.name} has ended. The end of its log:\n{server.tail()}",
    )
