"""Links of a document to an entity: of the workspace's own directory, or of a CRM."""

from typing import Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, model_validator

from contracts.entities import KNOWN_TYPE_RULE, WORKSPACE_PROVIDER, EntityRef
from contracts.fields import (
    LinkNumber,
    LinkProperties,
    LinkTypeId,
    Page,
    PageSize,
    RecordId,
    Role,
    Timestamp,
    Version,
    WorkspaceId,
)
from contracts.messages import Command, EventData, Query, Result

LinkKind = Literal["entity", "crm", "relation"]
"""To an entity of the workspace, to a CRM's record, or to another document."""


class Link(BaseModel):
    """A link as the link service holds it.

    A relation's target is an entity of the provider `doclink`, whose type is `document` or
    `folder`; number, type and properties are a relation's alone.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: RecordId
    workspace_id: WorkspaceId
    kind: LinkKind
    document_id: str
    provider: str = WORKSPACE_PROVIDER
    entity_type: str
    entity_id: str
    role: str | None = None
    link_number: LinkNumber | None = None
    link_type_id: LinkTypeId | None = None
    properties: LinkProperties | None = None
    created_by: str | None = None
    created_at: Timestamp
    version: Version


_KIND_RULE: dict[str, Any] = {
    "if": {"properties": {"kind": {"const": "crm"}}, "required": ["kind"]},
    "then": {"properties": {"provider": {"not": {"const": WORKSPACE_PROVIDER}}}},
    "else": {"properties": {"provider": {"const": WORKSPACE_PROVIDER}}},
}
"""`LinkCreate._kind_of_provider` in JSON Schema."""


class LinkCreate(EntityRef, Command):
    """`link.create`: tie a document to an entity.

    Kind `entity` is for the workspace's own directory: the same document and entity again, and the
    existing link is returned as it is. Kind `crm` is for a CRM's record: a document has one such
    link for each CRM, and a second is refused as `already_linked`.
    """

    model_config = ConfigDict(json_schema_extra={"allOf": [KNOWN_TYPE_RULE, _KIND_RULE]})
    type: ClassVar[str] = "link.create"

    kind: Literal["entity", "crm"] = "entity"
    document_id: RecordId
    role: Role | None = None

    @model_validator(mode="after")
    def _kind_of_provider(self) -> Self:
        if (self.provider == WORKSPACE_PROVIDER) != (self.kind == "entity"):
            raise ValueError("kind must be entity for the provider workspace, crm for any other")
        return self


class LinkDelete(Command):
    """`link.delete`: untie a document from an entity; relations go by `relations.replace`."""

    type: ClassVar[str] = "link.delete"

    document_id: RecordId
    link_id: RecordId


class LinkDeleteResult(Result):
    """The reply to `link.delete`: the link as it was."""

    link: Link


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

    reason: Literal["entity_deleted", "document_deleted", "unlinked", "replaced"]
    deleted_at: Timestamp


class DocumentLinks(Query):
    """`document.links`: a page of a document's links of one kind, newest first."""

    type: ClassVar[str] = "document.links"

    document_id: RecordId
    kind: Literal["entity", "crm"] = "entity"
    page: Page = 1
    per_page: PageSize = 25


class DocumentLinksResult(Result):
    """The reply to `document.links`; `total` counts over all pages."""

    links: list[Link]
    page: int
    per_page: int
    total: int


class EntityDocuments(EntityRef, Query):
    """`entity.documents`: a page of the documents linked to an entity, newest link first."""

    type: ClassVar[str] = "entity.documents"

    page: Page = 1
    per_page: PageSize = 25
    role: Role | None = None


class LinkedDocument(BaseModel):
    """A document as an entity's listing shows it, with the link that ties it to the entity."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str
    name: str
    mime_type: str
    size_bytes: int | None = None
    folder: str | None = None
    tags: list[str] = []
    role: str | None = None
    link_id: str | None = None
    linked_at: Timestamp
    created_by: str | None = None
    created_at: Timestamp


class EntityDocumentsResult(Result):
    """The reply to `entity.documents`; `total` counts over all pages."""

    documents: list[LinkedDocument]
    page: int
    per_page: int
    total: int
