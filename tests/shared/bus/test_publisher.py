"""What a publisher does when the broker refuses a message."""

import asyncio
import time

import pytest
from aio_pika import Message
from ulid import ULID

from shared.bus.publisher import Publisher
from shared.errors import Overloaded
from shared.settings import Settings
from tests.support.bus import Outsider
from tests.support.queues import waiting

RENEWAL = 2.0
"""Seconds after which the old channel is closed."""
AT_ONCE = 5


async def test_who_is_refused_by_one_queue_goes_on_with_others_and_loses_no_confirm(
    settings: Settings, outsider: Outsider
) -> None:
    full, free = (f"tests.publisher.{ULID()}" for _ in range(2))
    nothing = {"x-max-length": 0, "x-overflow": "reject-publish"}
    await outsider.channel.declare_queue(full, exclusive=True, arguments=nothing)
    await outsider.channel.declare_queue(free, exclusive=True)
    publisher = Publisher(settings.model_copy(update={"publish_timeout": RENEWAL}), "tests")
    await publisher.start()
    confirmed = 0

    async def publish(until: float) -> None:
        nonlocal confirmed
        while time.monotonic() < until:
            await publisher.forward("", free, Message(b""))
            confirmed += 1

    try:
        for _ in range(2):  # the second time on the channel that took the place of the first
            with pytest.raises(Overloaded):
                await publisher.forward("", full, Message(b""))
            until = time.monotonic() + 1.25 * RENEWAL
            await asyncio.gather(*(publish(until) for _ in range(AT_ONCE)))
    finally:
        await publisher.stop()
    assert await waiting(outsider, free) == confirmed
