"""What a publisher does when the broker refuses a message, and whose confirm is whose."""

import asyncio
import time
from typing import Any

import pytest
from aio_pika import Message
from ulid import ULID

from contracts.entities import EntityDeleted, EntityUpserted
from contracts.topology import EVENTS
from shared.bus.publisher import Publisher
from shared.errors import Overloaded
from shared.ids import now
from shared.outcome import Announcement, announce
from shared.settings import Settings
from tests.support.bus import Outsider
from tests.support.entities import ENTITY
from tests.support.queues import waiting

RENEWAL = 2.0
"""Seconds after which the old channel is closed."""
AT_ONCE = 5
MANY = 400


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


async def test_each_of_many_messages_and_events_at_once_hears_what_became_of_itself(
    settings: Settings, outsider: Outsider
) -> None:
    """Events go to the connection another way than messages; the broker numbers both alike."""
    full, free = (f"tests.publisher.{ULID()}" for _ in range(2))
    nothing = {"x-max-length": 0, "x-overflow": "reject-publish"}
    refusing = await outsider.channel.declare_queue(full, exclusive=True, arguments=nothing)
    await refusing.bind(EVENTS, EntityDeleted.type)
    await outsider.channel.declare_queue(free, exclusive=True)
    publisher = Publisher(settings, "tests")
    await publisher.start()

    async def publish(number: int) -> bool:
        """True if the broker has taken it."""
        try:
            if number % 3 == 0:
                await publisher.announce(_event(EntityUpserted), None)
            elif number % 7 == 0:
                await publisher.announce(_event(EntityDeleted), None)
            else:
                await publisher.forward("", free if number % 5 else full, Message(b""))
        except Overloaded:
            return False
        return True

    alone = [number for number in range(MANY) if number % 3 == 0 or number % 7 == 0]
    try:
        for numbers in (alone, range(MANY), alone):  # events alone; with messages among them
            async with asyncio.timeout(30):
                taken = await asyncio.gather(*(publish(number) for number in numbers))
            for number, was_taken in zip(numbers, taken, strict=True):
                refused = number % 3 and (number % 7 == 0 or number % 5 == 0)
                assert was_taken == (not refused), number
    finally:
        await publisher.stop()


def _event(kind: type[EntityUpserted | EntityDeleted]) -> Announcement:
    fields: dict[str, Any] = {"deleted_at": now()} if kind is EntityDeleted else {}
    entity = kind(**ENTITY.model_dump(), **fields)
    return announce("cmd_1", entity, subject="s", workspace_id="ws_1", time=now())
