"""What CRM-sync does with the entity directory."""

from contracts.entities import (
    WORKSPACE_PROVIDER,
    Entity,
    EntityChildren,
    EntityChildrenResult,
    EntityDelete,
    EntityDeleted,
    EntityGet,
    EntityResult,
    EntityUpsert,
    EntityUpserted,
    EntityUpsertResult,
)
from contracts.errors import ErrorCode
from services.crm_sync.directory import upserted
from services.crm_sync.entry import Entry
from services.crm_sync.store import ConnectionStore, EntityStore, entity_key
from shared.errors import Refusal
from shared.ids import now
from shared.outcome import Announcement, Outcome, announce

MAX_CHILDREN = 1000


async def upsert(command: EntityUpsert, entities: EntityStore) -> Outcome:
    """Record an entity, or change what is known of it; no event where nothing changes."""
    entry = await entities.change(
        command.workspace_id, command.key, lambda held: upserted(held, command, now())
    )
    change = entry.change_by(command.command_id)
    if change is None:
        return Outcome(EntityUpsertResult(entity=entry.record, created=False))
    entity = change.record
    event = _announce(command, EntityUpserted(**entity.model_dump()), entity)
    return Outcome(EntityUpsertResult(entity=entity, created=change.created), [event])


async def delete(command: EntityDelete, entities: EntityStore) -> Outcome:
    """Forget an entity, and say so; the link service removes its links on hearing it."""

    def without(held: Entry[Entity] | None) -> Entry[Entity]:
        if held is None:
            raise _not_found()
        return held.deleted(command.command_id, now())

    entry = await entities.change(command.workspace_id, command.key, without)
    change = entry.change_by(command.command_id)
    if change is None:
        raise _not_found()
    gone = change.record
    event = _announce(command, EntityDeleted(**gone.model_dump(), deleted_at=gone.updated_at), gone)
    return Outcome(EntityResult(entity=gone), [event])


async def get(query: EntityGet, entities: EntityStore, connections: ConnectionStore) -> Outcome:
    """Read one entity, of the workspace's own directory or of a CRM that it works with."""
    provider = query.provider
    if provider != WORKSPACE_PROVIDER and not await connections.is_there(
        query.workspace_id, provider
    ):
        raise Refusal(
            ErrorCode.NOT_CONNECTED,
            f"The workspace has no connection to {provider}",
            {"provider": f"the workspace has no connection to {provider}"},
        )
    entry = await entities.find(query.workspace_id, query.key)
    if entry is None or entry.is_deleted:
        raise _not_found()
    return Outcome(EntityResult(entity=entry.record))


async def children(query: EntityChildren, entities: EntityStore) -> Outcome:
    """The entities below one, generation after generation; each is met once, also in a circle."""
    met = {query.key}
    found: list[Entity] = []
    generation = [query.key]
    while generation and len(found) < MAX_CHILDREN:
        # One more than there is room for: the one asked about may be its own descendant.
        limit = MAX_CHILDREN - len(found) + 1
        below = await entities.below(query.workspace_id, generation, limit=limit)
        new = {key: each for each in below if (key := entity_key(each.provider, each)) not in met}
        met |= new.keys()
        found += new.values()
        generation = list(new)
    return Outcome(EntityChildrenResult(children=found[:MAX_CHILDREN]))


def _not_found() -> Refusal:
    return Refusal(ErrorCode.NOT_FOUND, "Entity not found")


def _announce(
    command: EntityUpsert | EntityDelete, data: EntityUpserted | EntityDeleted, entity: Entity
) -> Announcement:
    return announce(
        command.command_id,
        data,
        subject=entity.entity_id,
        workspace_id=entity.workspace_id,
        time=entity.updated_at,
    )
