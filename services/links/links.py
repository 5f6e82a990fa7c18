"""What the link service does with links to entities."""

from contracts.errors import ErrorCode
from contracts.links import (
    Link,
    LinkCreate,
    LinkCreated,
    LinkDelete,
    LinkDeleted,
    LinkDeleteResult,
    LinkResult,
)
from services.links.owners import Owners
from services.links.store import LinkStore
from shared.errors import Refusal
from shared.ids import derive, now
from shared.outcome import Announcement, Outcome, announce


async def create(command: LinkCreate, links: LinkStore, owners: Owners) -> Outcome:
    """Tie a document to an entity.

    The same two again get the existing link; a second link to the same CRM is refused.
    """
    link_id = derive("dlnk", command.command_id)
    try:
        await owners.require_both(command)
    except Refusal:
        # The link of an earlier run goes with its ends, and was perhaps never announced.
        earlier = await links.find(command.workspace_id, link_id)
        if earlier is None:
            raise
        stored = earlier
    else:
        stored = await links.add(_link(link_id, command))
    if stored.id != link_id:
        return _existing(stored)
    made = stored.model_copy(update={"version": 1})  # a tombstone's is another
    announcements = [created(command.command_id, made)]
    announcements += await _undo_if_deleted_meanwhile(made, links, owners)
    return Outcome(LinkResult(link=made, created=True), announcements)


async def delete(command: LinkDelete, links: LinkStore) -> Outcome:
    """Untie a document from an entity; the second time there is nothing to untie."""
    link = await links.find(command.workspace_id, command.link_id)
    if link is None or link.document_id != command.document_id:
        # Its creation may still be waiting in our own queue.
        raise Refusal(ErrorCode.NOT_FOUND, "Link not found", may_pass=True)
    gone = await links.remove(link, cause=command.command_id, reason="unlinked", at=now())
    if gone is None:
        raise Refusal(ErrorCode.NOT_FOUND, "Link not found")
    before = Link(**gone.model_dump()).model_copy(update={"version": gone.version - 1})
    return Outcome(LinkDeleteResult(link=before), [deleted(command.command_id, gone)])


def _link(link_id: str, command: LinkCreate) -> Link:
    return Link(
        id=link_id,
        workspace_id=command.workspace_id,
        kind=command.kind,
        document_id=command.document_id,
        provider=command.provider,
        entity_type=command.entity_type,
        entity_id=command.entity_id,
        role=command.role,
        created_by=command.actor,
        created_at=now(),
        version=1,
    )


def _existing(link: Link) -> Outcome:
    if link.kind == "crm":
        raise Refusal(
            ErrorCode.ALREADY_LINKED,
            f"The document is linked to {link.provider} already, by {link.id}",
            {"provider": f"is linked to the document already, by {link.id}"},
        )
    return Outcome(LinkResult(link=link, created=False))


async def _undo_if_deleted_meanwhile(
    link: Link, links: LinkStore, owners: Owners
) -> list[Announcement]:
    """Remove the link again if one of its ends went between our look and our write.

    A deletion marks the document or entity first and then removes its links; we write first and
    then look. So one of the two always sees the other, and both announce the same events.
    """
    undone = []
    for end in await owners.ends_of(link):
        gone = await links.remove(link, cause=end.cause, reason=end.reason, at=now())
        if gone is not None:
            undone.append(deleted(end.cause, gone))
    return undone


def created(cause_id: str, link: Link) -> Announcement:
    """`link.created` for a link; a relation is one of many that a command may make."""
    return announce(
        cause_id,
        LinkCreated(**link.model_dump()),
        subject=link.id,
        workspace_id=link.workspace_id,
        time=link.created_at,
        parts=(link.id,) if link.kind == "relation" else (),
    )


def deleted(cause_id: str, gone: LinkDeleted) -> Announcement:
    """`link.deleted` for a link that went because of `cause_id`, alone or with others."""
    return announce(
        cause_id,
        gone,
        subject=gone.id,
        workspace_id=gone.workspace_id,
        time=gone.deleted_at,
        parts=() if gone.reason == "unlinked" else (gone.id,),
    )
