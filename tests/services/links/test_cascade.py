"""The end of an entity against a link that is being made: one of the two sees the other."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from contracts.entities import Entity, EntityDeleted
from contracts.links import Link
from contracts.messages import Event
from services.links.events import entity_changed, entity_deleted
from services.links.links import create
from services.links.replica import Replica
from services.links.store import LinkStore
from shared.errors import Refusal
from shared.ids import derive, new_id, now
from shared.outcome import Outcome
from shared.store.client import Database, Document
from shared.store.records import Records
from tests.services.links.world import BEFORE, World, announced

MILLISECOND = timedelta(milliseconds=1)


class EntityWorld(World):
    """A world that has heard of a contact, and is about to hear of its end."""

    def __init__(self, workspace_id: str, database: Database) -> None:
        super().__init__(workspace_id, database)
        self.deletion = _deletion(workspace_id)

    def entity(self, version: int) -> Entity:
        return Entity(
            workspace_id=self.workspace_id,
            provider="workspace",
            entity_type="contact",
            entity_id="contact_1",
            created_at=BEFORE,
            updated_at=BEFORE,
            version=version,
        )

    async def hear_of_end(self) -> list[str]:
        return announced(await self.handle_end())

    async def handle_end(self) -> Outcome:
        return await entity_deleted(self.deletion, self.replica, self.links, self.owners)

    async def hear_of_return(self) -> None:
        event: Any = self.deletion.model_copy(update={"data": self.entity(3)})
        await entity_changed(event, self.replica)

    async def made(self, at: datetime) -> Link:
        link = Link(
            id=new_id("dlnk"),
            workspace_id=self.workspace_id,
            kind="entity",
            document_id=new_id("doc"),
            entity_type="contact",
            entity_id="contact_1",
            created_at=at,
            version=1,
        )
        return await self.links.add(link)


@pytest.fixture
async def world(database: Database, workspace_id: str) -> EntityWorld:
    world = EntityWorld(workspace_id, database)
    await world.prepare()
    await world.replica.put_entity(world.entity(1))
    return world


def _deletion(workspace_id: str) -> Event[EntityDeleted]:
    data = EntityDeleted(
        workspace_id=workspace_id,
        provider="workspace",
        entity_type="contact",
        entity_id="contact_1",
        created_at=BEFORE,
        updated_at=BEFORE,
        version=2,
        deleted_at=BEFORE,
    )
    return Event[EntityDeleted](
        id=new_id("evt"),
        type="entity.deleted",
        source="/x",
        subject="contact_1",
        time=now(),
        workspaceid=workspace_id,
        data=data,
    )


async def test_hearing_of_an_end_removes_the_links_and_says_so_every_time(
    world: EntityWorld,
) -> None:
    links = [await world.made(BEFORE - MILLISECOND), await world.made(BEFORE + MILLISECOND)]
    first = await world.hear_of_end()
    assert sorted(first) == sorted(f"link.deleted {link.id}" for link in links)
    assert sorted(await world.hear_of_end()) == sorted(first)


async def test_the_event_of_a_removed_link_has_an_id_of_its_own_that_stays(
    world: EntityWorld,
) -> None:
    link = await world.made(BEFORE)
    for _ in range(2):
        outcome = await world.handle_end()
        assert [e.id for e in outcome.announcements] == [derive("evt", world.deletion.id, link.id)]


async def test_a_link_made_before_the_end_was_heard_goes_even_when_the_first_run_broke_off(
    world: EntityWorld,
) -> None:
    late = await world.made(BEFORE + MILLISECOND)
    await world.replica.forget_entity(world.deletion.data, world.deletion.id)  # and then a crash
    assert await world.hear_of_end() == [f"link.deleted {late.id}"]


async def test_an_entity_that_is_there_again_keeps_the_links_made_since_its_end(
    world: EntityWorld,
) -> None:
    old, new = await world.made(BEFORE), await world.made(BEFORE + MILLISECOND)
    await world.hear_of_return()
    for _ in range(2):
        assert await world.hear_of_end() == [f"link.deleted {old.id}"]
    assert await world.links.add(new) == new
    known = await world.replica.get(world.workspace_id, "entity:workspace:contact:contact_1")
    assert known is not None
    assert known.exists


async def test_a_link_is_made_where_both_are_known_without_asking_anybody(
    world: EntityWorld,
) -> None:
    wish = world.wish()
    for _ in range(2):
        made = announced(await create(wish, world.links, world.owners))
        assert made == [f"link.created {derive('dlnk', wish.command_id)}"]


async def test_a_link_to_what_is_known_to_be_gone_is_the_owners_to_decide(
    world: EntityWorld,
) -> None:
    await world.hear_of_end()
    with pytest.raises(Refusal, match="Contact not found"):
        await create(world.wish(), world.links, world.owners)
    world.peers.entities = True
    wish = world.wish()
    made = announced(await create(wish, world.links, world.owners))
    assert made == [f"link.created {derive('dlnk', wish.command_id)}"]


async def test_an_entity_that_is_back_keeps_its_new_links_before_its_return_was_heard_of(
    world: EntityWorld,
) -> None:
    old, new = await world.made(BEFORE), await world.made(BEFORE + MILLISECOND)
    world.peers.entities = True
    for _ in range(2):
        assert await world.hear_of_end() == [f"link.deleted {old.id}"]
    assert await world.links.add(new) == new


async def test_an_end_that_another_process_has_heard_of_undoes_one_link_and_refuses_the_next(
    world: EntityWorld, database: Database
) -> None:
    wish, end = world.wish(), world.deletion
    await create(wish, world.links, world.owners)
    await Replica(database).forget_entity(end.data, end.id)
    late = world.wish("doc_2")
    link_id = derive("dlnk", late.command_id)
    made = announced(await create(late, world.links, world.owners))
    assert made == [f"link.created {link_id}", f"link.deleted {link_id}"]
    with pytest.raises(Refusal, match="Contact not found"):
        await create(world.wish("doc_3"), world.links, world.owners)


async def test_what_was_looked_up_while_something_ended_is_looked_up_again(
    world: EntityWorld, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The look may have come back from before the end: what it saw is not remembered."""
    end, key = world.deletion, "entity:workspace:contact:contact_1"
    replica, read = Replica(database), Records.get_many

    async def overtaken(
        records: Records, workspace_id: str, record_ids: Sequence[str]
    ) -> list[Document | None]:
        held = await read(records, workspace_id, record_ids)
        monkeypatch.setattr(Records, "get_many", read)
        await replica.forget_entity(end.data, end.id)
        return held

    monkeypatch.setattr(Records, "get_many", overtaken)
    known = await replica.get(world.workspace_id, key)
    assert known is not None
    assert known.exists
    assert not replica.remembers(world.workspace_id, key)


class Racing(LinkStore):
    """The entity's end is heard of just before the link is written."""

    world: EntityWorld

    async def add(self, link: Link) -> Link:
        await self.world.replica.forget_entity(self.world.deletion.data, self.world.deletion.id)
        return await super().add(link)


async def test_a_link_whose_entity_ends_while_it_is_made_is_removed_by_the_one_who_made_it(
    world: EntityWorld, database: Database
) -> None:
    racing, wish = Racing(database), world.wish()
    racing.world = world
    link_id = derive("dlnk", wish.command_id)
    outcome = await create(wish, racing, world.owners)
    assert announced(outcome) == [f"link.created {link_id}", f"link.deleted {link_id}"]
    # The handler of the entity's end comes second, and says the same.
    again = await world.handle_end()
    assert [each.id for each in again.announcements] == [outcome.announcements[1].id]
