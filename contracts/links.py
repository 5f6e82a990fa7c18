"""Links: ties of a document to an entity."""

from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict

from contracts.entities import WORKSPACE_PROVIDER
from contracts.fields import (
    Page,
    PerPage,
    RecordId,
    Role,
    Timestamp,
    Version,
    WorkspaceEntityType,
    WorkspaceId,
)
from contracts.messages import Command, EventData, Query, Result


class Link(BaseModel):
    """A link as the link service holds it."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: RecordId
    workspace_id: WorkspaceId
    kind: Literal["entity"]
    document_id: str
    provider: str = WORKSPACE_PROVIDER
    entity_type: str
    entity_id: str
    role: str | None = None
    created_by: str | None = None
    created_at: Timestamp
    version: Version


class LinkCreate(Command):
    """`link.create`: tie a document to an entity of the workspace's own directory.

    The same document and entity again: the existing link is returned as it is.
    """

    type: ClassVar[str] = "link.create"

    kind: Literal["entity"] = "entity"
    document_id: RecordId
    entity_type: WorkspaceEntityType
    entity_id: RecordId
    role: Role | None = None


class LinkResult(Result):
    """The reply to `link.create`; `created` is false when the link existed before."""

    link: Link
    created: bool


class LinkCreated(Link, EventData):
    """`link.created`: a document has been tied to an entity."""

    type: ClassVar[str] = "link.created"


class LinkDeleted(Link, EventData):
    """`link.deleted`: a tie is gone, and why."""

    type: ClassVar[str] = "link.deleted"

    reason: Literal["entity_deleted"]
    deleted_at: Timestamp


class EntityDocuments(Query):
    """`entity.documents`: a page of the documents linked to an entity, newest link first."""

    type: ClassVar[str] = "entity.documents"

    entity_type: WorkspaceEntityType
    entity_id: RecordId
    page: Page = 1
    per_page: PerPage = 25
    role: Role | None = None


class LinkedDocument(BaseModel):
    """A document as an entity's listing shows it (LeadLex, List Contact Documents)."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str
    name: str
    mime_type: str
    size_bytes: int | None = None
    folder: str | None = None
    tags: list[str] = []
    role: str | None = None
    linked_at: Timestamp
    created_at: Timestamp


class EntityDocumentsResult(Result):
    """The reply to `entity.documents`; `total` counts over all pages."""

    documents: list[LinkedDocument]
    page: int
    per_page: int
    total: int
