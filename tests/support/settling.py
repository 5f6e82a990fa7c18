"""One message at a time from a queue of the test's own, settled, and what was seen of it."""

import json
from dataclasses import dataclass, field
from typing import Any

import aio_pika
from aio_pika.abc import AbstractIncomingMessage, AbstractQueue
from ulid import ULID

from contracts.topology import EVENTS, RETRY, RETRY_STEPS_SECONDS, alone_queue, retry_queue
from shared.bus.delivery import Delivery
from shared.bus.publisher import Publisher
from shared.bus.settlement import Settlement, Verdict
from tests.support.bus import Outsider
from tests.support.dead import dead

SENTINEL = "sentinel"


@dataclass
class Seen:
    """All that followed from a verdict."""

    replies: list[Any] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    parked: list[AbstractIncomingMessage] = field(default_factory=list)
    retried: list[AbstractIncomingMessage] = field(default_factory=list)
    left: list[AbstractIncomingMessage] = field(default_factory=list)
    """What is still in the queue."""

    @property
    def kinds(self) -> set[str]:
        """Which of these there is something of."""
        return {name for name, found in vars(self).items() if found}


class Bench:
    """Settles messages of a queue that no service consumes, on behalf of the link service."""

    def __init__(self, outsider: Outsider, publisher: Publisher) -> None:
        self.queue_name = f"tests.settlement.{ULID()}"
        self.publisher = publisher
        self.settlement = Settlement(publisher, "links")
        self._outsider = outsider
        self._replies_name = f"{self.queue_name}.replies"

    async def start(self) -> None:
        """Declare the queues."""
        channel = self._outsider.channel
        self._queue = await channel.declare_queue(self.queue_name, exclusive=True)
        self._replies = await channel.declare_queue(self._replies_name, exclusive=True)
        self._events = await channel.declare_queue(exclusive=True)
        await self._events.bind(EVENTS, "#")
        self._retries = await channel.declare_queue(exclusive=True)
        for step in range(len(RETRY_STEPS_SECONDS)):
            await self._retries.bind(RETRY, retry_queue(self.queue_name, step))
        await self._retries.bind(RETRY, alone_queue(self.queue_name))

    async def deliver(
        self,
        body: bytes = b"the body",
        *,
        waiting: bool = False,
        retried: bool = True,
        **properties: Any,
    ) -> Delivery:
        """A delivery whose caller waits or not, and what belongs to it."""
        if waiting:
            properties |= {"reply_to": self._replies_name, "correlation_id": "7"}
        message = aio_pika.Message(body, message_id=str(ULID()), **properties)
        await self._outsider.channel.default_exchange.publish(message, self.queue_name)
        return await self._delivered(retried=retried)

    async def deliver_again(self) -> Delivery:
        """The latest delivery once more, as if its consumer had ended."""
        await self.lose()
        return await self._delivered(retried=True)

    async def _delivered(self, *, retried: bool) -> Delivery:
        self._channel = self._outsider.connection.channel()
        await self._channel.initialize()
        queue = await self._channel.get_queue(self.queue_name, ensure=False)
        return Delivery(await queue.get(), self.queue_name, retried=retried)

    async def lose(self) -> None:
        """Close the channel of the latest delivery; what was not acknowledged goes back."""
        await self._channel.close()

    async def settle(self, delivery: Delivery, verdict: Verdict) -> Seen:
        """What is seen after the delivery is settled."""
        await self.settlement.settle(delivery, verdict)
        return await self.seen(delivery)

    async def seen(self, delivery: Delivery) -> Seen:
        """What is seen now."""
        await self.lose()
        # Replies are not confirmed: this one comes after them.
        await self.publisher.reply(
            self._replies_name, aio_pika.Message(b"{}", correlation_id=SENTINEL)
        )
        seen = Seen()
        async with self._replies.iterator(no_ack=True) as incoming:
            async for reply in incoming:
                if reply.correlation_id == SENTINEL:
                    break
                assert reply.correlation_id == delivery.raw.correlation_id
                seen.replies.append(json.loads(reply.body))
        seen.events = [json.loads(message.body) for message in await _all(self._events)]
        seen.retried = await _all(self._retries)
        parked = await dead(self._outsider, "links")
        seen.parked = [each for each in parked if each.message_id == delivery.raw.message_id]
        seen.left = await _all(self._queue)
        return seen


async def _all(queue: AbstractQueue) -> list[AbstractIncomingMessage]:
    found = []
    while (message := await queue.get(fail=False, no_ack=True)) is not None:
        found.append(message)
    return found
