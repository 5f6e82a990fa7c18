"""What a publisher does when the broker refuses a message, and whose confirm is whose."""

import asyncio
import time

import pytest
from aio_pika import Message
from ulid import ULID

from contracts.entities import EntityUpserted
from shared.bus.publisher import Publisher
from shared.errors import Overloaded
from shared.ids import now
from shared.outcome import announce
from shared.settings import Settings
from tests.support.bus import Outsider
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
    await outsider.channel.declare_queue(full, exclusive=True, arguments=nothing)
    await outsider.channel.declare_queue(free, exclusive=True)
    entity = EntityUpserted(
        workspace_id="ws_1",
        provider="workspace",
        entity_type="contact",
        entity_id="contact_1",
        created_at=now(),
        updated_at=now(),
        version=1,
    )
    events = [
        announce(
            "cmd_1", entity, subject="s", workspace_id="ws_1", time=now(), parts=(str(ULID()),)
        )
        for _ in range(MANY)
    ]
    publisher = Publisher(settings, "tests")
    await publisher.start()
    try:
        async with outsider.tap(EntityUpserted.type) as tap:
            publishes = [
                publish
                for number, event in enumerate(events)
                for publish in (
                    publisher.announce(event, None),
                    publisher.forward("", free if number % 10 else full, Message(b"")),
                )
            ]
            results = await asyncio.gather(*publishes, return_exceptions=True)
            ids = {event.id for event in events}
            await tap.until(lambda heard: ids <= {each["id"] for each in heard})
    finally:
        await publisher.stop()
    assert results[::2] == [None] * MANY
    assert [type(each) for each in results[1::20]] == [Overloaded] * (MANY // 10)
    assert sum(each is None for each in results[1::2]) == MANY - MANY // 10
