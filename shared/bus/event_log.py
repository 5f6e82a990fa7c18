"""The event log: every event that was sent, read again from a point in time to where it ends now.

A stream has no end that a reader could see, and its length is known late. So the reader marks the
end itself: it writes an empty message into the log, of a type that no event has, and reads until
it finds it.
https://www.rabbitmq.com/docs/streams#consuming
"""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage, FieldValue
from ulid import ULID

from contracts.topology import EVENT_LOG
from shared.bus.faults import publishing
from shared.ids import now
from shared.settings import Settings, named

MARK = "doclink.log.mark"
"""The AMQP type of the message that marks the end."""

PREFETCH = 1000
ACKNOWLEDGED_AT_ONCE = 200
NEXT_WITHIN_SECONDS = 30.0

CLOCKS_DIFFER = timedelta(minutes=1)
"""By how much the broker's clock, by which a stream finds a time, may differ from a service's."""


@dataclass(frozen=True)
class Logged:
    """One event as it lies in the log."""

    raw: AbstractIncomingMessage
    sent_at: datetime
    """To the second."""

    @property
    def type(self) -> str:
        """The routing key that it was sent with."""
        return self.raw.routing_key or ""

    @property
    def workspace_id(self) -> str | None:
        """Whose it is; None for what is no event."""
        try:
            event = json.loads(self.raw.body)
        except (ValueError, RecursionError):  # a stranger's, nested beyond all reason
            return None
        return event.get("workspaceid") if isinstance(event, dict) else None


async def read(settings: Settings, since: datetime | None) -> AsyncGenerator[Logged, None]:
    """All that was sent since then, or since the log begins, in the order in which it came.

    What says not when it was sent (a stranger's event) counts as sent with the one before it.

    Raises:
        BrokerUnavailable: the broker does not answer, or has no event log.
    """
    sent_at = since or datetime.fromtimestamp(0, UTC)
    async with _incoming(settings, since) as (messages, mark):
        number = 0
        while (raw := await _next(messages)).message_id != mark:
            number += 1
            if number % ACKNOWLEDGED_AT_ONCE == 0:
                await raw.ack(multiple=True)  # gives the broker leave to send more
            if raw.type == MARK:
                continue  # another reader's
            sent_at = raw.timestamp or sent_at
            # A stream begins with the chunk that has the time in it, or somewhat earlier.
            if since is None or sent_at >= since:
                yield Logged(raw, sent_at)


Messages = asyncio.Queue[AbstractIncomingMessage]


@asynccontextmanager
async def _incoming(
    settings: Settings, since: datetime | None
) -> AsyncIterator[tuple[Messages, str]]:
    """What comes from the log, and the id of the message that ends it."""
    messages, mark = Messages(), f"mark_{ULID()}"
    async with publishing(EVENT_LOG, settings.publish_timeout):
        # Not a robust one: that would begin anew after a reconnect, unseen.
        connection = await aio_pika.connect(named(settings.amqp_url, "doclink event log reader"))
    async with connection:
        async with publishing(EVENT_LOG, settings.publish_timeout):
            channel = await connection.channel(on_return_raises=True)
            end = aio_pika.Message(b"", message_id=mark, type=MARK)
            await channel.default_exchange.publish(end, EVENT_LOG)
            await _consume(channel, messages, since)
        yield messages, mark


async def _consume(channel: AbstractChannel, messages: Messages, since: datetime | None) -> None:
    # A time to come would have the reader wait for what comes after the mark.
    offset: FieldValue = "first" if since is None else min(since, now()) - CLOCKS_DIFFER
    arguments: dict[str, Any] = {"x-stream-offset": offset}
    await channel.set_qos(prefetch_count=PREFETCH)  # a stream demands one
    log = await channel.get_queue(EVENT_LOG, ensure=False)
    await log.consume(messages.put, arguments=arguments)


async def _next(messages: Messages) -> AbstractIncomingMessage:
    if messages.empty():
        async with publishing(EVENT_LOG, NEXT_WITHIN_SECONDS):
            return await messages.get()
    return messages.get_nowait()
