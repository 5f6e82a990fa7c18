"""What a record remembers of its latest changes, each by the command that made it.

A command that runs again, even after others have changed the record, finds what it did and
announces the very same event.
"""

from typing import Any, Generic, Self, TypeVar

from pydantic import BaseModel, ConfigDict

REMEMBERED_CHANGES = 20
"""A redelivery that comes later than so many changes is one that no broker makes."""


class Change(BaseModel):
    """What one command made of the record."""

    model_config = ConfigDict(frozen=True)

    command_id: str


ChangeT = TypeVar("ChangeT", bound=Change)


class History(BaseModel, Generic[ChangeT]):
    """The base of a record with its latest changes, the oldest first."""

    model_config = ConfigDict(frozen=True)

    changes: list[ChangeT] = []

    def change_by(self, command_id: str) -> ChangeT | None:
        """What the command made of the record, if it was one of the latest to change it."""
        return next((c for c in self.changes if c.command_id == command_id), None)

    def changed_to(self, change: ChangeT, **fields: Any) -> Self:
        """The record with one more change, and other fields."""
        changes = [*self.changes, change][-REMEMBERED_CHANGES:]
        return self.model_copy(update={**fields, "changes": changes})
