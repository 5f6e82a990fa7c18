"""The link service's database: links to entities, one for each uniqueness key of a workspace."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from contracts.documents import DocumentDeleted
from contracts.entities import EntityDeleted, EntityRef
from contracts.links import DocumentLinks, EntityDocuments, Link, LinkDeleted
from shared.store.client import Database, Document, Filter
from shared.store.faults import Duplicate
from shared.store.records import Records, equal, expiry

CHUNK = 500
"""Links that a cascade takes at once."""

Reason = Literal["entity_deleted", "document_deleted", "unlinked", "replaced"]


def uniqueness_key(link: Link) -> str:
    """What may exist once in a workspace: for a CRM the document, else document and entity."""
    if link.kind == "crm":
        return f"crm:{link.document_id}:{link.provider}"
    return f"entity:{link.document_id}:{link.entity_type}:{link.entity_id}"


def target(entity: Link | EntityRef | EntityDeleted) -> str:
    """What the listings of an entity select on."""
    return f"{entity.provider}:{entity.entity_type}:{entity.entity_id}"


def record_of(link: Link) -> Document:
    """A new link as it is stored."""
    return {
        "_id": Records.key(link.workspace_id, link.id),
        "key": uniqueness_key(link),
        "target": target(link),
        **link.model_dump(),
    }


class LinkStore:
    """Links; a removed one leaves a tombstone under its id, with its key freed."""

    def __init__(self, database: Database) -> None:
        self._records = Records(database, "links")

    async def prepare(self) -> None:
        """Ensure the indexes."""
        await self._records.index("workspace_id", "key", unique=True, exact=True)
        await self._records.index("workspace_id", "target", "-created_at", "-id", exact=True)
        await self._records.index("workspace_id", "document_id", "-created_at", "-id", exact=True)
        await self._records.index("workspace_id", "deleted_by", exact=True)
        await self._records.expire_tombstones()

    async def add(self, link: Link) -> Link:
        """Store a new link, or return what holds its id or its key already."""
        record = record_of(link)
        while True:
            try:
                await self._records.insert(record)
            except Duplicate:
                held = await self._records.get(link.workspace_id, link.id)
                held = held or await self._records.find_one(
                    equal(workspace_id=link.workspace_id, key=record["key"])
                )
                if held is None:
                    continue  # the link that held the key was removed just now
                return Link.model_validate(held)
            return link

    async def find(self, workspace_id: str, link_id: str) -> Link | None:
        """The link, be it removed or not."""
        held = await self._records.get(workspace_id, link_id)
        return None if held is None else Link.model_validate(held)

    async def of_entity(self, query: EntityDocuments) -> tuple[list[Link], int]:
        """A page of an entity's links, newest first, and how many there are on all pages."""
        which = equal(workspace_id=query.workspace_id, target=target(query))
        if query.role is not None:
            which |= equal(role=query.role)
        return await self._page(which, query)

    async def of_document(self, query: DocumentLinks) -> tuple[list[Link], int]:
        """A page of a document's links of one kind, newest first, and how many there are."""
        which = _living(query.workspace_id, query.document_id) | equal(kind=query.kind)
        return await self._page(which, query)

    async def remove(
        self, link: Link, *, cause: str, reason: Reason, at: datetime
    ) -> LinkDeleted | None:
        """Remove one link; returns it if it was `cause` that removed it, now or earlier."""
        held = await self._records.get(link.workspace_id, link.id)
        if held is not None and "deleted_by" not in held:
            await self._bury([held], cause=cause, reason=reason, at=at)
            held = await self._records.get(link.workspace_id, link.id)
        return None if held is None or held["deleted_by"] != cause else _tombstone(held)

    async def remove_of_entity(
        self, entity: EntityDeleted, *, cause: str, before: datetime
    ) -> list[LinkDeleted]:
        """Remove the links of an entity that were made before a time, or at it.

        Returns what `cause` has removed, in this run or in an earlier one.
        """
        which = equal(workspace_id=entity.workspace_id, target=target(entity))
        which["created_at"] = {"$lte": before}
        while held := await self._oldest(which, before):
            await self._bury(held, cause=cause, reason="entity_deleted", at=entity.deleted_at)
        return await self._removed_by(entity.workspace_id, cause)

    async def remove_of_document(
        self, document: DocumentDeleted, *, cause: str
    ) -> list[LinkDeleted]:
        """Remove the links of a document; returns what `cause` has removed, now or earlier."""
        which = _living(document.workspace_id, document.id)
        while held := await self._records.find(which, limit=CHUNK):
            await self._bury(held, cause=cause, reason="document_deleted", at=document.deleted_at)
        return await self._removed_by(document.workspace_id, cause)

    async def _page(
        self, which: Filter, query: EntityDocuments | DocumentLinks
    ) -> tuple[list[Link], int]:
        total, held = await asyncio.gather(
            self._records.count(which),
            self._records.find(
                which,
                order=[("created_at", -1), ("id", -1)],
                skip=(query.page - 1) * query.per_page,
                limit=query.per_page,
            ),
        )
        return [Link.model_validate(record) for record in held], total

    async def _oldest(self, which: Filter, before: datetime) -> list[Document]:
        held = await self._records.find(which, order=[("created_at", 1)], limit=CHUNK)
        # The embedded stand-in compares dates by the second.
        return [record for record in held if record["created_at"] <= before]

    async def _bury(
        self, held: Sequence[Document], *, cause: str, reason: Reason, at: datetime
    ) -> None:
        tombstones = [
            record
            | {
                "key": f"deleted:{record['id']}",
                "target": None,
                "version": record["version"] + 1,
                "deleted_by": cause,
                "deleted_at": at,
                "reason": reason,
                "expires_at": expiry(at),
            }
            for record in held
        ]
        await self._records.replace_many(tombstones, unless="deleted_by")

    async def _removed_by(self, workspace_id: str, cause: str) -> list[LinkDeleted]:
        held = await self._records.find(equal(workspace_id=workspace_id, deleted_by=cause))
        return [_tombstone(record) for record in held]


def _living(workspace_id: str, document_id: str) -> dict[str, Any]:
    """Selects a document's links; tombstones keep the document's id, and have no target.

    Not by `deleted_by`, which most have not: the embedded stand-in takes its index for the best.
    """
    return equal(workspace_id=workspace_id, document_id=document_id) | {"target": {"$ne": None}}


def _tombstone(record: Document) -> LinkDeleted:
    # Those that the first release left behind have no reason: it knew only this one.
    return LinkDeleted(**({"reason": "entity_deleted"} | record))
