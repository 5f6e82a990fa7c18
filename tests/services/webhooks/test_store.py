"""Webhooks and deliveries in a real database."""

import asyncio
from functools import partial

import pytest

from contracts.webhooks import WebhookDelete
from services.webhooks.delivery import milliseconds
from services.webhooks.delivery_store import DeliveryStore
from services.webhooks.registration import Registration, deleted, failed
from services.webhooks.store import Full, WebhookStore
from shared.ids import new_id
from shared.store.client import Database
from shared.store.faults import Conflict
from tests.services.webhooks.samples import MINUTE, TIME, delivery, registration


@pytest.fixture
async def webhooks(database: Database) -> WebhookStore:
    store = WebhookStore(database)
    await store.prepare()
    return store


@pytest.fixture
async def deliveries(database: Database) -> DeliveryStore:
    store = DeliveryStore(database)
    await store.prepare()
    return store


def _deleted(held: Registration) -> Registration:
    webhook = held.webhook
    command = WebhookDelete(
        command_id=new_id("cmd"), workspace_id=webhook.workspace_id, webhook_id=webhook.id
    )
    return deleted(held, command, TIME)


async def test_a_webhook_is_read_as_it_was_written(
    webhooks: WebhookStore, workspace_id: str
) -> None:
    made = registration(workspace_id)
    assert await webhooks.add(made) == made
    assert await webhooks.find(workspace_id, made.webhook.id) == made
    again = made.model_copy(update={"secret": "another"})
    assert await webhooks.add(again) == made


async def test_of_many_made_at_once_no_more_than_the_limit_are_kept(
    database: Database, workspace_id: str
) -> None:
    webhooks = WebhookStore(database, limit=8)
    await webhooks.prepare()
    some = [await webhooks.add(registration(workspace_id)) for _ in range(3)]
    more = [webhooks.add(registration(workspace_id)) for _ in range(10)]
    outcomes = await asyncio.gather(*more, return_exceptions=True)
    assert sum(isinstance(each, Full) for each in outcomes) == 5
    assert len(await webhooks.all(workspace_id)) == 8
    await webhooks.change(workspace_id, some[1].webhook.id, _deleted)
    await webhooks.add(registration(workspace_id))
    assert len(await webhooks.all(workspace_id)) == 8


async def test_changes_at_once_are_made_one_after_the_other(
    webhooks: WebhookStore, workspace_id: str
) -> None:
    made = await webhooks.add(registration(workspace_id))
    which = workspace_id, made.webhook.id
    times = [TIME + number * MINUTE for number in range(10)]
    await asyncio.gather(
        *(webhooks.change(*which, partial(failed, error=str(at), time=at)) for at in times)
    )
    held = await webhooks.find(*which)
    assert held is not None
    assert held.webhook.version == 11


async def test_those_are_found_that_are_sent_such_events(
    webhooks: WebhookStore, workspace_id: str
) -> None:
    other = new_id("ws")
    for each in (
        registration(workspace_id, events=["link.created", "link.deleted"]),
        registration(workspace_id, events=["link.deleted"]),
        registration(workspace_id, active=False),
        registration(other),
    ):
        await webhooks.add(each)
    gone = await webhooks.add(registration(workspace_id))
    await webhooks.change(workspace_id, gone.webhook.id, _deleted)

    async def found(workspace: str, event_type: str) -> list[list[str]]:
        subscribed = await webhooks.subscribed(workspace, event_type)
        return sorted(each.webhook.events for each in subscribed)

    both, one = ["link.created", "link.deleted"], ["link.created"]
    answers = await asyncio.gather(
        found(workspace_id, "link.created"),
        found(workspace_id, "link.deleted"),
        found(other, "link.created"),
        found(other, "link.deleted"),
        found(new_id("ws"), "link.created"),
    )
    assert list(answers) == [[both], [both, ["link.deleted"]], [one], [], []]


async def test_what_is_due_is_found_the_longest_waiting_first(
    deliveries: DeliveryStore, workspace_id: str
) -> None:
    tags = [f"{workspace_id}-{name}" for name in "abc"]
    for number, tag in enumerate(tags):
        due = milliseconds(TIME - number * MINUTE)
        await deliveries.add(delivery(number, workspace_id=workspace_id, webhook_id=tag, due=due))
    ended = delivery(9, workspace_id=workspace_id, webhook_id=tags[0]).ended("Gone", TIME)
    await deliveries.add(ended)

    async def found(time: int, *excluding: str) -> list[str]:
        due = await deliveries.due(time, excluding=excluding, limit=1000)
        return [each.webhook_id for each in due if each.workspace_id == workspace_id]

    assert await found(milliseconds(TIME)) == tags[::-1]
    assert await found(milliseconds(TIME) - 1) == [tags[2], tags[1]]
    assert await found(milliseconds(TIME), tags[2], tags[0]) == [tags[1]]


async def test_of_two_that_claim_a_delivery_one_gets_it(
    deliveries: DeliveryStore, workspace_id: str
) -> None:
    held = delivery(workspace_id=workspace_id)
    await deliveries.add(held)
    await deliveries.add(held.claimed(30, TIME))  # an event heard again changes nothing
    await deliveries.replace(held, held.claimed(30, TIME))
    with pytest.raises(Conflict):
        await deliveries.replace(held, held.claimed(30, TIME))
