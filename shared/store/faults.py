"""Database faults, as the kernel's own types."""

from collections.abc import Iterator
from contextlib import contextmanager

from pymongo.errors import (
    ConnectionFailure,
    ExecutionTimeout,
    WaitQueueTimeoutError,
    WTimeoutError,
)

from shared.errors import StoreUnavailable

_PASSING = (ConnectionFailure, ExecutionTimeout, WTimeoutError, WaitQueueTimeoutError)
"""NotPrimary and NetworkTimeout are ConnectionFailures too."""


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
