"""Publishing: a message counts as sent when the broker has confirmed it.

Publishing has a connection of its own: when the broker throttles publishers, acknowledgements on
the consuming connection still go through.
"""

import asyncio
from contextlib import suppress

from aio_pika import DeliveryMode, Message, connect_robust
from aio_pika.abc import AbstractRobustChannel, AbstractRobustConnection
from pamqp.commands import Basic

from contracts.messages import EVENT_CONTENT_TYPE, Event, EventData
from contracts.topology import EVENTS
from shared.bus.faults import AWAY, publishing
from shared.bus.lasting import last
from shared.bus.outbox import Outbox, Sending
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
        self._confirmed: Outbox | None = None
        self._replies: Outbox | None = None
        self._consuming: list[AbstractRobustChannel] = []
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
        self._confirmed = await self._confirming()
        self._replies = self._outbox(await self._channel(publisher_confirms=False))

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
        await self._send(Sending(EVENTS, event.type, body, properties, mandatory=False))

    async def forward(self, exchange: str, routing_key: str, message: Message) -> None:
        """Send a message as it is, e.g. to a retry or dead queue."""
        await self._send(
            Sending(exchange, routing_key, message.body, message.properties, mandatory=True)
        )

    async def reply(self, queue: str, message: Message) -> None:
        """Send an answer to a waiting caller's queue; it is lost if the caller has gone.

        Raises:
            BrokerUnavailable: the connection is down.
        """
        await _open(self._replies).send(
            Sending("", queue, message.body, message.properties, mandatory=False)
        )

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

    async def _confirming(self) -> Outbox:
        return self._outbox(await self._channel(publisher_confirms=True, on_return_raises=True))

    def _outbox(self, channel: AbstractRobustChannel) -> Outbox:
        return Outbox(channel, deadline=self._settings.publish_timeout)

    async def _channel(self, **options: bool) -> AbstractRobustChannel:
        if self._connection is None:
            raise RuntimeError("The publisher is not started")
        channel = self._connection.channel(**options)
        await channel.initialize()
        return channel

    async def _send(self, sending: Sending) -> None:
        try:
            await _open(self._confirmed).send(sending)
        except Overloaded:
            if self._renewing is None or self._renewing.done():
                self._renewing = asyncio.create_task(self._renew())
            raise

    async def _renew(self) -> None:
        """Publish over a new channel from now on; takes a while, and is done once in that while.

        RabbitMQ 3.10 refuses all that a channel sends to a quorum queue whose leader was on a node
        that had just died when the channel sent its first: until that node is back.
        """
        with suppress(*AWAY):
            async with asyncio.timeout(self._settings.publish_timeout):
                outbox = await self._confirming()
            old, self._confirmed = _open(self._confirmed), outbox
            await asyncio.sleep(self._settings.publish_timeout)  # for what is under way on the old
            await old.close()


def _open(outbox: Outbox | None) -> Outbox:
    if outbox is None:
        raise BrokerUnavailable("Not connected yet")
    return outbox
