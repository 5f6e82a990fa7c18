"""Where a page of a collection has ended, as an opaque token that the caller brings back.

The token holds the values by which the last row was sorted, not how many there were: so rows that
come and go between two pages make no other row appear twice or not at all.
"""

import binascii
import json
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

Value = int | str | None


@dataclass(frozen=True)
class Position:
    """The last row's values of the properties in order, its key at the end; and the page size.

    Clients ask for the next page without the page size that they had preferred.
    """

    values: tuple[Value, ...]
    page_size: int

    def token(self) -> str:
        """This position in one word that fits a query."""
        text = json.dumps([self.page_size, *self.values], ensure_ascii=False, separators=(",", ":"))
        return urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def of(cls, token: str, types: Sequence[type], max_page_size: int) -> Self | None:
        """The position that a token stands for; None if it does not fit values of these types."""
        try:
            padded = token + "=" * (-len(token) % 4)
            held = json.loads(b64decode(padded, altchars="-_", validate=True))
        except (binascii.Error, ValueError, RecursionError):
            return None
        if not isinstance(held, list) or len(held) != len(types) + 1:
            return None
        size, *values = held
        sound = type(size) is int and 1 <= size <= max_page_size and values[-1] is not None
        for value, kind in zip(values, types, strict=True):
            sound = sound and (value is None or type(value) is kind)
        return cls(tuple(values), size) if sound else None
