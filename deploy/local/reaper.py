"""Sees to it that no child outlives us, not even when we are killed with SIGKILL.

The reaper is a small process in a session of its own. It reads from a pipe which process groups
live; when the pipe ends, whatever way we ended, it kills those that are left. The other way,
PR_SET_PDEATHSIG, fires already when the *thread* that started a child ends, which a test that
starts a broker from a thread pool would find out the hard way.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from typing import IO


class Reaper:
    """The end of the pipe that we hold. One per Python process, started with the first child."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pipe: IO[str] | None = None
        self._owner = 0

    def guard(self, group: int) -> None:
        """From now on the process group dies with us."""
        self._tell(f"+{group}")

    def release(self, group: int) -> None:
        """The process group has ended; its number may be reused."""
        self._tell(f"-{group}")

    def _tell(self, line: str) -> None:
        with self._lock:
            if self._pipe is None or self._owner != os.getpid():
                self._pipe = self._start()
                self._owner = os.getpid()
            print(line, file=self._pipe, flush=True)

    @staticmethod
    def _start() -> IO[str]:
        process = subprocess.Popen(  # noqa: S603 - ourselves
            # Isolated and without site-packages, it is up in 20 ms and takes little memory.
            [sys.executable, "-I", "-S", __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
            text=True,
        )
        # It ends with our pipe, after us: there is nothing to wait for, and no warning is due.
        process.returncode = 0
        if process.stdin is None:
            raise RuntimeError("The reaper was started without a pipe.")
        return process.stdin


def reap() -> None:
    """Read `+group` and `-group` until the pipe ends, then kill the groups that are left."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # ours come with the pipe, and not before
    groups: set[int] = set()
    for line in sys.stdin:
        group = int(line[1:])
        if line.startswith("+"):
            groups.add(group)
        else:
            groups.discard(group)
    for group in groups:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    reap()
