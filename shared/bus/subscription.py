"""Subscriptions: FastStream's subscribers, one per queue, set up as the design demands.

What differs from FastStream's defaults, and why:
- own acknowledgement (`MANUAL`): its policies drop a failed message or spin on it;
- a message goes from the client straight to our consumer: FastStream's parser, middlewares, scopes
  and decoder are an eighth of what a message costs (docs/decisions/0025);
- a channel with a prefetch for each queue: else every waiting message becomes a task;
- at shutdown the consumer is cancelled first: FastStream waits first, and what is delivered
  meanwhile burns one of its limited deliveries.
"""

import asyncio
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from aio_pika import IncomingMessage
from aio_pika.abc import AbstractChannel, AbstractQueue
from faststream.middlewares import AckPolicy
from faststream.rabbit import Channel, RabbitBroker, RabbitQueue
from faststream.rabbit.subscriber.usecase import RabbitSubscriber

from contracts.catalogue import Service
from contracts.topology import EVENTS, alone_queue, event_queue
from shared.bus import topology
from shared.bus.consumer import Consumer
from shared.bus.faults import publishing
from shared.bus.lasting import last
from shared.logs import logger
from shared.settings import Settings, named

log = logger(__name__)

_HINT = "import deploy/broker/definitions.json into the broker, or set DOCLINK_TOPOLOGY=declare"


class Subscriptions:
    """The consuming side of a service."""

    def __init__(self, settings: Settings, service: Service, consumers: Sequence[Consumer]) -> None:
        self._settings = settings
        self._broker = RabbitBroker(
            named(settings.amqp_url, f"doclink {service} consumer"),
            fail_fast=False,
            reconnect_interval=settings.reconnect_interval,
            graceful_timeout=settings.shutdown_grace,
            apply_types=False,
            logger=None,
        )
        self._subscribers = {c.queue: self._subscribe(c) for c in consumers} | {
            alone_queue(c.queue): self._subscribe(c, alone=True) for c in consumers if c.retried
        }
        self._service = service
        self._declaring: AbstractChannel | None = None
        self._queues: dict[str, AbstractQueue] = {}

    def _subscribe(self, consumer: Consumer, *, alone: bool = False) -> RabbitSubscriber:
        queue = alone_queue(consumer.queue) if alone else consumer.queue
        subscriber = self._broker.subscriber(
            RabbitQueue(queue, declare=False),
            channel=Channel(prefetch_count=1 if alone else self._settings.prefetch),
            ack_policy=AckPolicy.MANUAL,
        )

        async def take(message: IncomingMessage) -> None:
            with subscriber.lock:  # for which the broker waits when it stops
                await consumer.take(message, alone=alone)

        subscriber.process_message = take  # type: ignore[method-assign, assignment] # for each message
        subscriber(take)  # else it would not consume at all
        return subscriber

    async def connect(self) -> None:
        """Connect, and return when the queues are there, however long that takes."""
        connection = await self._broker.connect()
        last(connection)
        older: set[str] = set()
        while not self._queues:
            self._declaring = connection.channel()
            await self._declaring.initialize()
            try:
                self._queues = await self._topology(self._declaring, older)
            except topology.OtherArguments as other:
                # A queue cannot be changed, and may hold messages: better the old one than none.
                log.warning("queue.older", queue=other.queue)
                older.add(other.queue)
                await self._declaring.close()
            except topology.Missing as missing:
                log.error("queue.missing", queue=missing.queue, hint=_HINT)  # noqa: TRY400 - says it all
                await self._declaring.close()
                await asyncio.sleep(self._settings.reconnect_interval)

    async def _topology(
        self, channel: AbstractChannel, older: AbstractSet[str]
    ) -> dict[str, AbstractQueue]:
        if self._settings.topology == "given":
            return await topology.given(channel, self._service)
        return await topology.declare(channel, older)

    async def hear(self, event_type: str) -> None:
        """Have the service's event queue get all events of a type, from now on.

        Raises:
            BrokerUnavailable: the broker does not answer.
        """
        async with publishing(event_type, self._settings.publish_timeout):
            await self._queues[event_queue(self._service)].bind(EVENTS, event_type)

    async def start(self) -> None:
        """Begin to take messages."""
        await self._broker.start()

    async def stop(self) -> None:
        """Take no new message, finish what is in flight within the grace, then close."""
        await asyncio.gather(*(_cancel(s) for s in self._subscribers.values()))
        await self._broker.stop()

    def attached(self) -> dict[str, bool]:
        """For each queue, whether the broker delivers to this process."""
        return {queue: _is_attached(s) for queue, s in self._subscribers.items()}


async def _cancel(subscriber: RabbitSubscriber) -> None:
    queue, tag = subscriber._queue_obj, subscriber._consumer_tag  # noqa: SLF001 - no public way
    if queue is not None and tag is not None and not queue.channel.is_closed:
        await queue.cancel(tag)
        subscriber._consumer_tag = None  # noqa: SLF001 - so that it is not cancelled twice


def _is_attached(subscriber: RabbitSubscriber) -> bool:
    queue = subscriber._queue_obj  # noqa: SLF001 - no public way
    return subscriber.running and queue is not None and not queue.channel.is_closed
