"""How our measuring programs speak and end."""

import signal
import sys
from collections.abc import Callable

from deploy.local.errors import LocalError

FAILED, INTERRUPTED = 1, 130


def say(text: str) -> None:
    """Tell whoever has started the program."""
    print(text, flush=True)  # noqa: T201 - the terminal is who it is for


def complain(text: object) -> int:
    """Tell what went wrong; the exit code for it."""
    print(text, file=sys.stderr)  # noqa: T201 - the terminal is who it is for
    return FAILED


def exit_code(run: Callable[[], int], *failures: type[Exception]) -> int:
    """That of `run`, or of what ended it: an interruption, a `LocalError`, or one of `failures`."""
    told: tuple[type[Exception], ...] = (LocalError, *failures)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that all is stopped and tidied
    try:
        return run()
    except told as error:
        return complain(error)
    except KeyboardInterrupt:
        return INTERRUPTED
