"""A dead queue: to look changes nothing, one does at a time, and who is killed loses nothing."""

import asyncio
from datetime import UTC, datetime, timedelta

import aio_pika
import pytest
from ulid import ULID

from contracts import headers as h
from contracts.topology import DEAD, command_queue
from deploy.local.stack import Stack
from shared.bus.dead_queue import DeadQueueBusy, opened
from shared.bus.parked import DELIVERY_LIMIT, UNKNOWN, Parked, Wanted
from shared.ids import new_id
from shared.settings import Settings
from tests.support.bus import Outsider
from tests.support.commands import event_id
from tests.support.parking import park, parked
from tests.support.records import stored
from tests.support.workspace import Workspace

PATIENCE = 10.0


async def _look(settings: Settings, wanted: Wanted, limit: int | None = None) -> list[Parked]:
    async with opened(settings, "crm_sync", patience=PATIENCE) as queue:
        return [each async for each in queue.messages(wanted, limit)]


async def test_looking_often_neither_loses_nor_reorders_anything(
    settings: Settings, outsider: Outsider
) -> None:
    ids = [await park(outsider, "crm_sync", "entity.upsert", b"{}") for _ in range(5)]
    wanted = Wanted(ids=ids)
    # More often than RabbitMQ 4 delivers anything from a quorum queue that sets no limit.
    for _ in range(25):
        assert [each.id for each in await _look(settings, wanted)] == ids
    for _ in range(5):
        assert len(await _look(settings, wanted, limit=2)) == 2
    assert {each.id for each in await _look(settings, wanted)} == set(ids)
    async with opened(settings, "crm_sync", patience=PATIENCE) as queue:
        async for each in queue.messages(wanted):
            await queue.drop(each)
    assert await _look(settings, wanted) == []


async def test_what_is_parked_meanwhile_is_left_for_the_next_time(
    settings: Settings, outsider: Outsider
) -> None:
    type_ = new_id("type")
    wanted = Wanted(types=(type_,))
    ids = [await park(outsider, "crm_sync", type_, b"{}")]
    async with opened(settings, "crm_sync", patience=PATIENCE) as queue:
        async for each in queue.messages(wanted):
            ids.append(await park(outsider, "crm_sync", type_, b"{}"))
            await queue.drop(each)
            assert len(ids) == 2, "what fails again would be sent again without end"
    assert [each.id for each in await _look(settings, wanted)] == ids[1:]
    await outsider.parked("crm_sync", ids[1])


async def test_a_second_operator_waits_for_the_first(settings: Settings) -> None:
    async with opened(settings, "crm_sync", patience=PATIENCE):
        with pytest.raises(DeadQueueBusy, match=r"doclink\.crm_sync\.dead"):
            async with opened(settings, "crm_sync", patience=0.5):
                pytest.fail("both are in")
        second = asyncio.create_task(_look(settings, Wanted(ids=("none",))))
    assert await second == []


async def test_one_who_is_killed_after_sending_sends_again_and_it_takes_effect_once(
    stack: Stack, settings: Settings, workspace: Workspace, outsider: Outsider
) -> None:
    command = workspace.command(entity_type="deal", entity_id=new_id("deal"))
    message_id = await park(outsider, "crm_sync", "entity.upsert", command)
    wanted = Wanted(ids=(message_id,))
    async with outsider.tap("entity.upserted") as tap:
        [each] = await _look(settings, wanted)
        # As `send_again` does it, up to where it was killed.
        await outsider.channel.default_exchange.publish(each.again(), each.queue)
        await tap.one(id=event_id(command))
        assert len(await parked(outsider, "crm_sync", message_id)) == 1
        async with opened(settings, "crm_sync", patience=PATIENCE) as queue:
            async for again in queue.messages(wanted):
                await queue.send_again(again)
        await tap.until(lambda events: len(events) > 1)
    assert {event["id"] for event in tap.all(workspaceid=workspace.id)} == {event_id(command)}
    [record] = stored(stack, "crm_sync", "entities", workspace_id=workspace.id)
    assert record["version"] == 1
    assert await parked(outsider, "crm_sync", message_id) == []


async def test_what_the_broker_parked_itself_says_so(
    settings: Settings, outsider: Outsider
) -> None:
    arguments = {
        "x-queue-type": "quorum",
        "x-delivery-limit": 1,
        "x-overflow": "reject-publish",
        "x-dead-letter-exchange": DEAD,
        "x-dead-letter-routing-key": "crm_sync",
        "x-dead-letter-strategy": "at-least-once",
    }
    name = f"tests.crashing.{ULID()}"
    queue = await outsider.channel.declare_queue(name, durable=True, arguments=arguments)
    message = aio_pika.Message(b"{}", message_id=new_id("msg"), delivery_mode=2)
    await outsider.channel.default_exchange.publish(message, name)
    async with asyncio.timeout(PATIENCE):
        while not (found := await _look(settings, Wanted(ids=(str(message.message_id),)))):
            if (delivered := await queue.get(fail=False)) is not None:
                await delivered.nack(requeue=True)
    await queue.delete(if_unused=False, if_empty=False)
    [each] = found
    assert (each.reason, each.queue, each.type) == (DELIVERY_LIMIT, name, name)
    assert each.parked_at is not None
    assert abs(each.parked_at - datetime.now(UTC)) < timedelta(minutes=5)
    assert not each.can_go_back, "the queue is none of the service's"
    assert not any(header.startswith("x-") and "death" in header for header in each.again().headers)
    async with opened(settings, "crm_sync", patience=PATIENCE) as dead:
        async for one in dead.messages(Wanted(ids=(each.id,))):
            await dead.drop(one)


async def test_headers_that_make_no_sense_are_read_as_far_as_they_do(
    settings: Settings, outsider: Outsider
) -> None:
    nonsense = {h.REASON: 5, h.ERROR: ["a"], h.ATTEMPTS: "six", h.QUEUE: command_queue("links")}
    nonsense |= {h.LAST_FAILED_AT: "yesterday", h.ROUTING_KEY: None, "x-death": [7, {"reason": []}]}
    message_id = await park(outsider, "crm_sync", "entity.upsert", b"{}", **nonsense)
    [each] = await _look(settings, Wanted(ids=(message_id,)))
    assert (each.reason, each.error, each.attempts, each.type) == (UNKNOWN, "", None, "")
    assert (each.parked_at, each.first_failed_at is None) == (None, False)
    assert not each.can_go_back
    assert await _look(settings, Wanted(ids=(message_id,), since=datetime.now(UTC))) == []
    async with opened(settings, "crm_sync", patience=PATIENCE) as dead:
        async for one in dead.messages(Wanted(ids=(message_id,))):
            await dead.drop(one)
