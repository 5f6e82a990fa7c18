"""Ids: drawn once for a command, derived for everything that follows from it."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime

from ulid import ULID

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_TIME_CHARACTERS = 10
_RANDOM_CHARACTERS = 16


def new_id(prefix: str) -> str:
    """A fresh id: `prefix`, an underscore and a ULID."""
    return f"{prefix}_{ULID()}"


def derive(prefix: str, cause_id: str, *parts: str) -> str:
    """The id of what follows from `cause_id`: the same ULID under another prefix.

    Where one cause has several consequences of a kind, `parts` tell them apart; the id then
    keeps the cause's time, and takes its other 80 bits from a hash of cause and parts.
    """
    ulid = cause_id.rpartition("_")[2]
    if parts:
        digest = hashlib.sha256("\n".join((cause_id, *parts)).encode()).digest()
        ulid = ulid[:_TIME_CHARACTERS] + "".join(_base32(digest))
    return f"{prefix}_{ulid}"


def _base32(digest: bytes) -> Iterator[str]:
    number = int.from_bytes(digest)
    for position in range(_RANDOM_CHARACTERS):
        yield _ALPHABET[(number >> (5 * position)) & 31]


def now() -> datetime:
    """The time in UTC, in whole milliseconds, which is what MongoDB keeps."""
    time = datetime.now(UTC)
    return time.replace(microsecond=time.microsecond // 1000 * 1000)
