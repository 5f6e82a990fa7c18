"""A replica of which documents, folders and entities exist, fed by their owners' events.

Events may come late, twice or out of order: a record is replaced only by a newer version. Folders
are learnt by asking; they never change and never go.

What was there when this process last looked is remembered, without asking the database again: who
acts on that has to look for a tombstone afterwards (docs/decisions/0023).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from contracts.documents import Document, DocumentDeleted
from contracts.entities import WORKSPACE_PROVIDER, Entity, EntityDeleted
from contracts.entries import Entry
from shared.store.client import Database
from shared.store.records import Records, expiry

MAX_REMEMBERED = 10_000
"""Documents and entities that are remembered to be there; the oldest are forgotten first."""


def document_key(document_id: str) -> str:
    """A document's key in the replica."""
    return f"document:{document_id}"


def folder_key(folder_id: str) -> str:
    """A folder's key in the replica."""
    return f"folder:{folder_id}"


def entity_key(entity_type: str, entity_id: str, provider: str = WORKSPACE_PROVIDER) -> str:
    """An entity's key in the replica."""
    return f"entity:{provider}:{entity_type}:{entity_id}"


@dataclass(frozen=True)
class Known:
    """What the replica knows of a record; `deleted_by` is the event that announced its end."""

    fields: dict[str, Any]
    deleted_by: str | None

    @property
    def exists(self) -> bool:
        """False for what is known to be deleted."""
        return self.deleted_by is None


class Replica:
    """Documents, folders and entities as far as they have been heard of."""

    def __init__(self, database: Database) -> None:
        self._records = Records(database, "replica")
        self._there: dict[str, None] = {}
        self._ends = 0

    async def prepare(self) -> None:
        """Ensure the indexes."""
        await self._records.index("workspace_id")
        await self._records.expire_tombstones()

    async def get(self, workspace_id: str, key: str) -> Known | None:
        """What is known of a record; None if it was never heard of."""
        [known] = await self.get_many(workspace_id, [key])
        return known

    async def get_many(self, workspace_id: str, keys: Sequence[str]) -> list[Known | None]:
        """The same for each of many records."""
        ends = self._ends
        return [
            None if held is None else self._known(held, ends)
            for held in await self._records.get_many(workspace_id, keys)
        ]

    def remembers(self, workspace_id: str, key: str) -> bool:
        """Whether a record was there when this process last looked; by now it may be gone."""
        return Records.key(workspace_id, key) in self._there

    async def ended_by(self, workspace_id: str, keys: Sequence[str]) -> list[str | None]:
        """For each record the event that announced its end, if any process has heard of it."""
        tombstones = await self._records.tombstones(workspace_id, keys)
        for key, tombstone in zip(keys, tombstones, strict=True):
            if tombstone is not None:
                self._forget(Records.key(workspace_id, key))
        return [None if each is None else str(each["deleted_by"]) for each in tombstones]

    async def put_document(self, document: Document) -> None:
        """Remember a document, unless a newer version is known."""
        key = document_key(document.id)
        await self._put(document.workspace_id, key, document, version=document.version)

    async def put_entity(self, entity: Entity) -> None:
        """Remember an entity, unless a newer version is known."""
        key = entity_key(entity.entity_type, entity.entity_id, entity.provider)
        await self._put(entity.workspace_id, key, entity, version=entity.version)

    async def put_folder(self, folder: Entry) -> None:
        """Remember a folder."""
        key = folder_key(folder.id)
        await self._put(folder.workspace_id, key, folder, version=1)

    async def forget_document(self, document: DocumentDeleted, event_id: str) -> None:
        """Remember that a document is gone; documents never come back."""
        gone = {"deleted_by": event_id, "expires_at": expiry(document.deleted_at)}
        key = document_key(document.id)
        await self._put(document.workspace_id, key, document, gone, version=document.version)

    async def forget_entity(self, entity: EntityDeleted, event_id: str) -> bool:
        """Remember that an entity is gone; false if a newer version is known.

        An event that comes again gets the same answer as before: its links may not be gone yet.
        """
        key = entity_key(entity.entity_type, entity.entity_id, entity.provider)
        gone = {"deleted_by": event_id, "expires_at": expiry(entity.deleted_at)}
        if await self._put(entity.workspace_id, key, entity, gone, version=entity.version):
            return True
        latest = await self.get(entity.workspace_id, key)
        return latest is not None and latest.deleted_by == event_id

    async def _put(
        self,
        workspace_id: str,
        key: str,
        record: Document | Entity | Entry,
        extra: dict[str, Any] | None = None,
        *,
        version: int,
    ) -> bool:
        record_id = Records.key(workspace_id, key)
        ends = self._ends
        is_latest = await self._records.keep_newest(
            {
                "_id": record_id,
                "workspace_id": workspace_id,
                "version": version,
                "fields": record.model_dump(),
                **(extra or {}),
            }
        )
        if extra:
            self._forget(record_id)
        elif is_latest:
            self._remember(record_id, ends)
        return is_latest

    def _known(self, held: dict[str, Any], ends: int) -> Known:
        known = Known(held["fields"], held.get("deleted_by"))
        if known.exists:
            self._remember(held["_id"], ends)
        return known

    def _remember(self, record_id: str, ends: int) -> None:
        """Remember it as there, unless something has ended since we looked: it may have been it."""
        if ends != self._ends:
            return
        self._there[record_id] = None
        if len(self._there) > MAX_REMEMBERED:
            del self._there[next(iter(self._there))]

    def _forget(self, record_id: str) -> None:
        self._ends += 1
        self._there.pop(record_id, None)
