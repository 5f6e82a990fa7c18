"""What the link service does with links."""

import asyncio

from contracts.links import Link, LinkCreate, LinkCreated, LinkDeleted, LinkResult
from services.links.owners import Owners
from services.links.store import LinkStore
from shared.errors import Refusal
from shared.ids import derive, now
from shared.outcome import Announcement, Outcome, announce


async def create(command: LinkCreate, links: LinkStore, owners: Owners) -> Outcome:
    """Tie a document to an entity; the same two again get the existing link."""
    link_id = derive("dlnk", command.command_id)
    try:
        await _require_both(command, owners)
    except Refusal:
        # The link of an earlier run goes with its entity, and was perhaps never announced.
        earlier = await links.find(command.workspace_id, link_id)
        if earlier is None:
            raise
        stored = earlier
    else:
        stored = await links.add(_link(link_id, command))
    if stored.id != link_id:
        return Outcome(LinkResult(link=stored, created=False))
    made = stored.model_copy(update={"version": 1})  # a tombstone's is another
    announcements = [created(command.command_id, made)]
    announcements += await _undo_if_deleted_meanwhile(made, links, owners)
    return Outcome(LinkResult(link=made, created=True), announcements)


async def _require_both(command: LinkCreate, owners: Owners) -> None:
    """Return if document and entity exist; where both do not, it is the document that is named."""
    looks = await asyncio.gather(
        owners.document(command.workspace_id, command.document_id),
        owners.require_entity(command),
        return_exceptions=True,
    )
    for look in looks:
        if isinstance(look, BaseException):
            raise look


def _link(link_id: str, command: LinkCreate) -> Link:
    return Link(
        id=link_id,
        workspace_id=command.workspace_id,
        kind=command.kind,
        document_id=command.document_id,
        entity_type=command.entity_type,
        entity_id=command.entity_id,
        role=command.role,
        created_by=command.actor,
        created_at=now(),
        version=1,
    )


async def _undo_if_deleted_meanwhile(
    link: Link, links: LinkStore, owners: Owners
) -> list[Announcement]:
    """Remove the link again if its entity went between our look and our write.

    The deletion marks the entity first and then removes its links; we write first and then look.
    So one of the two always sees the other, and both announce the same events.
    """
    cause = await owners.entity_end(link)
    if cause is None:
        return []
    gone = await links.remove(link, cause=cause, at=now())
    return [deleted(cause, each) for each in gone]


def created(cause_id: str, link: Link) -> Announcement:
    """`link.created` for a link."""
    return announce(
        cause_id,
        LinkCreated(**link.model_dump()),
        subject=link.id,
        workspace_id=link.workspace_id,
        time=link.created_at,
    )


def deleted(cause_id: str, gone: LinkDeleted) -> Announcement:
    """`link.deleted` for a link that went because of `cause_id`."""
    return announce(
        cause_id,
        gone,
        subject=gone.id,
        workspace_id=gone.workspace_id,
        time=gone.deleted_at,
        parts=(gone.id,),
    )
