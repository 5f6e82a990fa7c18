"""Documents: metadata of files whose bytes lie in an object store."""

from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from contracts.fields import (
    Description,
    DisplayName,
    EntryId,
    Folder,
    FolderTarget,
    MimeType,
    Page,
    PageSize,
    RecordId,
    SearchText,
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
    entry_id: EntryId | None = None
    workspace_id: WorkspaceId
    name: str
    description: str | None = None
    mime_type: str
    size_bytes: SizeBytes | None = None
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


class DocumentUpdate(Command):
    """`document.update`: change what is known of a document; what is left out stays as it is.

    An empty `description` removes it; `folder` `/` moves the document to the root.
    """

    type: ClassVar[str] = "document.update"

    document_id: RecordId
    name: DisplayName | None = None
    description: Description | None = None
    folder: FolderTarget | None = None
    tags: Tags | None = None


class DocumentDelete(Command):
    """`document.delete`: forget a document; its links and its bytes go with it.

    With `hard` the bytes are gone before the answer comes, else soon after.
    """

    type: ClassVar[str] = "document.delete"

    document_id: RecordId
    hard: bool = False


class DocumentResult(Result):
    """The reply to the commands about one document, and to `document.get`."""

    document: Document


class DocumentGet(Query):
    """`document.get`: read one document."""

    type: ClassVar[str] = "document.get"

    document_id: RecordId


class DocumentList(Query):
    """`document.list`: a page of the documents that meet all conditions, newest first.

    `folder` includes the folders below it; `tags` are wanted all together; `search` looks in name
    and description, whatever the case of the letters.
    """

    type: ClassVar[str] = "document.list"

    page: Page = 1
    per_page: PageSize = 25
    folder: Folder | None = None
    tags: Tags = Field(default_factory=list)
    mime_type: MimeType | None = None
    search: SearchText | None = None
    created_after: Timestamp | None = None


class DocumentListResult(Result):
    """The reply to `document.list`; `total` counts over all pages."""

    documents: list[Document]
    page: int
    per_page: int
    total: int


class DocumentRegistered(Document, EventData):
    """`document.registered`: a document has been recorded."""

    type: ClassVar[str] = "document.registered"


class DocumentUpdated(Document, EventData):
    """`document.updated`: what is known of a document has changed."""

    type: ClassVar[str] = "document.updated"


class DocumentDeleted(Document, EventData):
    """`document.deleted`: a document is gone; its links go on hearing of it."""

    type: ClassVar[str] = "document.deleted"

    deleted_at: Annotated[Timestamp, Field(description="When the deletion took effect.")]
    hard: bool
