"""A delivery: one AMQP message as the consumer sees it, with the few facts that settling needs."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from aio_pika import DeliveryMode, Message
from aio_pika.abc import AbstractIncomingMessage
from aiormq.exceptions import ChannelInvalidStateError

from contracts import headers as h
from contracts.fields import TRACEPARENT

MAX_HEADER_BYTES = 32 * 1024
"""Longer headers are not sent on: the broker closes a connection whose frame is over 128 KiB."""

MAX_TEXT = 255
"""AMQP's own limit for names and routing keys."""


@dataclass(frozen=True)
class Delivery:
    """One message from the queue `queue`; settled by exactly one acknowledgement."""

    raw: AbstractIncomingMessage
    queue: str
    retried: bool = True
    """Whether the queue has retry queues; queries have none, their callers do not wait."""

    @property
    def body(self) -> bytes:
        """The bytes as they came."""
        return self.raw.body

    @cached_property
    def type(self) -> str:
        """The routing key that the message first came with."""
        return self._text(h.ROUTING_KEY) or self.raw.routing_key or ""

    @property
    def reply_to(self) -> str | None:
        """The queue of the caller that waits, if one does."""
        return self.raw.reply_to or None

    @property
    def attempts(self) -> int:
        """How often the message has failed in passing before."""
        value = self.raw.headers.get(h.ATTEMPTS)
        return max(0, value) if isinstance(value, int) else 0  # anybody can send a header

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

    async def acknowledge(self) -> None:
        """Take the message off its queue."""
        if not self.lost:
            await self.raw.ack()

    async def give_back(self) -> None:
        """Put the message back into its queue."""
        if not self.lost:
            await self.raw.nack(requeue=True)

    def copy(self, **headers: Any) -> Message:
        """The same message to be sent on, persistent, with further headers."""
        kept = {
            h.ROUTING_KEY: self.type,
            h.EXCHANGE: self._text(h.EXCHANGE) or self.raw.exchange or "",
        }
        return Message(
            self.raw.body,
            headers={**self._given_headers(), **kept, **headers},
            content_type=self.raw.content_type,
            content_encoding=self.raw.content_encoding,
            delivery_mode=DeliveryMode.PERSISTENT,
            correlation_id=self.raw.correlation_id,
            reply_to=self.raw.reply_to,
            message_id=self.raw.message_id,
            type=self.raw.type,
            timestamp=self.raw.timestamp,
            app_id=self.raw.app_id,
        )

    def _given_headers(self) -> dict[str, Any]:
        """The headers as they came; none, if with ours they might be longer than a frame."""
        given = self.raw.headers
        return dict(given) if len(str(given).encode()) <= MAX_HEADER_BYTES else {}

    def _text(self, header: str) -> str | None:
        value = self.raw.headers.get(header)
        return value if isinstance(value, str) and len(value) <= MAX_TEXT else None
