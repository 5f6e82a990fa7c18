"""Which part of a file a request wants (RFC 9110, Range Requests)."""

import re

_ONE_RANGE = re.compile(r"bytes=(\d{0,19})-(\d{0,19})", re.ASCII | re.IGNORECASE)


def wanted_range(header: str | None, size: int) -> tuple[int, int] | None:
    """The first byte and the one after the last; None for all of them.

    What is no range, or several, counts as all, as the RFC allows.

    Raises:
        ValueError: the range lies outside the file.
    """
    found = _ONE_RANGE.fullmatch((header or "").strip())
    if found is None or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if first and last and int(last) < int(first):
        return None
    start = int(first) if first else max(0, size - int(last))
    end = min(int(last) + 1, size) if first and last else size
    if start >= end:
        raise ValueError(header)
    return start, end
