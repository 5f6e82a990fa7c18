"""LeadLex's bodies, field for field as its pages show them.

Source: Create Document Record, Link Document to Entity, List Contact Documents.
"""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from contracts.documents import Document, DocumentFields
from contracts.entities import Entity
from contracts.fields import DisplayName, RecordId, Role, WorkspaceEntityType
from contracts.links import EntityDocumentsResult, Link

Time = Annotated[
    datetime, PlainSerializer(lambda time: time.strftime("%Y-%m-%dT%H:%M:%SZ"), return_type=str)
]
"""UTC in whole seconds, as in all of LeadLex's examples."""

DOCUMENT_EXAMPLE: dict[str, Any] = {
    "name": "Acme-NDA-2026.pdf",
    "mime_type": "application/pdf",
    "storage_path": "workspaces/ws_123/documents/new-upload.pdf",
    "size_bytes": 183204,
    "folder": "/clients/acme/ndas",
    "tags": ["nda", "confidentiality"],
}


class CreateDocument(DocumentFields):
    """The body of `POST /v1/documents`."""

    model_config = ConfigDict(json_schema_extra={"examples": [DOCUMENT_EXAMPLE]})


class LinkDocument(BaseModel):
    """The body of `POST /v1/documents/{id}/link`."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={
            "examples": [{"entity_type": "deal", "entity_id": "deal_01HY1", "role": "signed"}]
        },
    )

    entity_type: WorkspaceEntityType
    entity_id: RecordId
    role: Role | None = None


class PutEntity(BaseModel):
    """The body of `PUT /v1/entities/{entity_type}/{entity_id}`."""

    model_config = ConfigDict(
        extra="forbid", strict=True, json_schema_extra={"examples": [{"name": "Ada Lovelace"}]}
    )

    name: DisplayName | None = None


BODIES: tuple[type[BaseModel], ...] = (CreateDocument, LinkDocument, PutEntity)
"""The bodies of requests."""


class DocumentBody(BaseModel):
    """A document."""

    id: str = Field(examples=["doc_01HY1"])
    name: str
    description: str | None
    mime_type: str
    size_bytes: int | None
    storage_path: str
    folder: str | None
    tags: list[str]
    created_by: str | None
    created_at: Time
    updated_at: Time

    @classmethod
    def of(cls, document: Document) -> Self:
        """A document as LeadLex shows it."""
        return cls(**document.model_dump(include=set(cls.model_fields)))


class LinkBody(BaseModel):
    """A link."""

    link_id: str = Field(examples=["dlnk_01HY1"])
    document_id: str
    entity_type: str
    entity_id: str
    role: str | None
    created_at: Time

    @classmethod
    def of(cls, link: Link) -> Self:
        """A link as LeadLex shows it."""
        fields = link.model_dump(include=set(cls.model_fields))
        return cls(link_id=link.id, **fields)


class LinkedDocumentBody(BaseModel):
    """A document in an entity's listing."""

    id: str
    name: str
    mime_type: str
    size_bytes: int | None
    folder: str | None
    tags: list[str]
    role: str | None
    linked_at: Time
    created_at: Time


class LinkedDocuments(BaseModel):
    """The documents of one page."""

    documents: list[LinkedDocumentBody]


class Meta(BaseModel):
    """Where a page stands; `total` counts over all pages."""

    page: int
    per_page: int
    total: int


class EntityBody(BaseModel):
    """An entity of the workspace's own directory."""

    entity_type: str
    entity_id: str
    name: str | None
    created_at: Time
    updated_at: Time

    @classmethod
    def of(cls, entity: Entity) -> Self:
        """An entity as this API shows it."""
        return cls(**entity.model_dump(include=set(cls.model_fields)))


class DocumentEnvelope(BaseModel):
    """`{"data": document}`."""

    data: DocumentBody


class LinkEnvelope(BaseModel):
    """`{"data": link}`."""

    data: LinkBody


class EntityEnvelope(BaseModel):
    """`{"data": entity}`."""

    data: EntityBody


class LinkedDocumentsEnvelope(BaseModel):
    """`{"data": {"documents": [...]}, "meta": {...}}`."""

    data: LinkedDocuments
    meta: Meta

    @classmethod
    def of(cls, result: EntityDocumentsResult) -> Self:
        """A page of an entity's documents as LeadLex shows it."""
        documents = [LinkedDocumentBody(**each.model_dump()) for each in result.documents]
        meta = Meta(page=result.page, per_page=result.per_page, total=result.total)
        return cls(data=LinkedDocuments(documents=documents), meta=meta)


EntityPath = Literal["contacts", "companies", "deals", "events", "matters", "tasks"]
ENTITY_PATHS: dict[EntityPath, WorkspaceEntityType] = {
    "contacts": "contact",
    "companies": "company",
    "deals": "deal",
    "events": "event",
    "matters": "matter",
    "tasks": "task",
}
"""From the plural in a path to the entity type."""
