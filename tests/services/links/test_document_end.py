"""The end of a document against what is being tied to it: one of the two sees the other."""

from typing import Any

import pytest

from contracts.documents import DocumentDeleted
from contracts.entities import Entity
from contracts.links import Link
from contracts.messages import Event
from contracts.relations import DocumentRelations
from services.links.links import create
from services.links.relations import of_document
from services.links.set_store import LinkSets
from services.links.sets import Change
from services.links.store import LinkStore
from shared.errors import Refusal
from shared.ids import derive, new_id
from shared.store.client import Database
from tests.services.links.world import BEFORE, World, announced, event_ids


@pytest.fixture
async def world(database: Database, workspace_id: str) -> World:
    world = World(workspace_id, database)
    await world.prepare()
    await world.replica.put_entity(
        Entity(
            workspace_id=workspace_id,
            provider="workspace",
            entity_type="contact",
            entity_id="contact_1",
            created_at=BEFORE,
            updated_at=BEFORE,
            version=1,
        )
    )
    return world


class RacingLinks(LinkStore):
    """The document's end is marked just before the link is written."""

    world: World
    end: Event[DocumentDeleted]

    async def add(self, link: Link) -> Link:
        await self.world.replica.forget_document(self.end.data, self.end.id)
        return await super().add(link)


class RacingSets(LinkSets):
    """The document's end is heard of whole just before the set is put in place."""

    world: World
    end: Event[DocumentDeleted]

    async def _put_in_place(self, change: dict[str, Any]) -> None:
        await self.world.hear(self.end)
        await super()._put_in_place(change)


class Dying(LinkSets):
    """Dies after it has stored a change, and before the set is in its place."""

    async def _put_in_place(self, change: dict[str, Any]) -> None:
        raise ConnectionAbortedError(change["_id"])


async def test_a_link_whose_document_ends_while_it_is_made_is_removed_by_the_one_who_made_it(
    world: World, database: Database
) -> None:
    racing, wish = RacingLinks(database), world.wish()
    racing.world, racing.end = world, world.end_of(1)
    outcome = await create(wish, racing, world.owners)
    link_id = derive("dlnk", wish.command_id)
    assert announced(outcome) == [f"link.created {link_id}", f"link.deleted {link_id}"]
    # The handler of the document's end comes second, and says the same.
    again = await world.hear(racing.end)
    assert event_ids(again) == [outcome.announcements[1].id]


@pytest.mark.parametrize("number", [1, 2], ids=["source", "target"])
async def test_a_relation_whose_document_ends_while_it_is_made_is_removed_by_the_one_who_made_it(
    number: int, world: World, database: Database
) -> None:
    racing = RacingSets(database)
    racing.world, racing.end = world, world.end_of(number)
    outcome = await world.replace(world.wish_for("doc_1", "doc_2"), racing)
    made, gone = outcome.announcements
    assert [made.data.type, gone.data.type] == ["link.created", "link.deleted"]
    assert made.subject == gone.subject
    assert (await world.sets.find(world.workspace_id, "doc_1")).links == []
    assert event_ids(await world.hear(racing.end)) == [gone.id]


async def test_what_a_dead_writer_began_is_finished_and_announced_when_its_command_comes_again(
    world: World, database: Database
) -> None:
    await world.replace(world.wish_for("doc_1", "doc_2"))
    command = world.wish_for("doc_1", "doc_3", "doc_4")
    with pytest.raises(ConnectionAbortedError):
        await world.replace(command, Dying(database))
    end = world.end_of(3)
    assert event_ids(await world.hear(end)) == []  # nothing is tied to it, as far as can be seen
    first, second = await world.replace(command), await world.replace(command)
    assert event_ids(first) == event_ids(second)
    kinds = [each.split()[0] for each in announced(first)]
    assert kinds == ["link.deleted", "link.created", "link.created", "link.deleted"]
    left = await world.sets.find(world.workspace_id, "doc_1")
    assert [link.entity_id for link in left.links] == ["doc_4"]


async def test_the_end_of_a_document_is_told_the_same_way_each_time_and_ties_nothing_again(
    world: World,
) -> None:
    command = world.wish_for("doc_1", "doc_2", "doc_3")
    await world.replace(command)
    await world.replace(world.wish_for("doc_3", "doc_1"))
    end = world.end_of(1)
    first, second = await world.hear(end), await world.hear(end)
    assert len(first.announcements) == 3
    assert event_ids(first) == event_ids(second)
    late = await world.replace(command)  # a late redelivery
    assert len([each for each in announced(late) if "created" in each]) == 2
    assert await world.sets.with_target(world.workspace_id, "doc_1") == []
    assert (await world.sets.find(world.workspace_id, "doc_1")).links == []
    with pytest.raises(Refusal, match="Document not found"):
        await world.replace(world.wish_for("doc_1", "doc_4"))


async def test_a_deleted_document_is_not_listed_before_its_relations_are_removed(
    world: World,
) -> None:
    await world.replace(world.wish_for("doc_1", "doc_2", "doc_3", "doc_4"))
    end = world.end_of(2)
    await world.replica.forget_document(end.data, end.id)
    query = DocumentRelations(
        command_id=new_id("cmd"), workspace_id=world.workspace_id, document_id="doc_1", limit=2
    )
    result: Any = (await of_document(query, world.sets, world.owners, world.types)).result
    assert [each.target.id for each in result.relations] == ["doc_3", "doc_4"]
    assert result.total == 2


async def test_all_that_the_replica_does_not_know_is_asked_for_at_once_and_folders_only_once(
    world: World,
) -> None:
    unknown: dict[str, Any] = {
        "workspace_id": world.workspace_id,
        "created_at": BEFORE,
        "updated_at": BEFORE,
    }
    await world.replica.put_document(world.document(9, entry_id=None))  # as older releases told it
    for entry_id, (name, kind) in enumerate([("doc_8", "document"), ("fld_1", "folder")], 20):
        world.peers.add(id=name, kind=kind, entry_id=entry_id, name=name, **unknown)
    world.peers.add(id="doc_9", kind="document", entry_id=10, name="9.pdf", **unknown)
    ids = ["doc_1", "doc_8", "doc_9", "fld_1", "doc_none"]
    found = await world.owners.entries(world.workspace_id, ids)
    assert {each: entry.entry_id for each, entry in found.items()} == {
        "doc_1": 2,
        "doc_8": 20,
        "doc_9": 10,
        "fld_1": 21,
    }
    assert await world.owners.entries(world.workspace_id, ["doc_1", "fld_1"]) == {
        "doc_1": found["doc_1"],
        "fld_1": found["fld_1"],
    }
    assert len(world.peers.asked) == 1


async def test_a_change_made_meanwhile_is_what_the_next_decision_starts_from(
    world: World, database: Database
) -> None:
    class Overtaken(LinkSets):
        """Somebody else replaces the set between its reading and the writing of our change."""

        times = 0

        async def changes_by(
            self, workspace_id: str, cause: str, source_id: str | None = None
        ) -> list[Change]:
            if self.times == 0:
                self.times += 1
                await world.replace(world.wish_for("doc_1", "doc_2"))
            return await super().changes_by(workspace_id, cause, source_id)

    outcome = await world.replace(world.wish_for("doc_1", "doc_3"), Overtaken(database))
    kinds = [each.split()[0] for each in announced(outcome)]
    assert kinds == ["link.deleted", "link.created"]
