"""Reads messages that the client library gives up a connection over.

The broker takes a time in the year 50,000, a name that is not UTF-8 and headers nested without end;
the library cannot decode them, and ends the whole connection. Delivered again and again, one such
message would stop every consumer of its queue, and take those beside it to their delivery limit.
What cannot be read is left out here; the message is then judged like any other.
"""

from typing import Any

from pamqp import decode

MAX_DEPTH = 16
"""How deep a header may be nested; the broker's own `x-death` is two deep."""


def tolerate() -> None:
    """Have all connections of this process read so, from now on."""
    decode.METHODS.update(shortstr=_text, timestamp=_time, table=_headers)
    decode.TABLE_MAPPING[b"T"] = _time


def _text(data: bytes) -> tuple[int, str]:
    end = 1 + data[0]
    try:
        return end, data[1:end].decode()
    except UnicodeDecodeError:
        # One byte for each: it may be sent on, and must not be longer than it was.
        return end, data[1:end].decode("ascii", "replace").replace("\N{REPLACEMENT CHARACTER}", "?")


def _time(data: bytes) -> tuple[int, Any]:
    try:
        return decode.timestamp(data)
    except (ValueError, OverflowError):
        return 8, None


def _headers(data: bytes) -> tuple[int, Any]:
    try:
        end, headers = decode.field_table(data)
    except (ValueError, RecursionError):
        return 4 + int.from_bytes(data[:4]), {}
    return end, {name: value for name, value in headers.items() if _is_shallow(value, MAX_DEPTH)}


def _is_shallow(value: object, depth: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return depth > 0 and all(_is_shallow(each, depth - 1) for each in inner)
