"""What the link service does on hearing of documents and entities."""

from contracts.documents import Document, DocumentDeleted
from contracts.entities import EntityDeleted, EntityUpserted
from contracts.messages import Event
from services.links.links import deleted
from services.links.owners import Owners
from services.links.relations import remove_of_document
from services.links.replica import Replica
from services.links.set_store import LinkSets
from services.links.store import LinkStore
from shared.ids import now
from shared.outcome import Outcome


async def document_changed(event: Event[Document], replica: Replica) -> Outcome:
    """Remember the document as it is now."""
    await replica.put_document(event.data)
    return Outcome()


async def document_deleted(
    event: Event[DocumentDeleted], replica: Replica, links: LinkStore, sets: LinkSets
) -> Outcome:
    """Remove the document's links, each with an event; run again, announce the same events again.

    It is marked first: what is tied to it from now on is removed by whoever ties it.
    """
    document = event.data
    await replica.forget_document(document, event.id)
    gone = await links.remove_of_document(document, cause=event.id)
    gone += await remove_of_document(document, sets, cause=event.id)
    return Outcome(announcements=[deleted(event.id, each) for each in gone])


async def entity_changed(event: Event[EntityUpserted], replica: Replica) -> Outcome:
    """Remember the entity."""
    await replica.put_entity(event.data)
    return Outcome()


async def entity_deleted(
    event: Event[EntityDeleted], replica: Replica, links: LinkStore, owners: Owners
) -> Outcome:
    """Remove the entity's links, each with an event; run again, announce the same events again.

    Raises:
        PeerUnavailable: CRM-sync does not answer.
    """
    entity = event.data
    is_latest = await replica.forget_entity(entity, event.id)
    heard_at = now()
    # Until now links were made of what seemed to be there: they go too. But an entity that is
    # there again, though that event is still under way, keeps the links that were made since.
    is_gone = is_latest and not await owners.is_back(entity)
    before = max(heard_at, entity.deleted_at) if is_gone else entity.deleted_at
    gone = await links.remove_of_entity(entity, cause=event.id, before=before)
    return Outcome(announcements=[deleted(event.id, each) for each in gone])
