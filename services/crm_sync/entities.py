"""What CRM-sync does with the entity directory."""

from contracts.entities import (
    Entity,
    EntityDelete,
    EntityDeleted,
    EntityGet,
    EntityResult,
    EntityUpsert,
    EntityUpserted,
    EntityUpsertResult,
)
from contracts.errors import ErrorCode
from services.crm_sync.directory import deleted, upserted
from services.crm_sync.store import EntityStore
from shared.errors import Refusal
from shared.ids import now
from shared.outcome import Announcement, Outcome, announce
from shared.store.faults import Conflict


async def upsert(command: EntityUpsert, entities: EntityStore) -> Outcome:
    """Record an entity, or change what is known of it; no event where nothing changes."""
    while True:
        entry = await entities.find(command)
        changed = upserted(entry, command, now())
        try:
            await entities.write(entry, changed)
        except Conflict:
            continue  # somebody else wrote in between: decide anew
        break
    change = changed.change_by(command.command_id)
    if change is None:
        return Outcome(EntityUpsertResult(entity=changed.entity, created=False))
    event = _announce(command, EntityUpserted(**change.entity.model_dump()), change.entity)
    return Outcome(EntityUpsertResult(entity=change.entity, created=change.created), [event])


async def delete(command: EntityDelete, entities: EntityStore) -> Outcome:
    """Forget an entity, and say so; the link service removes its links on hearing it."""
    while True:
        entry = await entities.find(command)
        if entry is None:
            raise Refusal(ErrorCode.NOT_FOUND, "Entity not found")
        changed = deleted(entry, command, now())
        try:
            await entities.write(entry, changed)
        except Conflict:
            continue
        break
    change = changed.change_by(command.command_id)
    if change is None:
        raise Refusal(ErrorCode.NOT_FOUND, "Entity not found")
    gone = change.entity
    event = _announce(command, EntityDeleted(**gone.model_dump(), deleted_at=gone.updated_at), gone)
    return Outcome(EntityResult(entity=gone), [event])


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


async def get(query: EntityGet, entities: EntityStore) -> Outcome:
    """Read one entity."""
    entry = await entities.find(query)
    if entry is None or entry.is_deleted:
        raise Refusal(ErrorCode.NOT_FOUND, "Entity not found")
    return Outcome(EntityResult(entity=entry.entity))
