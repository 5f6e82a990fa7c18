"""What an upsert makes of an entity: a pure decision over its entry."""

from datetime import datetime

from contracts.entities import Entity, EntityUpsert, ParentEntity
from services.crm_sync.entry import Entry


def upserted(entry: Entry[Entity] | None, command: EntityUpsert, time: datetime) -> Entry[Entity]:
    """The entry after the command; the same entry if nothing changes."""
    given = command.parent
    parent = None if given is None else ParentEntity(**given.model_dump())
    if entry is None:
        entity = Entity(
            workspace_id=command.workspace_id,
            provider=command.provider,
            entity_type=command.entity_type,
            entity_id=command.entity_id,
            name=command.name,
            parent=parent,
            created_at=time,
            updated_at=time,
            version=1,
        )
        return Entry[Entity].first(entity, command.command_id)
    ran_before = entry.change_by(command.command_id) is not None
    held = entry.record
    same = (held.name, held.parent) == (command.name, parent)
    if ran_before or (same and not entry.is_deleted):
        return entry
    update = {
        "name": command.name,
        "parent": parent,
        "created_at": time if entry.is_deleted else held.created_at,
        "updated_at": time,
        "version": held.version + 1,
    }
    return entry.next(held.model_copy(update=update), command.command_id, created=entry.is_deleted)
