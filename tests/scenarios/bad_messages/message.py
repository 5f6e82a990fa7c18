"""One bad message: what is published, where, and where it may be found afterwards."""

import re
from dataclasses import dataclass, field
from typing import Any

from contracts.topology import COMMANDS, QUERIES, QUEUES, matches

RETURNED = (COMMANDS, QUERIES)
"""Exchanges that tell the publisher when no queue takes a message."""

COMMAND_ID = "cmd_01KPDH8TX0YXERHE0KS4V300SF"
"""Stands in drawn bodies for the message's own."""

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ID = re.compile(r"bad-\d{6}")


@dataclass(frozen=True)
class Wire:
    """Bytes as they go over the wire, where the client library would write other ones."""

    data: bytes


@dataclass(frozen=True)
class Draft:
    """A message before it has a number; `kind` is what is wrong with it, for people."""

    kind: str
    exchange: str
    routing_key: str
    body: bytes
    properties: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, Any] | Wire = field(default_factory=dict)
    answered: bool = False
    """Whether the sender waits for an answer."""


@dataclass(frozen=True)
class BadMessage:
    """A draft with a number, from which its ids are derived."""

    number: int
    draft: Draft

    @property
    def id(self) -> str:
        """Its message id, and correlation id."""
        return f"bad-{self.number:06d}"

    @property
    def command_id(self) -> str:
        """The id of the command that it is, or pretends to be."""
        digits = "".join(_ALPHABET[(self.number >> shift) & 31] for shift in range(75, -5, -5))
        return f"cmd_01KPDH8TX0{digits}"

    @property
    def body(self) -> bytes:
        """What is sent."""
        return self.draft.body.replace(COMMAND_ID.encode(), self.command_id.encode())

    @property
    def ends(self) -> int:
        """How often it has to end: in each queue that takes it, or by coming back."""
        return max(1, self._queues())

    def _queues(self) -> int:
        if not self.draft.exchange:
            return 1
        bound = [key for queue in QUEUES for name, key in queue.bindings if self._is_to(name, key)]
        return len(bound)

    def _is_to(self, exchange: str, key: str) -> bool:
        # The event log takes all events and handles none.
        return (
            exchange == self.draft.exchange and key != "#" and matches(key, self.draft.routing_key)
        )


def own_id(text: str | None) -> str | None:
    """The id of the bad message that is named there, if one is."""
    found = _ID.search(text or "")
    return None if found is None else found.group()
