"""Publishing: a message counts as sent when the broker has confirmed it.

Publishing has a connection of its own: when the broker throttles publishers, acknowledgements on
the consuming connection still go through.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from aio_pika import DeliveryMode, Message, connect_robust
from aio_pika.abc import AbstractRobustChannel, AbstractRobustConnection
from pamqp.commands import Basic

from contracts.messages import EVENT_CONTENT_TYPE, Event, EventData
from contracts.topology import EVENTS
from shared.bus.direct import hand_over
from shared.bus.faults import AWAY, publishing
from shared.bus.lasting import last
from shared.errors import BrokerUnavailable, Overloaded
from shared.ids import now
from shared.outcome import Announcement
from shared.settings import Settings, named


class Publisher:
    """Sends events, replies, and messages that others have made ready.

    Every call but `reply` returns when the broker has confirmed the message, and raises:
        BrokerUnavailable: no confirm within the deadline; the message may have been taken.
        Overloaded: the queue is full and has refused the message.
    """

    def __init__(self, settings: Settings, service: str) -> None:
        self._settings = settings
        self._service = service
        self._connection: AbstractRobustConnection | None = None
        self._confirmed: AbstractRobustChannel | None = None
        self._replies: AbstractRobustChannel | None = None
        self._consuming: list[AbstractRobustChannel] = []
        self._underway: set[asyncio.Timeout] = set()
        self._at_length = 0
        self._renewing: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Connect, however long that takes."""
        self._connection = await connect_robust(
            named(self._settings.amqp_url, f"doclink {self._service} publisher"),
            fail_fast=False,
            reconnect_interval=self._settings.reconnect_interval,
        )
        last(self._connection)
        # An unroutable command must not pass for a sent one. Never so for replies: a caller that
        # has gone away must not turn a command that succeeded into a failure.
        self._confirmed = await self._confirming_channel()
        self._replies = await self._channel(publisher_confirms=False)

    async def stop(self) -> None:
        """Close the connection."""
        if self._renewing is not None:
            self._renewing.cancel()
        if self._connection is not None:
            await self._connection.close()

    async def announce(self, announcement: Announcement, traceparent: str | None) -> None:
        """Send an event to whoever subscribes; it is no error that nobody does."""
        event = Event[EventData](
            id=announcement.id,
            type=announcement.data.type,
            source=f"/workspaces/{announcement.workspace_id}/{self._service}",
            subject=announcement.subject,
            time=announcement.time,
            workspaceid=announcement.workspace_id,
            traceparent=traceparent,
            data=announcement.data,
        )
        body = event.model_dump_json(exclude_none=True, serialize_as_any=True).encode()
        properties = Basic.Properties(
            content_type=EVENT_CONTENT_TYPE,
            delivery_mode=DeliveryMode.PERSISTENT,
            message_id=event.id,
            message_type=event.type,
            timestamp=now(),  # `time` is when it happened; a redelivery may announce it much later
        )
        async with self._publishing(event.type) as channel:
            if self._at_length == 0:
                confirmation = hand_over(channel, EVENTS, event.type, body, properties)
                if confirmation is not None:
                    await confirmation
                    return
            await self._publish(channel, EVENTS, event.type, body, properties, mandatory=False)

    async def forward(self, exchange: str, routing_key: str, message: Message) -> None:
        """Send a message as it is, e.g. to a retry or dead queue."""
        async with self._publishing(routing_key) as channel:
            await self._publish(
                channel, exchange, routing_key, message.body, message.properties, mandatory=True
            )

    async def reply(self, queue: str, message: Message) -> None:
        """Send an answer to a waiting caller's queue; it is lost if the caller has gone.

        Raises:
            BrokerUnavailable: the connection is down.
        """
        async with publishing("reply", self._settings.publish_timeout):
            await _open(self._replies).default_exchange.publish(message, queue, mandatory=False)

    async def until(self, event: asyncio.Event) -> None:
        """Return when it is set, which may take as long as a publish.

        Raises:
            BrokerUnavailable: it takes longer, or nothing is connected yet.
        """
        if not event.is_set():
            _open(self._confirmed)
            async with publishing("reply queue", self._settings.publish_timeout):
                await event.wait()

    async def consuming_channel(self) -> AbstractRobustChannel:
        """A channel of its own, for what this process alone hears: replies, notices."""
        channel = await self._channel(publisher_confirms=False)
        # The connection itself refers weakly to its channels: one that is collected while the
        # connection is down does not come back.
        self._consuming.append(channel)
        return channel

    async def _confirming_channel(self) -> AbstractRobustChannel:
        channel = await self._channel(publisher_confirms=True, on_return_raises=True)
        channel.close_callbacks.add(self._lost)
        return channel

    async def _channel(self, **options: bool) -> AbstractRobustChannel:
        if self._connection is None:
            raise RuntimeError("The publisher is not started")
        channel = self._connection.channel(**options)
        await channel.initialize()
        return channel

    @asynccontextmanager
    async def _publishing(self, routing_key: str) -> AsyncIterator[Any]:
        """The channel to publish over; a deadline for what is done with it."""
        try:
            async with publishing(routing_key, self._settings.publish_timeout) as limit:
                channel = _open(self._confirmed)
                if channel.is_closed:
                    raise BrokerUnavailable("The channel is closed")
                self._underway.add(limit)
                try:
                    yield await channel.get_underlay_channel()
                finally:
                    self._underway.discard(limit)
        except Overloaded:
            if self._renewing is None or self._renewing.done():
                self._renewing = asyncio.create_task(self._renew())
            raise

    async def _publish(
        self,
        channel: Any,
        exchange: str,
        routing_key: str,
        body: bytes,
        properties: Basic.Properties,
        *,
        mandatory: bool,
    ) -> None:
        self._at_length += 1
        try:
            # aio-pika's own `publish` holds the channel until the socket has taken the message:
            # one message and one system call for each turn of the event loop, however many
            # wait. Here they go out together, and each waits for its own confirm.
            await channel.basic_publish(
                body,
                exchange=exchange,
                routing_key=routing_key,
                properties=properties,
                mandatory=mandatory,
                wait=False,
            )
        finally:
            self._at_length -= 1

    async def _renew(self) -> None:
        """Publish over a new channel from now on; takes a while, and is done once in that while.

        RabbitMQ 3.10 refuses all that a channel sends to a quorum queue whose leader was on a node
        that had just died when the channel sent its first: until that node is back.
        """
        with suppress(*AWAY):
            async with asyncio.timeout(self._settings.publish_timeout):
                channel = await self._confirming_channel()
            old, self._confirmed = _open(self._confirmed), channel
            await asyncio.sleep(self._settings.publish_timeout)  # for what is under way on the old
            old.close_callbacks.discard(self._lost)
            await old.close()

    def _lost(self, *_: Any) -> None:
        """No confirm comes any more, and the client does not tell all who wait for one."""
        for limit in self._underway:
            if not limit.expired():
                limit.reschedule(0)


def _open(channel: AbstractRobustChannel | None) -> AbstractRobustChannel:
    if channel is None:
        raise BrokerUnavailable("Not connected yet")
    return channel
