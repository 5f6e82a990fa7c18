"""A delivery: one AMQP message as the consumer sees it, with the few facts that settling needs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from aio_pika import DeliveryMode, Message
from aio_pika.abc import AbstractIncomingMessage
from aiormq.exceptions import ChannelInvalidStateError
from pamqp import encode

from contracts import headers as h
from contracts.fields import TRACEPARENT
from contracts.topology import OUTSIDE
from shared.bus.acknowledgement import Acknowledgements
from shared.bus.frame import Incoming, Part

MAX_HEADER_BYTES = 32 * 1024
"""Longer headers are not sent on: the broker closes a connection whose frame is over 128 KiB."""

MAX_NAME_BYTES = 128
"""AMQP's limit for a header's name; the broker takes longer ones, the client would cut them."""

MAX_TEXT = 255
"""AMQP's own limit for names and routing keys."""

MAX_ATTEMPTS = 1000
"""More than any message of ours ever has; the next number must still be one that AMQP knows."""

_OURS = ("x-doclink-", "x-death", "x-first-death-", "x-last-death-")
"""How the headers begin that doclink or the broker sets."""

_OF_BROKER = ("CC", "BCC", "x-death", "x-first-death-", "x-last-death-")
"""How the headers begin that the broker itself follows: what is sent on goes to one place. And over
an `x-death` that is none RabbitMQ 3 stops to move what has waited in a retry queue, for everybody.
"""


@dataclass(frozen=True)
class Delivery:
    """One message from the queue `queue`; settled by exactly one acknowledgement."""

    raw: Incoming
    queue: str
    retried: bool = True
    """Whether the queue has retry queues; queries have none, their callers do not wait."""

    @property
    def framed(self) -> bool:
        """Whether it came with others in a frame; then its answer may go back in one."""
        return isinstance(self.raw, Part)

    @property
    def body(self) -> bytes:
        """The bytes as they came."""
        return self.raw.body

    @cached_property
    def type(self) -> str:
        """The routing key that the message first came with."""
        return self._text(h.ROUTING_KEY) or self.raw.routing_key or ""

    @cached_property
    def publisher(self) -> str | None:
        """Who sent it from outside, as the broker has checked it; None for one of our own.

        It is empty if the sender has not said who he is.
        """
        if self._is_from_outside:
            return self.raw.user_id or ""
        return self._text(h.PUBLISHER)

    @cached_property
    def headers(self) -> Mapping[str, Any]:
        """The headers, without those that say what only doclink itself can know, if it did not."""
        given = self.raw.headers
        if not self._is_from_outside:
            return given
        return {name: value for name, value in given.items() if not name.startswith(_OURS)}

    @property
    def reply_to(self) -> str | None:
        """The queue of the caller that waits, if one does.

        Nobody outside does: a publisher reads no queue, and could have us write into another's.
        """
        return (self.raw.reply_to or None) if self.publisher is None else None

    @property
    def _is_from_outside(self) -> bool:
        # The broker says by which exchange a message comes; no sender can.
        return self.raw.exchange == OUTSIDE

    @property
    def attempts(self) -> int:
        """How often the message has failed in passing before."""
        value = self.headers.get(h.ATTEMPTS)
        # Anybody can send a header.
        return min(max(0, value), MAX_ATTEMPTS) if isinstance(value, int) else 0

    @property
    def returned(self) -> int:
        """How often it has come back to this queue unsettled, since its consumers ended."""
        value = self.raw.headers.get(h.DELIVERY_COUNT)
        # What comes for the first time has the sender's header, if any.
        return value if self.raw.redelivered and isinstance(value, int) else 0

    @property
    def crashes(self) -> int:
        """How often it came back in all, to this queue and to the one before it."""
        value = self.headers.get(h.CRASHES)
        before = min(max(0, value), MAX_ATTEMPTS) if isinstance(value, int) else 0
        return before + self.returned

    @property
    def first_failed_at(self) -> str | None:
        """When that was for the first time."""
        return self._text(h.FIRST_FAILED_AT)

    @property
    def request_id(self) -> str | None:
        """The HTTP request that it stems from."""
        return self._text(h.REQUEST_ID)

    @property
    def traceparent(self) -> str | None:
        """The caller's trace context, if it is well formed."""
        value = self._text(h.TRACEPARENT)
        return value if value and TRACEPARENT.match(value) else None

    @property
    def lost(self) -> bool:
        """True when the channel has gone: the broker will deliver the message again."""
        try:
            return self.raw.channel.is_closed
        except ChannelInvalidStateError:  # how the client says that it is
            return True

    async def acknowledge(self, by: Acknowledgements) -> None:
        """Take the message off its queue; what came in a frame, with the last of it."""
        if not self.lost and (not isinstance(self.raw, Part) or self.raw.frame.settle_one()):
            await by.acknowledge(self._whole)

    async def give_back(self, by: Acknowledgements) -> None:
        """Put the message back into its queue, and all that came in its frame with it.

        What of that is settled is done once more then, to no effect.
        """
        if not self.lost:
            await by.give_back(self._whole)

    @property
    def _whole(self) -> AbstractIncomingMessage:
        return self.raw.frame.raw if isinstance(self.raw, Part) else self.raw

    def copy(self, **headers: Any) -> Message:
        """The same message to be sent on, persistent, with further headers."""
        kept = {
            h.ROUTING_KEY: self.type,
            h.EXCHANGE: self._text(h.EXCHANGE) or self.raw.exchange or "",
        }
        if self.publisher is not None:
            kept[h.PUBLISHER] = self.publisher
        return Message(
            self.raw.body,
            headers={**self._given_headers(), **kept, **headers},
            content_type=self.raw.content_type,
            content_encoding=self.raw.content_encoding,
            delivery_mode=DeliveryMode.PERSISTENT,
            correlation_id=self.raw.correlation_id,
            reply_to=self.reply_to,
            message_id=self.raw.message_id,
            type=self.raw.type,
            timestamp=self.raw.timestamp,
            app_id=self.raw.app_id,
        )

    def _given_headers(self) -> dict[str, Any]:
        """The headers as they came; none, if with ours they might be longer than a frame."""
        given = {
            name: value
            for name, value in self.headers.items()
            if not name.startswith(_OF_BROKER) and _size(name, value)
        }
        whole = sum(_size(name, value) for name, value in given.items())
        return given if whole <= MAX_HEADER_BYTES else {}

    def _text(self, header: str) -> str | None:
        value = self.headers.get(header)
        return value if isinstance(value, str) and len(value) <= MAX_TEXT else None


def _size(name: str, value: Any) -> int:
    """A header's length in bytes; 0 for what the client can read and not write.

    That are floats beyond 32 bits, decimals beyond 31, strings that are not UTF-8, long names.
    """
    if len(name.encode()) > MAX_NAME_BYTES:
        return 0
    try:
        return len(encode.field_table({name: value}))
    except (TypeError, ValueError, OverflowError):
        return 0


def time_in(value: object) -> datetime | None:
    """The time in a header, if it is one; UTC if it does not say."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    return value if value.tzinfo else value.replace(tzinfo=UTC)
