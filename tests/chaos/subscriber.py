"""A subscriber: a durable queue on the event exchange; what it hears is written before the ack."""

import asyncio
import json
from contextlib import suppress
from pathlib import Path
from time import monotonic

import aio_pika
from aio_pika.abc import AbstractIncomingMessage

from contracts.topology import EVENTS
from tests.chaos.journal import HEARD, Journal
from tests.chaos.order import Order, carry_out
from tests.chaos.publishers import AWAY

PREFETCH = 200
PAUSE = 0.3
SILENCE = 5.0
"""Seconds after which it connects anew: a broker that was killed does not always say so."""
_LOOK = 0.2


class Subscriber:
    """Hears all events of a pattern."""

    def __init__(self, order: Order, journal: Journal) -> None:
        self._order = order
        self._journal = journal
        self._heard_at = 0.0

    async def listen(self, stop: asyncio.Event) -> None:
        """Connect, hear, and connect again, until told to stop."""
        while not stop.is_set():
            with suppress(*AWAY):
                connection = await aio_pika.connect(self._order.amqp, timeout=SILENCE)
                lost = asyncio.Event()
                connection.close_callbacks.add(lambda *_, lost=lost: lost.set())
                try:
                    channel = await connection.channel()
                    channel.close_callbacks.add(lambda *_, lost=lost: lost.set())
                    await channel.set_qos(prefetch_count=PREFETCH)
                    queue = await channel.get_queue(queue_of(self._order), ensure=False)
                    await queue.consume(self._take)
                    self._heard_at = monotonic()
                    while not (stop.is_set() or lost.is_set() or self._silent()):
                        with suppress(TimeoutError):
                            await asyncio.wait_for(lost.wait(), _LOOK)
                finally:
                    with suppress(*AWAY):
                        await asyncio.wait_for(connection.close(), SILENCE)
            await asyncio.sleep(PAUSE)

    async def _take(self, message: AbstractIncomingMessage) -> None:
        event = json.loads(message.body)
        self._heard_at = monotonic()
        self._journal.note(
            HEARD,
            id=event["id"],
            type=event["type"],
            subject=event["subject"],
            version=event["data"].get("version"),
            workspace=event["workspaceid"],
        )
        with suppress(*AWAY):  # else it comes again
            await message.ack()

    def _silent(self) -> bool:
        return monotonic() - self._heard_at > SILENCE


def queue_of(order: Order) -> str:
    """The subscriber's queue."""
    return f"subscriber.chaos.{order.world.workspace_id}.{order.party}"


async def declare(order: Order) -> None:
    """Make the queue and bind it, so that it hears from now on."""
    async with await aio_pika.connect(order.amqp) as connection:
        channel = await connection.channel()
        queue = await channel.declare_queue(
            queue_of(order), durable=True, arguments={"x-queue-type": "quorum"}
        )
        await queue.bind(EVENTS, order.pattern)


async def delete(order: Order) -> None:
    """Take the queue away."""
    async with await aio_pika.connect(order.amqp) as connection:
        await (await connection.channel()).queue_delete(queue_of(order))


async def _work(order: Order, stop: asyncio.Event) -> None:
    await Subscriber(order, Journal(Path(order.journal))).listen(stop)


if __name__ == "__main__":
    carry_out(_work)
