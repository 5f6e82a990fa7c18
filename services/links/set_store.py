"""The link service's database: sets of relations, and the changes that made them.

A change is stored first, under the set's next version, and then the set is put in its place. Who
finds a change whose set is not in place yet, because its process died or is still at it, puts it
there and goes on from it. So each version has one owner and no transaction is needed.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from weakref import WeakValueDictionary

from contracts.entities import DOCUMENT_PROVIDER
from contracts.links import Link, LinkDeleted
from services.links.sets import Change, LinkSet
from shared.store.client import Database, Document
from shared.store.faults import Conflict, Duplicate
from shared.store.records import Records, expiry

Decide = Callable[[LinkSet], Awaitable[Change | None]]
"""What is to become of a set; None: it stays as it is."""


class LinkSets:
    """One set of relations for each source, replaced whole."""

    def __init__(self, database: Database) -> None:
        self._sets = Records(database, "link_sets")
        self._changes = Records(database, "link_set_changes")
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def prepare(self) -> None:
        """Ensure the indexes."""
        await self._sets.index("workspace_id")  # the stand-in has no use for the next one
        await self._sets.index("workspace_id", "targets")
        await self._sets.expire_tombstones()
        await self._changes.index("workspace_id", "cause")
        await self._changes.expire_tombstones()

    async def find(self, workspace_id: str, source_id: str) -> LinkSet:
        """The set of a source, empty where there has never been one."""
        held = await self._sets.get(workspace_id, source_id)
        return LinkSet(workspace_id, source_id) if held is None else _set(held)

    async def with_target(self, workspace_id: str, target_id: str) -> list[LinkSet]:
        """The sets that have a relation to a document or folder."""
        # `$in` for one: with an index the stand-in compares a whole array to a plain value.
        which = {"workspace_id": workspace_id, "targets": {"$in": [target_id]}}
        return [_set(held) for held in await self._sets.find(which)]

    async def change(self, workspace_id: str, source_id: str, decide: Decide) -> Change | None:
        """Make of the set what `decide` says; it is asked anew when others were faster.

        Where `decide` finds no change by its cause, it has not run before: by the time it is
        asked, the set's next version is free, and it stays free or ours is not taken.
        """
        # The writers of a process take turns: all that lose to another one have to begin anew, and
        # many at once would cost the square of their number.
        key = Records.key(workspace_id, source_id)
        async with self._turns.setdefault(key, asyncio.Lock()):
            return await self._change(workspace_id, source_id, decide)

    async def changes_by(
        self, workspace_id: str, cause: str, source_id: str | None = None
    ) -> list[Change]:
        """What a command or event has made of sets, or of one of them, in any of its runs."""
        which = {"workspace_id": workspace_id, "cause": cause}
        if source_id is not None:
            which["source_id"] = source_id
        held = await self._changes.find(which, order=[("version", 1)])
        return [_change(record) for record in held]

    async def _change(self, workspace_id: str, source_id: str, decide: Decide) -> Change | None:
        while True:
            before = await self.find(workspace_id, source_id)
            begun = await self._changes.get(workspace_id, f"{source_id}:{before.version + 1}")
            if begun is not None:
                await self._put_in_place(begun)
                continue
            change = await decide(before)
            if change is None:
                return None
            record = _change_record(change)
            try:
                await self._changes.insert(record)
            except Duplicate:
                continue
            await self._put_in_place(record)
            return change

    async def _put_in_place(self, change: Document) -> None:
        record = {
            "_id": Records.key(change["workspace_id"], change["source_id"]),
            "workspace_id": change["workspace_id"],
            "source_id": change["source_id"],
            "version": change["version"],
            "targets": sorted({link["entity_id"] for link in change["links"]}),
            "links": change["links"],
        }
        if not change["links"]:
            # Perhaps its source is gone. Versions may begin again when all changes have expired.
            record["expires_at"] = change["expires_at"] + timedelta(days=1)
        try:
            if change["version"] == 1:
                await self._sets.insert(record)
            else:
                await self._sets.replace(record, version=change["version"] - 1)
        except (Duplicate, Conflict):
            return  # it is in place, or a later one by now


def _change_record(change: Change) -> Document:
    after = change.after
    return {
        "_id": Records.key(after.workspace_id, f"{after.source_id}:{after.version}"),
        "workspace_id": after.workspace_id,
        "source_id": after.source_id,
        "version": after.version,
        "cause": change.cause,
        "at": change.at,
        "links": [_stored(link) for link in after.links],
        "added": sorted(change.added),
        "removed": [_stored(link) for link in change.removed],
        "expires_at": expiry(change.at),
    }


def _change(record: Document) -> Change:
    return Change(
        cause=record["cause"],
        at=record["at"],
        after=_set(record),
        added=frozenset(record["added"]),
        removed=[LinkDeleted(**_loaded(record, link)) for link in record["removed"]],
    )


def _set(record: Document) -> LinkSet:
    return LinkSet(
        workspace_id=record["workspace_id"],
        source_id=record["source_id"],
        version=record["version"],
        links=[Link(**_loaded(record, link)) for link in record["links"]],
    )


_SHARED = {"workspace_id", "kind", "document_id", "provider", "role"}
"""The same for all relations of a set."""


def _stored(link: Link) -> Document:
    # As pairs: a property's name is the caller's, and may be none that a database takes for a key.
    pairs = None if link.properties is None else [list(pair) for pair in link.properties.items()]
    return link.model_dump(exclude=_SHARED) | {"properties": pairs}


def _loaded(record: Document, link: Document) -> dict[str, Any]:
    pairs = link["properties"]
    return link | {
        "workspace_id": record["workspace_id"],
        "kind": "relation",
        "document_id": record["source_id"],
        "provider": DOCUMENT_PROVIDER,
        "properties": None if pairs is None else dict(pairs),
    }
