"""The link service of one workspace, without a bus: its handlers, its database, its peers."""

from datetime import UTC, datetime
from typing import Any

from contracts.documents import Document, DocumentDeleted
from contracts.entities import EntityGet
from contracts.entries import Entry, EntryFind
from contracts.errors import ErrorCode
from contracts.links import LinkCreate
from contracts.messages import Event, Request, ResultT
from contracts.relations import RelationsReplace, RelationWish
from services.links import events, relations
from services.links.owners import Owners
from services.links.replica import Replica
from services.links.set_store import LinkSets
from services.links.store import LinkStore
from services.links.type_store import LinkTypes
from shared.bus.publisher import Publisher
from shared.bus.requester import Requester
from shared.errors import Refusal
from shared.ids import derive, new_id, now
from shared.outcome import Outcome
from shared.settings import Settings
from shared.store.client import Database
from shared.store.counters import Counters

BEFORE = datetime(2026, 4, 17, 10, 45, tzinfo=UTC)


class Peers(Requester):
    """The answers of the registry and of CRM-sync.

    Attributes:
        entities: Whether any entity that is asked for exists.
        entries: The documents and folders that the registry knows.
        asked: Every request so far.
    """

    def __init__(self) -> None:
        super().__init__(Publisher(Settings(), "links"), "links")
        self.entities = False
        self.entries: dict[str, Entry] = {}
        self.asked: list[Request] = []

    def add(self, **entry: Any) -> None:
        """Let the registry know one more document or folder."""
        self.entries[entry["id"]] = Entry(**entry)

    async def ask(self, request: Request, answer: type[ResultT], **_: Any) -> ResultT:
        self.asked.append(request)
        if isinstance(request, EntryFind):
            found = [self.entries[each] for each in request.ids if each in self.entries]
            return answer.model_validate({"entries": [each.model_dump() for each in found]})
        if isinstance(request, EntityGet) and self.entities:
            names = request.model_dump(
                include={"workspace_id", "provider", "entity_type", "entity_id"}
            )
            entity = names | {"created_at": BEFORE, "updated_at": BEFORE, "version": 3}
            return answer.model_validate({"entity": entity})
        raise Refusal(ErrorCode.NOT_FOUND, "Not found")


class World:
    """A link service that has heard of the documents `doc_1` to `doc_4`."""

    def __init__(self, workspace_id: str, database: Database) -> None:
        self.workspace_id = workspace_id
        self.peers = Peers()
        self.replica = Replica(database)
        self.owners = Owners(self.peers, self.replica, deadline=1)
        self.links = LinkStore(database)
        self.sets = LinkSets(database)
        self.types = LinkTypes(database)
        self.counters = Counters(database)

    async def prepare(self) -> None:
        for each in (self.replica, self.links, self.sets, self.types):
            await each.prepare()
        for number in range(1, 5):
            await self.replica.put_document(self.document(number))

    def document(self, number: int, **fields: Any) -> Document:
        document: dict[str, Any] = {
            "id": f"doc_{number}",
            "entry_id": number + 1,
            "workspace_id": self.workspace_id,
            "name": f"{number}.pdf",
            "mime_type": "application/pdf",
            "storage_path": f"workspaces/{self.workspace_id}/{number}.pdf",
            "created_at": BEFORE,
            "updated_at": BEFORE,
            "version": 1,
        }
        return Document(**(document | fields))

    def wish(self, document_id: str = "doc_1") -> LinkCreate:
        return LinkCreate(
            command_id=new_id("cmd"),
            workspace_id=self.workspace_id,
            document_id=document_id,
            entity_type="contact",
            entity_id="contact_1",
        )

    def wish_for(self, source: str, *targets: str) -> RelationsReplace:
        return RelationsReplace(
            command_id=new_id("cmd"),
            workspace_id=self.workspace_id,
            document_id=source,
            relations=[RelationWish(target_id=each, link_type_id=1) for each in targets],
        )

    async def replace(self, command: RelationsReplace, sets: LinkSets | None = None) -> Outcome:
        return await relations.replace(
            command, sets or self.sets, self.owners, self.types, self.counters
        )

    def end_of(self, number: int) -> Event[DocumentDeleted]:
        gone = self.document(number, version=2).model_dump() | {"deleted_at": now(), "hard": False}
        return Event[DocumentDeleted](
            id=derive("evt", new_id("cmd")),
            type="document.deleted",
            source="/x",
            subject=gone["id"],
            time=now(),
            workspaceid=self.workspace_id,
            data=DocumentDeleted(**gone),
        )

    async def hear(self, end: Event[DocumentDeleted]) -> Outcome:
        return await events.document_deleted(end, self.replica, self.links, self.sets)


def announced(outcome: Outcome) -> list[str]:
    """What is announced, by type and subject."""
    return [f"{each.data.type} {each.subject}" for each in outcome.announcements]


def event_ids(outcome: Outcome) -> list[str]:
    """The ids of the events that go out."""
    return sorted(each.id for each in outcome.announcements)
