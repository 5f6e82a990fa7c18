"""Acknowledgements: what is settled together is acknowledged together, by one frame if it can be.

AMQP's `multiple` means "this one and all before it". Messages are settled in any order, so it is
said only up to where every delivery of the channel is settled; what lies beyond goes one by one.
"""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from aio_pika.abc import AbstractIncomingMessage
from aiormq.abc import ChannelFrame
from pamqp.commands import Basic
from pamqp.frame import marshal

from shared.batching import Batcher

DEADLINE_SECONDS = 10.0
"""How long the connection may take to take it; then it is as good as lost."""


class Acknowledgements:
    """Those of one service's deliveries, whatever channels they come by.

    Both return when the connection has it, and raise what the client does if the channel is
    closed: then the broker delivers the message again.
    """

    def __init__(self) -> None:
        self._channels: WeakKeyDictionary[Any, _Deliveries] = WeakKeyDictionary()

    async def acknowledge(self, message: AbstractIncomingMessage) -> None:
        """Take the message off its queue."""
        await self._deliveries(message).acknowledge(message)

    async def give_back(self, message: AbstractIncomingMessage) -> None:
        """Put the message back into its queue."""
        deliveries, tag = self._deliveries(message), _tag(message)
        if tag in deliveries.given_back:
            return  # with another of its frame
        deliveries.given_back.add(tag)
        await message.nack(requeue=True)
        # Not before: an acknowledgement that went out meanwhile would have meant this one too.
        deliveries.settled([tag])

    def _deliveries(self, message: AbstractIncomingMessage) -> "_Deliveries":
        deliveries = self._channels.get(message.channel)
        if deliveries is None:
            deliveries = self._channels[message.channel] = _Deliveries()
        return deliveries


class _Deliveries:
    """What one channel has delivered; the broker numbers it from 1."""

    def __init__(self) -> None:
        self.acknowledge: Batcher[AbstractIncomingMessage, None] = Batcher(self._acknowledge)
        self.given_back: set[int] = set()
        self._through = 0
        self._beyond: set[int] = set()

    def settled(self, tags: Iterable[int]) -> None:
        self._beyond.update(tags)
        while self._through + 1 in self._beyond:
            self._through += 1
            self._beyond.remove(self._through)

    async def _acknowledge(self, batch: list[AbstractIncomingMessage]) -> Sequence[None]:
        channel: Any = batch[0].channel  # raises if it is closed
        tags = [_tag(each) for each in batch]
        self.settled(tags)
        # The last of `multiple` must be one that the broker still waits for.
        together = [tag for tag in tags if tag <= self._through]
        acks = [Basic.Ack(max(together), multiple=len(together) > 1)] if together else []
        acks += [Basic.Ack(tag) for tag in tags if tag > self._through]
        payload = b"".join(marshal(each, channel.number) for each in acks)
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                await channel.write_queue.put(ChannelFrame(payload, should_close=False))
        except TimeoutError as error:
            raise ConnectionError("The connection takes no acknowledgement") from error
        return [None] * len(batch)


def _tag(message: AbstractIncomingMessage) -> int:
    if message.delivery_tag is None:
        raise TypeError("A message that was fetched has another way to be acknowledged")
    return message.delivery_tag
