"""Database faults, as the kernel's own types."""

from collections.abc import Iterator
from contextlib import contextmanager

from pymongo.errors import (
    BulkWriteError,
    ConnectionFailure,
    ExecutionTimeout,
    WaitQueueTimeoutError,
    WriteError,
    WTimeoutError,
)

from shared.errors import StoreUnavailable

_PASSING = (ConnectionFailure, ExecutionTimeout, WTimeoutError, WaitQueueTimeoutError)
"""NotPrimary and NetworkTimeout are ConnectionFailures too."""

_DUPLICATE_KEY = 11000

_PASSING_CODES = frozenset({6, 7, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436})
"""What a server says while it steps down, shuts down or loses its network (retryable writes)."""


class Duplicate(Exception):  # noqa: N818 - a finding, not an error
    """A record with this id or this key is there already."""


class Conflict(Exception):  # noqa: N818 - a finding, not an error
    """The record has changed since it was read."""


@contextmanager
def passing_faults() -> Iterator[None]:
    """Turns the driver's connection faults into `StoreUnavailable`."""
    try:
        yield
    except _PASSING as error:
        raise StoreUnavailable(f"{type(error).__name__}: {str(error)[:200]}") from error


def write_faults(error: BulkWriteError) -> Iterator[tuple[int, Exception]]:
    """For each write of a batch that failed, its place in the batch and why; the others are done.

    Raises:
        StoreUnavailable: all of them may be undone again.
    """
    details = error.details or {}
    if details.get("writeConcernErrors"):
        raise StoreUnavailable(str(details["writeConcernErrors"])[:200]) from error
    for failed in details.get("writeErrors", []):
        message, code = str(failed.get("errmsg"))[:200], failed["code"]
        if code == _DUPLICATE_KEY:
            yield failed["index"], Duplicate(message)
        elif code in _PASSING_CODES:
            yield failed["index"], StoreUnavailable(message)
        else:
            yield failed["index"], WriteError(message, code)
