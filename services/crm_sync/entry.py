"""Entries: what CRM-sync holds, with what is remembered of the latest changes to it.

A deleted record stays as a tombstone for a while.
"""

from datetime import datetime
from typing import Generic, Self, TypeVar

from pydantic import AliasChoices, Field

from contracts.connections import Connection
from contracts.entities import Entity
from contracts.fields import Timestamp
from shared.history import Change, History

_OLDER_NAME = AliasChoices("record", "entity")
"""Release 0.1 held entities alone."""


class HeldConnection(Connection):
    """A connection, and when it was made or deleted last."""

    updated_at: Timestamp


RecordT = TypeVar("RecordT", Entity, HeldConnection)


class EntryChange(Change, Generic[RecordT]):
    """What one command made of the record."""

    created: bool
    record: RecordT = Field(validation_alias=_OLDER_NAME)


class Entry(History[EntryChange[RecordT]], Generic[RecordT]):
    """A record, or what is remembered of a deleted one."""

    record: RecordT = Field(validation_alias=_OLDER_NAME)
    is_deleted: bool = False

    @classmethod
    def first(cls, record: RecordT, command_id: str) -> Self:
        """The entry of a record that was never there before."""
        change = EntryChange[RecordT](command_id=command_id, created=True, record=record)
        return cls(record=record, changes=[change])

    def deleted(self, command_id: str, time: datetime) -> Self:
        """The entry without its record; the same entry if the record is gone already."""
        if self.is_deleted or self.change_by(command_id) is not None:
            return self
        update = {"updated_at": time, "version": self.record.version + 1}
        return self.next(self.record.model_copy(update=update), command_id, is_deleted=True)

    def next(
        self, record: RecordT, command_id: str, *, created: bool = False, is_deleted: bool = False
    ) -> Self:
        """The entry after one more change."""
        change = EntryChange[RecordT](command_id=command_id, created=created, record=record)
        return self.changed_to(change, record=record, is_deleted=is_deleted)
