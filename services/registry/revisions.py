"""A document's life, as pure decisions over what is held of it."""

from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from contracts.documents import Document, DocumentDelete, DocumentRegister, DocumentUpdate
from shared.history import Change, History
from shared.ids import derive


class Revision(Change):
    """What one command made of the document."""

    document: Document


class End(BaseModel):
    """Which command ended the document, and how."""

    model_config = ConfigDict(frozen=True)

    command_id: str
    deleted_at: datetime
    hard: bool


class Held(History[Revision]):
    """A document, or what is remembered of a deleted one."""

    document: Document
    end: End | None = None

    def next(self, command_id: str, **fields: Any) -> Self:
        """The document after one more change."""
        update = fields | {"version": self.document.version + 1}
        document = self.document.model_copy(update=update)
        change = Revision(command_id=command_id, document=document)
        return self.changed_to(change, document=document)


def registered(
    command: DocumentRegister, *, entry_id: int | None, size_bytes: int | None, time: datetime
) -> Document:
    """The document as the command makes it."""
    return Document(
        id=derive("doc", command.command_id),
        entry_id=entry_id,
        workspace_id=command.workspace_id,
        name=command.name,
        description=command.description,
        mime_type=command.mime_type,
        size_bytes=size_bytes,
        storage_path=command.storage_path,
        folder=command.folder,
        tags=command.tags,
        created_by=command.actor,
        created_at=time,
        updated_at=time,
        version=1,
    )


def updated(held: Held, command: DocumentUpdate, time: datetime) -> Held:
    """The document after the command; the same if nothing changes or it ran before."""
    if held.end is not None or held.change_by(command.command_id) is not None:
        return held
    wished: dict[str, Any] = {"name": command.name, "tags": command.tags}
    wished = {field: value for field, value in wished.items() if value is not None}
    if command.description is not None:
        wished["description"] = command.description or None
    if command.folder is not None:
        wished["folder"] = None if command.folder == "/" else command.folder
    if all(getattr(held.document, field) == value for field, value in wished.items()):
        return held
    return held.next(command.command_id, **wished, updated_at=time)


def deleted(held: Held, command: DocumentDelete, time: datetime) -> Held:
    """The document after the command; the same if it is deleted already."""
    if held.end is not None:
        return held
    end = End(command_id=command.command_id, deleted_at=time, hard=command.hard)
    document = held.document.model_copy(update={"version": held.document.version + 1})
    return held.model_copy(update={"document": document, "end": end})
