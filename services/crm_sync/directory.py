"""The entity directory's rules, as pure decisions over one entry.

An entry remembers its latest changes by command, so that a command that runs again, even after
others have changed the entity, finds what it did and announces the very same event.
"""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict

from contracts.entities import Entity, EntityDelete, EntityUpsert

REMEMBERED_CHANGES = 20


class Change(BaseModel):
    """What one command made of the entity."""

    model_config = ConfigDict(frozen=True)

    command_id: str
    created: bool
    entity: Entity


class Entry(BaseModel):
    """An entity of the directory, or what is remembered of a deleted one."""

    model_config = ConfigDict(frozen=True)

    entity: Entity
    is_deleted: bool = False
    changes: list[Change]

    def change_by(self, command_id: str) -> Change | None:
        """What the command made of the entity, if it was one of the latest to change it."""
        return next((c for c in self.changes if c.command_id == command_id), None)

    def next(
        self, entity: Entity, command_id: str, *, created: bool = False, is_deleted: bool = False
    ) -> Self:
        """The entry after one more change."""
        change = Change(command_id=command_id, created=created, entity=entity)
        changes = [*self.changes, change][-REMEMBERED_CHANGES:]
        return self.model_copy(
            update={"entity": entity, "is_deleted": is_deleted, "changes": changes}
        )


def upserted(entry: Entry | None, command: EntityUpsert, time: datetime) -> Entry:
    """The entry after the command; the same entry if nothing changes."""
    if entry is None:
        entity = Entity(
            workspace_id=command.workspace_id,
            provider=command.provider,
            entity_type=command.entity_type,
            entity_id=command.entity_id,
            name=command.name,
            created_at=time,
            updated_at=time,
            version=1,
        )
        change = Change(command_id=command.command_id, created=True, entity=entity)
        return Entry(entity=entity, changes=[change])
    ran_before = entry.change_by(command.command_id) is not None
    same = not entry.is_deleted and entry.entity.name == command.name
    if ran_before or same:
        return entry
    update = {
        "name": command.name,
        "created_at": time if entry.is_deleted else entry.entity.created_at,
        "updated_at": time,
        "version": entry.entity.version + 1,
    }
    entity = entry.entity.model_copy(update=update)
    return entry.next(entity, command.command_id, created=entry.is_deleted)


def deleted(entry: Entry, command: EntityDelete, time: datetime) -> Entry:
    """The entry after the command; the same entry if it is deleted already."""
    if entry.is_deleted or entry.change_by(command.command_id) is not None:
        return entry
    update = {"updated_at": time, "version": entry.entity.version + 1}
    entity = entry.entity.model_copy(update=update)
    return entry.next(entity, command.command_id, is_deleted=True)
