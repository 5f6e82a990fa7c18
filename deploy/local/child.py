"""A child process with a log file, in a process group of its own."""

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Final

from deploy.local.errors import LocalError
from deploy.local.reaper import Reaper

_REAPER: Final = Reaper()
_LOG_BYTES = 10_000_000
_TAIL_BYTES = 16_384
_TAIL_WIDTH = 300


class Child:
    """A program that is started, watched and ended by us.

    Its group of its own keeps the terminal's Ctrl-C away from it (we end things in order), and
    lets `kill` take whatever it has started along.

    Args:
        name: What people call it.
        command: The program and its arguments.
        log: Where its output goes, appended; None: where ours goes.
        env: Its whole environment.
        cwd: Its working directory.
        keep: File descriptors that it inherits.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        log: Path | None,
        env: Mapping[str, str],
        cwd: Path | None = None,
        keep: Sequence[int] = (),
    ) -> None:
        self.name = name
        self.log = log
        self._command = command
        self._env = env
        self._cwd = cwd
        self._keep = keep
        self._process: subprocess.Popen[bytes] | None = None
        self._exit_code: int | None = None

    @property
    def pid(self) -> int | None:
        """The process id, which is the group's too; None when it does not run."""
        return self._process.pid if self._process and self.running else None

    @property
    def running(self) -> bool:
        """Whether it has been started and has not ended."""
        if self._process is not None and self._process.poll() is not None:
            self._settle(self._process)
        return self._process is not None

    @property
    def exit_code(self) -> int | None:
        """How it ended last (negative: the signal); None while it runs or has never run."""
        return None if self.running else self._exit_code

    def start(self) -> None:
        """Start it; returns at once."""
        if self.running:
            return
        with _signals_held_back(), self._output() as output:
            try:
                self._process = subprocess.Popen(  # noqa: S603 - our own programs
                    self._command,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    env=self._env,
                    cwd=self._cwd,
                    pass_fds=self._keep,
                    start_new_session=True,
                )
            except OSError as error:
                raise LocalError(f"{self.name} could not be started: {error}") from error
            _REAPER.guard(self._process.pid)

    def ask_to_end(self) -> None:
        """Send SIGTERM and do not wait."""
        if self._process is not None:
            self._process.terminate()

    def end_within(self, grace: float) -> int:
        """Wait for its end; kill it when it has not ended within `grace` seconds.

        Returns:
            Its exit code.
        """
        if self._process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(grace)
        return self.kill()

    def terminate(self, grace: float) -> int:
        """Ask it to end, and kill it when it has not within `grace` seconds."""
        self.ask_to_end()
        return self.end_within(grace)

    def kill(self) -> int:
        """End it and all it has started with SIGKILL, at once.

        Returns:
            Its exit code; the former one, when it had ended already.
        """
        if self._process is not None:
            self._settle(self._process)
        return self._exit_code or 0

    def _settle(self, process: subprocess.Popen[bytes]) -> None:
        """End what is left of the group, as soon as we know: its number may be reused later."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        self._exit_code = process.wait()
        _REAPER.release(process.pid)
        self._process = None

    def tail(self, lines: int = 8) -> str:
        """The last lines of its log, indented, for an error message."""
        if self.log is None or not self.log.exists():
            return ""
        with self.log.open("rb") as file:
            file.seek(max(0, self.log.stat().st_size - _TAIL_BYTES))
            text = file.read().decode(errors="replace")
        return "\n".join(f"    {line[:_TAIL_WIDTH]}" for line in text.splitlines()[-lines:])

    @contextlib.contextmanager
    def _output(self) -> Iterator[int | None]:
        if self.log is None:
            yield None
            return
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > _LOG_BYTES:
            self.log.replace(self.log.with_suffix(".old.log"))
        with self.log.open("ab") as file:
            yield file.fileno()


@contextlib.contextmanager
def _signals_held_back() -> Iterator[None]:
    """Put off what Ctrl-C and SIGTERM do until the block ends.

    An exception between the fork and the note of it would leave a process that nobody ends.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # signal handlers run in the main thread alone
        return
    came: list[tuple[int, FrameType | None]] = []

    def note(number: int, frame: FrameType | None) -> None:
        came.append((number, frame))

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for held, earlier in before.items():
            signal.signal(held, earlier)
        for number, frame in came:
            handler = before[signal.Signals(number)]
            if callable(handler):
                handler(number, frame)
            elif handler == signal.SIG_DFL:
                os.kill(os.getpid(), number)
