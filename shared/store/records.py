"""Records: one collection of versioned documents, each under its workspace.

Records are written whole: inserted, or replaced if their version is still the one that was read.
The embedded stand-in for MongoDB turns dates into strings in `$set`, and a whole record is also
the easiest thing to reason about when a command runs twice.
"""

from collections.abc import Sequence
from copy import copy
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from pymongo import ReplaceOne
from pymongo.errors import BulkWriteError

from shared.batching import Batcher
from shared.ids import now
from shared.store.client import Database, Document, Filter, Order
from shared.store.faults import Conflict, Duplicate, passing_faults, write_faults

TOMBSTONE_DAYS = 7
"""How long a deleted record is remembered, so that a late redelivery cannot bring it back."""


def expiry(deleted_at: datetime) -> datetime:
    """When a tombstone may go; by our own clock, where somebody else's is ahead."""
    return min(deleted_at, now()) + timedelta(days=TOMBSTONE_DAYS)


def equal(**fields: Any) -> dict[str, Any]:
    """A filter for records whose fields have these values; not for lists, where `$eq` is another.

    Spelled out, since only then the embedded stand-in for MongoDB uses an index over many fields:
    otherwise it reads all records to count some.
    """
    return {name: {"$eq": value} for name, value in fields.items()}


class Records:
    """A collection in which `_id` is workspace and id, so that tenants never share one."""

    def __init__(self, database: Database, name: str) -> None:
        self._database = database
        self._name = name
        self._collection = database.collection(name)
        self._insert = Batcher(self._insert_many)
        self._read = Batcher(partial(self._read_many, {}))
        self._read_tombstone = Batcher(partial(self._read_many, {"deleted_by": {"$exists": True}}))
        self._keep = Batcher(self._keep_many)

    @staticmethod
    def key(workspace_id: str, record_id: str) -> str:
        """The `_id` of a record."""
        return f"{workspace_id}:{record_id}"

    async def index(self, *fields: str, unique: bool = False, exact: bool = False) -> None:
        """Ensure an index over `fields`; a leading `-` makes one descending.

        Where not all queries are made with `equal` (then it is `exact`), the embedded stand-in uses
        no index but those over one field. So it gets one over the field that tells most, and one
        over several only for what it must keep unique.
        """
        order = [(f.removeprefix("-"), -1 if f.startswith("-") else 1) for f in fields]
        telling = order[:2][-1:]
        with passing_faults():
            if unique or exact or not self._database.embedded:
                await self._collection.create_index(order, unique=unique)
            if self._database.embedded and not exact and not (unique and telling == order):
                await self._collection.create_index(telling)

    async def expire_tombstones(self) -> None:
        """Ensure that records go when their `expires_at` has passed.

        The embedded stand-in would look through the whole collection at every read; it keeps them.
        """
        if not self._database.embedded:
            with passing_faults():
                await self._collection.create_index([("expires_at", 1)], expireAfterSeconds=0)

    async def insert(self, document: Document) -> None:
        """Insert a document that holds its `_id`, together with whatever else waits.

        Raises:
            Duplicate: its id, or another unique key, is taken.
        """
        await self._insert(document)

    async def get(self, workspace_id: str, record_id: str) -> Document | None:
        """The record, read together with whatever else waits to be read."""
        return await self._read(self.key(workspace_id, record_id))

    async def get_many(self, workspace_id: str, record_ids: Sequence[str]) -> list[Document | None]:
        """Each of the records, read together with whatever else waits to be read."""
        return await self._read.all(self.key(workspace_id, each) for each in record_ids)

    async def tombstones(
        self, workspace_id: str, record_ids: Sequence[str]
    ) -> list[Document | None]:
        """Each record if it is deleted, read together with whatever else waits for such."""
        return await self._read_tombstone.all(self.key(workspace_id, each) for each in record_ids)

    async def find_one(self, query: Filter) -> Document | None:
        """The one record that matches."""
        with passing_faults():
            return await self._collection.find_one(query)

    async def find(
        self,
        query: Filter,
        *,
        order: Order = (),
        skip: int = 0,
        limit: int = 0,
        without: Sequence[str] = (),
    ) -> list[Document]:
        """The records that match, `without` some of their fields; `limit` 0 means all."""
        cursor = self._collection.find(query, dict.fromkeys(without, 0) or None)
        if order:
            cursor = cursor.sort(order)
        with passing_faults():
            return await cursor.skip(skip).limit(limit).to_list(None)

    async def count(self, query: Filter) -> int:
        """How many records match."""
        return await self._database.count(self._name, query)

    async def replace(self, document: Document, *, version: int) -> None:
        """Put `document` in the place of its version `version`.

        Raises:
            Conflict: the record has another version by now, or is gone.
        """
        with passing_faults():
            answer = await self._collection.replace_one(
                {"_id": document["_id"], "version": version}, document
            )
        if answer.matched_count == 0:
            raise Conflict(document["_id"])

    async def replace_many(self, documents: Sequence[Document], *, unless: str) -> None:
        """Put each document in its place, unless the stored one has the field `unless`."""
        if not documents:
            return
        requests: list[Any] = [
            ReplaceOne({"_id": document["_id"], unless: {"$exists": False}}, document)
            for document in documents
        ]
        try:
            with passing_faults():
                await self._collection.bulk_write(requests, ordered=False)
        except BulkWriteError as error:
            for _, fault in write_faults(error):
                raise fault from error

    async def keep_newest(self, document: Document) -> bool:
        """Store `document` unless the same or a newer version is there; true if stored."""
        while not await self._keep(document):
            # The upsert met a record under its id: a newer one, or one that was inserted at the
            # same moment and may be older.
            held = await self._read(document["_id"])
            if held is not None and held["version"] >= document["version"]:
                return False
        return True

    async def _insert_many(self, documents: list[Document]) -> list[Exception | None]:
        answers: list[Exception | None] = [None] * len(documents)
        try:
            with passing_faults():
                await self._collection.insert_many(documents, ordered=False)
        except BulkWriteError as error:
            for index, fault in write_faults(error):
                answers[index] = fault
        return answers

    async def _keep_many(self, documents: list[Document]) -> list[bool | Exception]:
        answers: list[bool | Exception] = [True] * len(documents)
        requests: list[Any] = [
            ReplaceOne({"_id": each["_id"], "version": {"$lt": each["version"]}}, each, upsert=True)
            for each in documents
        ]
        try:
            with passing_faults():
                await self._collection.bulk_write(requests, ordered=False)
        except BulkWriteError as error:
            for index, fault in write_faults(error):
                answers[index] = False if isinstance(fault, Duplicate) else fault
        return answers

    async def _read_many(self, which: Filter, keys: list[str]) -> list[Document | Exception | None]:
        query = {"_id": {"$in": sorted(set(keys))}, **which}
        with passing_faults():
            found = await self._collection.find(query).to_list(None)
        by_key = {document["_id"]: document for document in found}
        # A copy for each caller: two may have asked for the same record, and change theirs.
        return [copy(by_key.get(key)) for key in keys]
