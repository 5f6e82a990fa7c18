"""Acknowledgements: exactly what is settled leaves its queue, in whatever order and company."""

import asyncio
import random

import pytest
from aio_pika import Message
from aio_pika.abc import AbstractIncomingMessage
from aiormq.exceptions import ChannelInvalidStateError
from ulid import ULID

from shared.bus.acknowledgement import Acknowledgements
from tests.support.bus import PATIENCE, Outsider

COUNT = 300
SETTLED, GIVEN_BACK = 240, 9


@pytest.mark.parametrize("seed", range(5))
async def test_what_is_settled_leaves_the_queue_and_nothing_else(
    outsider: Outsider, seed: int
) -> None:
    chance = random.Random(seed)
    acknowledgements = Acknowledgements()
    messages = await _delivered(outsider)
    # Up to a half all of them, so that many can be acknowledged by one frame; roughly in order.
    settled = messages[: COUNT // 2] + chance.sample(messages[COUNT // 2 :], SETTLED - COUNT // 2)
    settled.sort(key=lambda each: (each.delivery_tag or 0) + chance.choice((0, 5, 40)))
    given_back = settled[:: SETTLED // GIVEN_BACK]

    async def settle(message: AbstractIncomingMessage) -> None:
        if message in given_back:
            # As the messages of one frame would: each of them, and it goes back once.
            await asyncio.gather(*(acknowledgements.give_back(message) for _ in range(2)))
        else:
            await acknowledgements.acknowledge(message)

    rest = list(settled)
    while rest:
        size = chance.choice((1, 4, 7, 60))
        together, rest = rest[:size], rest[size:]
        await asyncio.gather(*(settle(each) for each in together))
    left = [each for each in messages if each not in settled or each in given_back]
    # The broker closes a channel on which nonsense is said; by its answer here, it has not.
    await messages[0].channel.basic_qos(prefetch_count=1)
    await messages[0].channel.close()
    assert await _bodies(outsider, messages[0]) == {each.body for each in left}


async def test_when_the_channel_has_gone_that_is_told(outsider: Outsider) -> None:
    acknowledgements = Acknowledgements()
    first, second, *_ = await _delivered(outsider)
    await acknowledgements.acknowledge(first)
    await first.channel.close()
    with pytest.raises(ChannelInvalidStateError):
        await acknowledgements.acknowledge(second)


async def _delivered(outsider: Outsider) -> list[AbstractIncomingMessage]:
    """Messages in the hands of a consumer, over a channel that is theirs alone."""
    channel = outsider.connection.channel()
    await channel.initialize()
    queue = await outsider.channel.declare_queue(f"tests.acknowledged.{ULID()}", exclusive=True)
    for number in range(COUNT):
        message = Message(str(number).encode())
        await outsider.channel.default_exchange.publish(message, queue.name)
    consumed = await channel.get_queue(queue.name, ensure=False)
    messages: list[AbstractIncomingMessage] = []
    everything = asyncio.Event()

    async def take(message: AbstractIncomingMessage) -> None:
        messages.append(message)
        if len(messages) == COUNT:
            everything.set()

    tag = await consumed.consume(take)
    async with asyncio.timeout(PATIENCE):
        await everything.wait()
    await consumed.cancel(tag)  # so that what goes back stays in the queue
    return messages


async def _bodies(outsider: Outsider, message: AbstractIncomingMessage) -> set[bytes]:
    """What is in the queue that the message came from."""
    assert message.routing_key is not None
    queue = await outsider.channel.get_queue(message.routing_key, ensure=False)
    bodies = set()
    while (found := await queue.get(no_ack=True, fail=False)) is not None:
        bodies.add(found.body)
    return bodies
