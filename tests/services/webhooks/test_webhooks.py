"""What commands about webhooks do, once or several times."""

from typing import Any

import pytest

from contracts.webhooks import (
    WebhookCreate,
    WebhookCreateResult,
    WebhookDelete,
    WebhookGet,
    WebhookUpdate,
)
from services.webhooks import webhooks
from services.webhooks.addresses import Gate
from services.webhooks.hearing import Hearing
from services.webhooks.store import WebhookStore
from shared.errors import Refusal
from shared.ids import derive, new_id
from shared.store.client import Database

OPEN = Gate(allow_private=True)


@pytest.fixture
async def store(database: Database) -> WebhookStore:
    store = WebhookStore(database)
    await store.prepare()
    return store


@pytest.fixture
def hearing(database: Database) -> Hearing:
    async def bind(_event_type: str) -> None:
        pass

    return Hearing(database, bind)


def _create(workspace_id: str, **fields: Any) -> WebhookCreate:
    command = {"command_id": new_id("cmd"), "workspace_id": workspace_id}
    wish = {"url": "https://127.0.0.1/hook", "events": ["link.created"]}
    return WebhookCreate(**(command | wish | fields))


def _about(created: WebhookCreate) -> dict[str, Any]:
    return {
        "command_id": new_id("cmd"),
        "workspace_id": created.workspace_id,
        "webhook_id": derive("wh", created.command_id),
    }


async def test_a_creation_that_runs_again_comes_to_the_same(
    store: WebhookStore, hearing: Hearing, workspace_id: str
) -> None:
    command = _create(workspace_id)
    first = await webhooks.create(command, store, OPEN, hearing)
    change = WebhookUpdate(**_about(command), events=["link.deleted"])
    await webhooks.update(change, store, OPEN, hearing)
    # Even where the name leads elsewhere by now: the webhook is there.
    again = await webhooks.create(command, store, Gate(), hearing)
    assert again == first
    assert isinstance(first.result, WebhookCreateResult)
    assert [event.id for event in first.announcements] == [derive("evt", command.command_id)]
    assert len(await store.all(workspace_id)) == 1


async def test_a_creation_that_runs_again_does_not_bring_back_what_was_deleted(
    store: WebhookStore, hearing: Hearing, workspace_id: str
) -> None:
    command = _create(workspace_id)
    await webhooks.create(command, store, OPEN, hearing)
    end = WebhookDelete(**_about(command))
    first = await webhooks.delete(end, store)
    await webhooks.create(command, store, OPEN, hearing)
    assert await webhooks.delete(end, store) == first
    assert await store.all(workspace_id) == []
    for gone in (
        webhooks.get(WebhookGet(**_about(command)), store),
        webhooks.update(WebhookUpdate(**_about(command), active=False), store, OPEN, hearing),
        webhooks.delete(WebhookDelete(**_about(command)), store),
    ):
        with pytest.raises(Refusal, match="not found"):
            await gone


async def test_an_update_that_runs_again_announces_the_same_after_later_ones(
    store: WebhookStore, hearing: Hearing, workspace_id: str
) -> None:
    made = _create(workspace_id)
    await webhooks.create(made, store, OPEN, hearing)
    command = WebhookUpdate(**_about(made), events=["link.deleted"])
    first = await webhooks.update(command, store, OPEN, hearing)
    later = WebhookUpdate(**_about(made), events=["entity.deleted"])
    latest = await webhooks.update(later, store, OPEN, hearing)
    assert await webhooks.update(command, store, OPEN, hearing) == first
    held = await webhooks.get(WebhookGet(**_about(made)), store)
    assert held.result == latest.result


async def test_an_update_to_an_inner_address_is_refused_and_changes_nothing(
    store: WebhookStore, hearing: Hearing, workspace_id: str
) -> None:
    made = _create(workspace_id)
    await webhooks.create(made, store, OPEN, hearing)
    before = await store.all(workspace_id)
    command = WebhookUpdate(**_about(made), url="https://10.0.0.1/", active=False)
    with pytest.raises(Refusal, match="cannot be sent"):
        await webhooks.update(command, store, Gate(), hearing)
    assert await store.all(workspace_id) == before


async def test_unknown_events_are_named_together_with_those_there_are(
    store: WebhookStore, hearing: Hearing, workspace_id: str
) -> None:
    command = _create(workspace_id, events=["link.created", "link.exploded"])
    with pytest.raises(Refusal) as refused:
        await webhooks.create(command, store, OPEN, hearing)
    rule = (refused.value.body.fields or {})["events"]
    assert rule.startswith("Unknown: link.exploded. There are: api_key.created, ")
    assert await store.all(workspace_id) == []


async def test_one_more_than_there_may_be_is_refused(
    database: Database, hearing: Hearing, workspace_id: str
) -> None:
    store = WebhookStore(database, limit=1)
    await store.prepare()
    first, second = _create(workspace_id), _create(workspace_id)
    made = await webhooks.create(first, store, OPEN, hearing)
    with pytest.raises(Refusal, match="A workspace may have") as refused:
        await webhooks.create(second, store, OPEN, hearing)
    assert refused.value.code == "limit_reached"
    assert await webhooks.create(first, store, OPEN, hearing) == made
    await webhooks.delete(WebhookDelete(**_about(first)), store)
    await webhooks.create(second, store, OPEN, hearing)
