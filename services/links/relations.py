"""What the link service does with relations between documents."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from itertools import islice

from contracts.documents import DocumentDeleted
from contracts.entries import Entry
from contracts.errors import ErrorCode
from contracts.links import Link, LinkDeleted
from contracts.relations import (
    DocumentRelations,
    DocumentRelationsResult,
    Relation,
    RelationEnd,
    RelationsReplace,
    RelationsReplaceResult,
)
from services.links.links import created, deleted
from services.links.owners import Owners
from services.links.set_store import LinkSets
from services.links.sets import Change, LinkSet, broken_rules, replaced, unnumbered, without
from services.links.type_store import LinkTypes
from shared.errors import Refusal
from shared.ids import now
from shared.outcome import Announcement, Outcome
from shared.rules import MAX_FIELDS
from shared.store.counters import Counters

NUMBERS = "links"
"""The counter that relations get their numbers from."""


async def replace(
    command: RelationsReplace,
    sets: LinkSets,
    owners: Owners,
    types: LinkTypes,
    counters: Counters,
) -> Outcome:
    """Give a document or folder this set of relations; the same set again changes nothing."""
    workspace_id, source_id = command.workspace_id, command.document_id
    entries: dict[str, Entry] = {}

    async def decide(before: LinkSet) -> Change | None:
        if await sets.changes_by(workspace_id, command.command_id, source_id):
            return None  # an earlier run; others may have changed the set since
        entries.update(await _require_all(command, owners, types))
        count = unnumbered(before, command)
        first = await counters.take(workspace_id, NUMBERS, count) if count else 0
        numbers = range(first, first + count)
        return replaced(before, command, entries, numbers=numbers, at=now())

    change = await sets.change(workspace_id, source_id, decide)
    if change is None:
        [change] = await sets.changes_by(workspace_id, command.command_id, source_id)
    announcements = _announced(change) + await _undo_if_deleted_meanwhile(change, sets, owners)
    relations = await _described(workspace_id, change.after.links, owners, types, entries)
    return Outcome(RelationsReplaceResult(relations=relations), announcements)


async def of_document(
    query: DocumentRelations, sets: LinkSets, owners: Owners, types: LinkTypes
) -> Outcome:
    """Relations from and to a document or folder, by number, as far as both ends are there."""
    workspace_id, document_id = query.workspace_id, query.document_id
    known, own, others = await asyncio.gather(
        owners.entries(workspace_id, [document_id]),
        sets.find(workspace_id, document_id),
        sets.with_target(workspace_id, document_id),
    )
    if document_id not in known:
        raise _no_such_source()
    links = own.links + [link for other in others for link in other.to(document_id)]
    ahead = sorted((link for link in links if _number(link) > query.after), key=_number)
    page: list[Relation] = []
    seen = 0
    # Only where a document has just been deleted does this take more than one turn.
    while seen < len(ahead) and len(page) < query.limit:
        chunk = ahead[seen : seen + query.limit - len(page)]
        page += await _described(workspace_id, chunk, owners, types, known)
        seen += len(chunk)
    total = len(links) - (seen - len(page))
    return Outcome(DocumentRelationsResult(relations=page, total=total))


async def remove_of_document(
    document: DocumentDeleted, sets: LinkSets, *, cause: str
) -> list[LinkDeleted]:
    """Remove relations from and to a document; returns what `cause` has removed, in any run."""
    others = await sets.with_target(document.workspace_id, document.id)
    sources = [document.id, *(other.source_id for other in others)]
    await asyncio.gather(
        *(
            _detach(
                sets,
                document.workspace_id,
                source,
                gone_id=document.id,
                cause=cause,
                at=document.deleted_at,
            )
            for source in sources
        )
    )
    changes = await sets.changes_by(document.workspace_id, cause)
    return [gone for change in changes for gone in change.removed]


async def _detach(
    sets: LinkSets, workspace_id: str, source_id: str, *, gone_id: str, cause: str, at: datetime
) -> None:
    """Take a document that is gone out of a set, be it the source or a target."""

    async def decide(before: LinkSet) -> Change | None:
        return without(before, gone_id, cause=cause, at=at)

    await sets.change(workspace_id, source_id, decide)


async def _undo_if_deleted_meanwhile(
    change: Change, sets: LinkSets, owners: Owners
) -> list[Announcement]:
    """Remove again what was tied to a document that went between our look and our write.

    As with links to entities: a deletion marks first, then removes; we write first, then look.
    """
    workspace_id, source_id = change.after.workspace_id, change.after.source_id
    tied = [source_id, *(link.entity_id for link in change.created)]
    announcements: list[Announcement] = []
    for gone_id, cause in (await owners.ended(workspace_id, tied)).items():
        await _detach(sets, workspace_id, source_id, gone_id=gone_id, cause=cause, at=now())
        for undone in await sets.changes_by(workspace_id, cause, source_id):
            announcements += _announced(undone)
    return announcements


async def _require_all(
    command: RelationsReplace, owners: Owners, types: LinkTypes
) -> dict[str, Entry]:
    """The source and all targets, if the command may be carried out.

    Raises:
        Refusal: `not_found`, `validation_error`; nothing has been changed.
        PeerUnavailable: the registry does not answer.
    """
    wishes = command.relations
    entries, kinds = await asyncio.gather(
        owners.entries(
            command.workspace_id, [command.document_id, *(wish.target_id for wish in wishes)]
        ),
        types.find(command.workspace_id, (wish.link_type_id for wish in wishes)),
    )
    if command.document_id not in entries:
        raise _no_such_source()
    broken = broken_rules(command, kinds.keys())
    if broken:
        message = "The relations break a rule; nothing has been changed"
        raise Refusal(ErrorCode.VALIDATION_ERROR, message, _first(broken))
    unknown = {
        f"relations.{position}.target_id": "no such document or folder"
        for position, wish in enumerate(wishes)
        if wish.target_id not in entries
    }
    if unknown:
        message = "A target was not found; nothing has been changed"
        raise Refusal(ErrorCode.NOT_FOUND, message, _first(unknown), may_pass=True)
    return entries


def _first(fields: dict[str, str]) -> dict[str, str]:
    return dict(islice(fields.items(), MAX_FIELDS))


def _no_such_source() -> Refusal:
    fields = {"document_id": "no such document or folder"}
    # Its registration may still be waiting in the registry's queue.
    return Refusal(ErrorCode.NOT_FOUND, "Document not found", fields, may_pass=True)


async def _described(
    workspace_id: str,
    links: Sequence[Link],
    owners: Owners,
    types: LinkTypes,
    known: dict[str, Entry],
) -> list[Relation]:
    """The links with what there is to know of both ends; those with an end gone are left out.

    `known` are documents and folders that have been looked up already.
    """
    ids = {link.document_id for link in links} | {link.entity_id for link in links}
    found, kinds = await asyncio.gather(
        owners.entries(workspace_id, ids - known.keys()),
        types.find(workspace_id, {link.link_type_id for link in links if link.link_type_id}),
    )
    ends = {each: _end(entry) for each, entry in (known | found).items()}
    return [
        Relation(
            link=link,
            source=ends[link.document_id],
            target=ends[link.entity_id],
            link_type=kinds[link.link_type_id],
        )
        for link in links
        if link.link_type_id and {link.document_id, link.entity_id} <= ends.keys()
    ]


def _end(entry: Entry) -> RelationEnd:
    return RelationEnd(**entry.model_dump(include=set(RelationEnd.model_fields)))


def _number(link: Link) -> int:
    return link.link_number or 0


def _announced(change: Change) -> list[Announcement]:
    return [
        *(deleted(change.cause, gone) for gone in change.removed),
        *(created(change.cause, link) for link in change.created),
    ]
