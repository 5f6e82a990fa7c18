"""LeadLex's bodies about links, field for field as its pages show them.

Source: Link Document to Entity, List Contact Documents; the list of a document's links is ours.
"""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from contracts.fields import RecordId, Role, WorkspaceEntityType
from contracts.links import DocumentLinksResult, EntityDocumentsResult, Link
from services.ingress.leadlex.models import Meta
from services.ingress.times import WholeSeconds


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


class LinkBody(BaseModel):
    """A link."""

    link_id: str = Field(examples=["dlnk_01HY1"])
    document_id: str
    entity_type: str
    entity_id: str
    role: str | None
    created_at: WholeSeconds

    @classmethod
    def of(cls, link: Link) -> Self:
        """A link as LeadLex shows it."""
        fields = link.model_dump(include=set(cls.model_fields))
        return cls(link_id=link.id, **fields)


class LinkEnvelope(BaseModel):
    """`{"data": link}`."""

    data: LinkBody


class Links(BaseModel):
    """The links of one page."""

    links: list[LinkBody]


class LinksEnvelope(BaseModel):
    """`{"data": {"links": [...]}, "meta": {...}}`."""

    data: Links
    meta: Meta

    @classmethod
    def of(cls, result: DocumentLinksResult) -> Self:
        """A page of a document's links, in the shape of LeadLex's other pages."""
        links = [LinkBody.of(each) for each in result.links]
        meta = Meta(page=result.page, per_page=result.per_page, total=result.total)
        return cls(data=Links(links=links), meta=meta)


class LinkedDocumentBody(BaseModel):
    """A document in an entity's listing."""

    id: str
    name: str
    mime_type: str
    size_bytes: int | None
    folder: str | None
    tags: list[str]
    role: str | None
    linked_at: WholeSeconds
    created_at: WholeSeconds


class LinkedDocuments(BaseModel):
    """The documents of one page."""

    documents: list[LinkedDocumentBody]


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
