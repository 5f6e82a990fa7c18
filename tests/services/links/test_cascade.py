"""The end of an entity against a link that is being made: one of the two sees the other."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.documents import Document
from contracts.entities import Entity, EntityDeleted, EntityGet
from contracts.errors import ErrorCode
from contracts.links import Link, LinkCreate
from contracts.messages import Event, Request, ResultT
from services.links.events import entity_changed, entity_deleted
from services.links.links import create
from services.links.owners import Owners
from services.links.replica import Replica
from services.links.store import LinkStore
from shared.bus.publisher import Publisher
from shared.bus.requester import Requester
from shared.errors import Refusal
from shared.ids import derive, new_id, now
from shared.outcome import Outcome
from shared.settings import Settings
from shared.store.client import Database

BEFORE = datetime(2026, 4, 17, 10, 45, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


class Directory(Requester):
    """CRM-sync's answers: the contact is there, or it is not."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(Publisher(settings, "links"), "links")
        self.entity: Entity | None = None

    async def ask(self, request: Request, answer: type[ResultT], **_: Any) -> ResultT:
        assert isinstance(request, EntityGet)
        if self.entity is None:
            raise Refusal(ErrorCode.NOT_FOUND, "Entity not found")
        return answer.model_validate({"entity": self.entity.model_dump()})


@dataclass(frozen=True)
class World:
    """The link service of one workspace, with a document and a contact that it has heard of."""

    workspace_id: str
    replica: Replica
    links: LinkStore
    directory: Directory
    owners: Owners
    deletion: Event[EntityDeleted]

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
        return _announced(await self.handle_end())

    async def handle_end(self) -> Outcome:
        return await entity_deleted(self.deletion, self.replica, self.links, self.owners)

    async def hear_of_return(self) -> None:
        event: Any = self.deletion.model_copy(update={"data": self.entity(3)})
        await entity_changed(event, self.replica)

    def wish(self) -> LinkCreate:
        return LinkCreate(
            command_id=new_id("cmd"),
            workspace_id=self.workspace_id,
            document_id="doc_1",
            entity_type="contact",
            entity_id="contact_1",
        )

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


def _announced(outcome: Outcome) -> list[str]:
    return [f"{each.data.type} {each.subject}" for each in outcome.announcements]


@pytest.fixture
async def world(database: Database, workspace_id: str) -> World:
    replica, links = Replica(database), LinkStore(database)
    await replica.prepare()
    await links.prepare()
    directory = Directory(Settings())
    owners = Owners(directory, replica, deadline=1)
    deletion = _deletion(workspace_id, new_id("evt"))
    made = World(workspace_id, replica, links, directory, owners, deletion)
    await replica.put_entity(made.entity(1))
    await replica.put_document(
        Document(
            id="doc_1",
            workspace_id=workspace_id,
            name="a",
            mime_type="text/plain",
            storage_path="a",
            created_at=BEFORE,
            updated_at=BEFORE,
            version=1,
        )
    )
    return made


def _deletion(workspace_id: str, event_id: str) -> Event[EntityDeleted]:
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
        id=event_id,
        type="entity.deleted",
        source="/x",
        subject="contact_1",
        time=now(),
        workspaceid=workspace_id,
        data=data,
    )


async def test_hearing_of_an_end_removes_the_links_and_says_so_every_time(world: World) -> None:
    links = [await world.made(BEFORE - MILLISECOND), await world.made(BEFORE + MILLISECOND)]
    first = await world.hear_of_end()
    assert sorted(first) == sorted(f"link.deleted {link.id}" for link in links)
    assert sorted(await world.hear_of_end()) == sorted(first)


async def test_the_event_of_a_removed_link_has_an_id_of_its_own_that_stays(world: World) -> None:
    link = await world.made(BEFORE)
    for _ in range(2):
        outcome = await world.handle_end()
        assert [e.id for e in outcome.announcements] == [derive("evt", world.deletion.id, link.id)]


async def test_a_link_made_before_the_end_was_heard_goes_even_when_the_first_run_broke_off(
    world: World,
) -> None:
    late = await world.made(BEFORE + MILLISECOND)
    await world.replica.forget_entity(world.deletion.data, world.deletion.id)  # and then a crash
    assert await world.hear_of_end() == [f"link.deleted {late.id}"]


async def test_an_entity_that_is_there_again_keeps_the_links_made_since_its_end(
    world: World,
) -> None:
    old, new = await world.made(BEFORE), await world.made(BEFORE + MILLISECOND)
    await world.hear_of_return()
    for _ in range(2):
        assert await world.hear_of_end() == [f"link.deleted {old.id}"]
    assert await world.links.add(new) == new
    known = await world.replica.get(world.workspace_id, "entity:workspace:contact:contact_1")
    assert known is not None
    assert known.exists


async def test_a_link_is_made_where_both_are_known_without_asking_anybody(world: World) -> None:
    wish = world.wish()
    for _ in range(2):
        made = _announced(await create(wish, world.links, world.owners))
        assert made == [f"link.created {derive('dlnk', wish.command_id)}"]


async def test_a_link_to_what_is_known_to_be_gone_is_the_owners_to_decide(world: World) -> None:
    await world.hear_of_end()
    with pytest.raises(Refusal, match="Contact not found"):
        await create(world.wish(), world.links, world.owners)
    world.directory.entity = world.entity(3)
    wish = world.wish()
    made = _announced(await create(wish, world.links, world.owners))
    assert made == [f"link.created {derive('dlnk', wish.command_id)}"]


async def test_an_entity_that_is_back_keeps_its_new_links_before_its_return_was_heard_of(
    world: World,
) -> None:
    old, new = await world.made(BEFORE), await world.made(BEFORE + MILLISECOND)
    world.directory.entity = world.entity(3)
    for _ in range(2):
        assert await world.hear_of_end() == [f"link.deleted {old.id}"]
    assert await world.links.add(new) == new


class Racing(LinkStore):
    """The entity's end is heard of just before the link is written."""

    world: World

    async def add(self, link: Link) -> Link:
        await self.world.replica.forget_entity(self.world.deletion.data, self.world.deletion.id)
        return await super().add(link)


async def test_a_link_whose_entity_ends_while_it_is_made_is_removed_by_the_one_who_made_it(
    world: World, database: Database
) -> None:
    racing, wish = Racing(database), world.wish()
    racing.world = world
    link_id = derive("dlnk", wish.command_id)
    outcome = await create(wish, racing, world.owners)
    assert _announced(outcome) == [f"link.created {link_id}", f"link.deleted {link_id}"]
    # The handler of the entity's end comes second, and says the same.
    again = await world.handle_end()
    assert [each.id for each in again.announcements] == [outcome.announcements[1].id]
