"""Frames: several requests of one process to one service, in one AMQP message.

A frame is doclink's own affair: a single JSON message stays the public contract, and is always
taken. Its body is lines of JSON: first a list with what AMQP's properties and headers would hold of
each message, then the messages themselves. No JSON that we write has a line break in it.

Whoever has read a frame treats each message in it as one that came alone, but for the
acknowledgement: that is the whole frame's, when all of them are settled.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aio_pika.abc import AbstractIncomingMessage

from contracts import headers as h
from contracts.messages import JSON_CONTENT_TYPE
from shared.errors import InvalidMessage

CONTENT_TYPE = "application/vnd.doclink.frame"
MAX_PIECES = 32
"""Messages in a frame at most; a full one goes at once (docs/decisions/0022)."""
DISTANCE_SECONDS = 0.025
"""From one frame to the next at least, where messages come in crowds and do not fill it sooner."""


@dataclass(frozen=True)
class Piece:
    """One message of a frame; `facts` are what AMQP's properties would say of it."""

    body: bytes
    facts: dict[str, Any]


def pack(pieces: Sequence[Piece]) -> bytes:
    """The body of a frame."""
    facts = json.dumps([piece.facts for piece in pieces], separators=(",", ":"))
    return b"\n".join((facts.encode(), *(piece.body for piece in pieces)))


def unpack(body: bytes) -> list[Piece]:
    """The messages of a frame.

    Raises:
        InvalidMessage: it is none.
    """
    first, *bodies = body.split(b"\n")
    try:
        facts = json.loads(first)
    except (ValueError, RecursionError) as error:
        raise InvalidMessage("The first line of a frame must be JSON") from error
    if not isinstance(facts, list) or len(facts) != len(bodies):
        raise InvalidMessage("The first line of a frame must list the lines that follow")
    if not bodies or not all(isinstance(each, dict) for each in facts):
        raise InvalidMessage("The first line of a frame must list objects")
    return [Piece(each, fact) for each, fact in zip(bodies, facts, strict=True)]


class Frame:
    """A frame that has been delivered."""

    def __init__(self, raw: AbstractIncomingMessage) -> None:
        """Raises `InvalidMessage` if it is none."""
        self.raw = raw
        self.parts = [Part(self, piece) for piece in unpack(raw.body)]
        self._unsettled = len(self.parts)

    def settle_one(self) -> bool:
        """Count one more of its messages as settled; true if that was the last."""
        self._unsettled -= 1
        return self._unsettled == 0


@dataclass(frozen=True)
class Part:
    """One message of a delivered frame, with all that a delivery looks at."""

    frame: Frame
    piece: Piece
    headers: dict[str, Any] = field(init=False)
    content_type: str = JSON_CONTENT_TYPE
    content_encoding: str | None = None
    timestamp: datetime | None = None
    app_id: str | None = None

    def __post_init__(self) -> None:
        """Its own headers, and the broker's count of the frame's deliveries."""
        given = self.piece.facts.get("headers")
        headers = dict(given) if isinstance(given, dict) else {}
        headers.pop(h.DELIVERY_COUNT, None)
        if (count := self.frame.raw.headers.get(h.DELIVERY_COUNT)) is not None:
            headers[h.DELIVERY_COUNT] = count
        object.__setattr__(self, "headers", headers)

    @property
    def body(self) -> bytes:  # noqa: D102 - as aio-pika's message has it
        return self.piece.body

    @property
    def type(self) -> str | None:  # noqa: D102
        return self._text("type")

    @property
    def routing_key(self) -> str | None:  # noqa: D102
        return self._text("type")

    @property
    def message_id(self) -> str | None:  # noqa: D102
        return self._text("message_id")

    @property
    def correlation_id(self) -> str | None:  # noqa: D102
        return self._text("correlation_id")

    @property
    def exchange(self) -> str | None:  # noqa: D102
        return self.frame.raw.exchange

    @property
    def user_id(self) -> str | None:  # noqa: D102
        return self.frame.raw.user_id

    @property
    def reply_to(self) -> str | None:  # noqa: D102
        return self.frame.raw.reply_to

    @property
    def redelivered(self) -> bool | None:  # noqa: D102
        return self.frame.raw.redelivered

    @property
    def channel(self) -> Any:  # noqa: D102
        return self.frame.raw.channel

    def _text(self, fact: str) -> str | None:
        value = self.piece.facts.get(fact)
        return value if isinstance(value, str) else None


Incoming = AbstractIncomingMessage | Part
"""What a consumer takes: a message that came alone, or one of a frame."""
