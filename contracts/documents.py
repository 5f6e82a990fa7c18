"""Documents: metadata of files whose bytes lie in an object store."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from contracts.fields import (
    Description,
    DisplayName,
    Folder,
    MimeType,
    RecordId,
    SizeBytes,
    StoragePath,
    Tags,
    Timestamp,
    Version,
    WorkspaceId,
)
from contracts.messages import Command, EventData, Query, Result


class DocumentFields(BaseModel):
    """What a caller says of a document (LeadLex, Create Document Record)."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    name: DisplayName
    mime_type: MimeType
    storage_path: StoragePath
    size_bytes: SizeBytes | None = None
    description: Description | None = None
    folder: Folder | None = None
    tags: Tags = []


class Document(BaseModel):
    """A document as the registry holds it."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: RecordId
    workspace_id: WorkspaceId
    name: str
    description: str | None = None
    mime_type: str
    size_bytes: int | None = None
    storage_path: str
    folder: str | None = None
    tags: list[str] = []
    created_by: str | None = None
    created_at: Timestamp
    updated_at: Timestamp
    version: Version


class DocumentRegister(DocumentFields, Command):
    """`document.register`: record a document; refused when its storage path is taken."""

    type: ClassVar[str] = "document.register"


class DocumentResult(Result):
    """The reply to `document.register` and `document.get`."""

    document: Document


class DocumentGet(Query):
    """`document.get`: read one document."""

    type: ClassVar[str] = "document.get"

    document_id: RecordId


class DocumentRegistered(Document, EventData):
    """`document.registered`: a document has been recorded."""

    type: ClassVar[str] = "document.registered"
