"""The registry's documents, one for each storage path of a workspace."""

import asyncio
import re
import unicodedata
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any

from contracts.documents import Document, DocumentList
from services.registry.folders import line
from services.registry.numbers import EntryNumbers
from services.registry.revisions import Held
from shared.store import client
from shared.store.client import Database
from shared.store.faults import Conflict, Duplicate
from shared.store.records import Records, expiry

CHUNK = 500
"""Documents that are brought up to date at once."""

_START = datetime(1970, 1, 1, tzinfo=UTC)
_NOT_DELETED: dict[str, Any] = {"end": {"$exists": False}}


class DocumentStore:
    """Documents; a deleted one leaves a tombstone under its id, with its storage path freed."""

    def __init__(self, database: Database, numbers: EntryNumbers) -> None:
        self._records = Records(database, "documents")
        self._numbers = numbers

    async def prepare(self) -> None:
        """Ensure the indexes."""
        await self._records.index("workspace_id", "storage_path", unique=True)
        await self._records.index("workspace_id", "entry_id")
        await self._records.index("workspace_id", "-created_ms", "-id")
        await self._records.index("workspace_id")
        await self._records.expire_tombstones()

    async def add(self, document: Document) -> Held:
        """Store a new document under a number of its own.

        Or return what holds its id, be it deleted or not, or its storage path already.
        """
        [entry_id] = await self._numbers.take(document.workspace_id)
        held = Held(document=document.model_copy(update={"entry_id": entry_id}))
        while True:
            try:
                await self._records.insert(_record(held))
            except Duplicate:
                earlier = await self.held(document.workspace_id, document.id)
                earlier = earlier or await self.at_path(
                    document.workspace_id, document.storage_path
                )
                if earlier is None:
                    continue  # whatever held the path has let go of it just now
                return earlier
            return held

    async def held(self, workspace_id: str, document_id: str) -> Held | None:
        """The document, be it deleted or not."""
        record = await self._records.get(workspace_id, document_id)
        return None if record is None else _held(record)

    async def find(self, workspace_id: str, document_id: str) -> Document | None:
        """The document, if the workspace has it."""
        held = await self.held(workspace_id, document_id)
        return None if held is None or held.end is not None else held.document

    async def at_path(self, workspace_id: str, storage_path: str) -> Held | None:
        """The document whose bytes lie there."""
        record = await self._records.find_one(
            {"workspace_id": workspace_id, "storage_path": storage_path}
        )
        return None if record is None else _held(record)

    async def write(self, before: Held, after: Held) -> None:
        """Store the document in the place of the one that was read.

        Raises:
            Conflict: it has changed since.
        """
        if after is not before:
            await self._records.replace(_record(after), version=before.document.version)

    async def page(self, query: DocumentList) -> tuple[list[Document], int]:
        """A page of the documents that meet all conditions, and how many do on all pages."""
        which = _conditions(query)
        total, records = await asyncio.gather(
            self._records.count(which),
            self._records.find(
                which,
                order=[("created_ms", -1), ("id", -1)],
                skip=(query.page - 1) * query.per_page,
                limit=query.per_page,
                without=("changes",),
            ),
        )
        return [Document.model_validate(record) for record in records], total

    async def find_many(
        self, workspace_id: str, entry_ids: Collection[int], ids: Collection[str]
    ) -> list[Document]:
        """The documents with one of these numbers or ids."""
        keys = [Records.key(workspace_id, each) for each in ids]
        numbered = {"workspace_id": workspace_id, "entry_id": {"$in": [*entry_ids]}}
        wanted: list[dict[str, Any]] = []
        wanted += [numbered] if entry_ids else []
        wanted += [{"_id": {"$in": keys}}] if keys else []
        found = await asyncio.gather(
            *(self._records.find(each | _NOT_DELETED, without=("changes",)) for each in wanted)
        )
        return [Document.model_validate(record) for records in found for record in records]

    async def unnumbered(self) -> list[Held]:
        """Some documents that a release before entry numbers stored."""
        which = {"created_ms": {"$exists": False}}
        return [_held(record) for record in await self._records.find(which, limit=CHUNK)]

    async def number(self, held: Held) -> None:
        """Bring a document of an earlier release up to date, unless it has changed meanwhile."""
        [entry_id] = await self._numbers.take(held.document.workspace_id)
        version = held.document.version
        update = {"entry_id": entry_id, "version": version + 1}
        numbered = held.model_copy(update={"document": held.document.model_copy(update=update)})
        try:
            await self._records.replace(_record(numbered), version=version)
        except Conflict:
            return  # by another process, or it is looked for again


def _record(held: Held) -> client.Document:
    document = held.document
    record = {
        "_id": Records.key(document.workspace_id, document.id),
        **document.model_dump(),
        # The embedded stand-in for MongoDB compares dates by the second.
        "created_ms": (document.created_at - _START) // timedelta(milliseconds=1),
        "folders": line(document.folder),
        "text": _folded(f"{document.name}\n{document.description or ''}"),
        "changes": [change.model_dump() for change in held.changes],
    }
    if held.end is not None:
        record["end"] = held.end.model_dump()
        record["storage_path"] = f"deleted:{document.id}"
        record["freed_path"] = document.storage_path
        record["expires_at"] = expiry(held.end.deleted_at)
    return record


def _held(record: client.Document) -> Held:
    path = record.get("freed_path", record["storage_path"])
    return Held(
        document=Document.model_validate(record | {"storage_path": path}),
        changes=record.get("changes", []),
        end=record.get("end"),
    )


def _conditions(query: DocumentList) -> dict[str, Any]:
    which: dict[str, Any] = {"workspace_id": query.workspace_id, **_NOT_DELETED}
    if query.folder is not None:
        which["folders"] = query.folder
    if query.tags:
        which["tags"] = {"$all": query.tags}
    if query.mime_type is not None:
        which["mime_type"] = query.mime_type
    if query.search is not None:
        which["text"] = {"$regex": re.escape(_folded(query.search))}
    if query.created_after is not None:
        milliseconds = (query.created_after - _START) // timedelta(milliseconds=1)
        which["created_ms"] = {"$gt": milliseconds}
    return which


def _folded(text: str) -> str:
    """What is the same for texts that differ in the case of letters or in how they are composed."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).casefold())
