import asyncio
from typing import Any

import pytest

from contracts.entities import EntityChildren, EntityChildrenResult, EntityKey, EntityUpsert
from services.crm_sync import entities
from services.crm_sync.entities import MAX_CHILDREN
from services.crm_sync.store import EntityStore
from shared.ids import new_id
from shared.store.client import Database


class Tree:
    """The entities of one workspace and provider, written as `child: parent`."""

    def __init__(self, store: EntityStore, workspace_id: str, provider: str = "pipedrive") -> None:
        self._store = store
        self._about: dict[str, Any] = {"workspace_id": workspace_id, "provider": provider}

    async def put(self, entity_id: str, parent: str | None = None) -> None:
        key = None if parent is None else EntityKey(entity_type="deal", entity_id=parent)
        await entities.upsert(EntityUpsert(**self._named(entity_id), parent=key), self._store)

    async def drop(self, entity_id: str) -> None:
        held = EntityUpsert(**self._named(entity_id))
        await self._store.change(
            held.workspace_id,
            held.key,
            lambda entry: entry.deleted(new_id("cmd"), entry.record.updated_at),  # type: ignore[union-attr] # it is there
        )

    async def below(self, entity_id: str) -> list[str]:
        outcome = await entities.children(EntityChildren(**self._named(entity_id)), self._store)
        assert isinstance(outcome.result, EntityChildrenResult)
        return [child.entity_id for child in outcome.result.children]

    def _named(self, entity_id: str) -> dict[str, Any]:
        command = {"command_id": new_id("cmd"), "entity_type": "deal", "entity_id": entity_id}
        return command | self._about


@pytest.fixture
async def store(database: Database) -> EntityStore:
    store = EntityStore(database)
    await store.prepare()
    return store


@pytest.fixture
def tree(store: EntityStore, workspace_id: str) -> Tree:
    return Tree(store, workspace_id)


async def test_all_that_is_below_an_entity_comes_after_what_it_belongs_to(tree: Tree) -> None:
    for child, parent in {"4": "2", "3": "1", "2": "1", "5": "4", "9": "8"}.items():
        await tree.put(child, parent)
    await tree.put("1")
    assert await tree.below("1") == ["2", "3", "4", "5"]
    assert await tree.below("4") == ["5"]
    assert await tree.below("5") == []
    assert await tree.below("8") == ["9"]  # which is not known itself


async def test_what_moves_or_goes_is_no_longer_below(tree: Tree) -> None:
    for child, parent in {"2": "1", "3": "2", "4": "1"}.items():
        await tree.put(child, parent)
    await tree.put("3", "4")
    assert await tree.below("1") == ["2", "4", "3"]
    await tree.drop("4")
    assert await tree.below("1") == ["2"]
    await tree.put("4")
    assert await tree.below("1") == ["2"]
    assert await tree.below("4") == ["3"]


async def test_a_circle_is_walked_once(tree: Tree) -> None:
    for child, parent in {"1": "3", "2": "1", "3": "2", "4": "4"}.items():
        await tree.put(child, parent)
    assert await tree.below("1") == ["2", "3"]
    assert await tree.below("2") == ["3", "1"]
    assert await tree.below("4") == []


async def test_other_providers_and_workspaces_have_trees_of_their_own(
    tree: Tree, store: EntityStore, workspace_id: str
) -> None:
    await tree.put("2", "1")
    assert await Tree(store, workspace_id, "hubspot").below("1") == []
    assert await Tree(store, new_id("ws")).below("1") == []


async def test_there_are_at_most_so_many(tree: Tree) -> None:
    await tree.put("root", "0")  # in a circle, so that it is met again among its own
    await asyncio.gather(*(tree.put(f"{number}", "root") for number in range(MAX_CHILDREN + 1)))
    found = await tree.below("root")
    assert len(found) == len(set(found)) == MAX_CHILDREN
    assert "root" not in found
