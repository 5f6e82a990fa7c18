import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from contracts.entities import EntityDelete, EntityUpsert
from services.crm_sync import entities
from services.crm_sync.directory import upserted
from services.crm_sync.store import EntityStore
from shared.errors import Refusal
from shared.ids import new_id
from shared.store.client import Database

TIME = datetime(2026, 4, 17, 10, 45, tzinfo=UTC)


@pytest.fixture
async def store(database: Database) -> EntityStore:
    store = EntityStore(database)
    await store.prepare()
    return store


def _upsert(workspace_id: str, **fields: Any) -> EntityUpsert:
    command = {"command_id": new_id("cmd"), "workspace_id": workspace_id, "name": "Ada"}
    return EntityUpsert(**(command | {"entity_type": "contact", "entity_id": "c1"} | fields))


def _delete(workspace_id: str) -> EntityDelete:
    return EntityDelete(
        command_id=new_id("cmd"), workspace_id=workspace_id, entity_type="contact", entity_id="c1"
    )


async def test_an_entry_is_read_as_it_was_written(store: EntityStore, workspace_id: str) -> None:
    command = _upsert(workspace_id)
    assert await store.find(workspace_id, command.key) is None
    first = upserted(None, command, TIME)
    await store.change(workspace_id, command.key, lambda _: first)
    assert await store.find(workspace_id, command.key) == first
    second = first.deleted(new_id("cmd"), TIME)
    await store.change(workspace_id, command.key, lambda _: second)
    assert await store.find(workspace_id, command.key) == second


async def test_entities_differ_by_workspace_provider_type_and_id(
    store: EntityStore, workspace_id: str
) -> None:
    await entities.upsert(_upsert(workspace_id), store)
    others = [{"provider": "hubspot"}, {"entity_type": "deal"}, {"entity_id": "c2"}]
    for other in others:
        assert await store.find(workspace_id, _upsert(workspace_id, **other).key) is None
    assert await store.find(new_id("ws"), _upsert(workspace_id).key) is None


async def test_of_commands_at_once_each_takes_effect_once(
    store: EntityStore, workspace_id: str
) -> None:
    commands = [_upsert(workspace_id, name=str(number)) for number in range(10)]
    twice = commands + commands
    outcomes = await asyncio.gather(*(entities.upsert(each, store) for each in twice))
    by_command = [{event.id: event.data for event in o.announcements} for o in outcomes]
    assert by_command[:10] == by_command[10:]
    versions = [data.version for each in by_command for data in each.values()]  # type: ignore[attr-defined] # of an entity
    assert sorted(versions) == sorted([*range(1, 11), *range(1, 11)])


async def test_a_deletion_of_what_is_not_there_is_refused_and_leaves_nothing(
    store: EntityStore, workspace_id: str
) -> None:
    with pytest.raises(Refusal, match="not found"):
        await entities.delete(_delete(workspace_id), store)
    await entities.upsert(_upsert(workspace_id), store)
    await entities.delete(_delete(workspace_id), store)
    with pytest.raises(Refusal, match="not found"):
        await entities.delete(_delete(workspace_id), store)
