"""LeadLex's bodies about documents, field for field as its pages show them.

Source: Create Document Record, List Documents, Get Document; those of the update and the upload
are ours.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from contracts.documents import Document, DocumentFields, DocumentListResult
from contracts.fields import (
    Description,
    DisplayName,
    Folder,
    MimeType,
    Page,
    PerPage,
    SearchText,
    SizeBytes,
    Tags,
)
from contracts.links import Link
from services.ingress.demands import InDigits, InIso8601
from services.ingress.file_urls import MAX_UPLOAD_BYTES, SignedUrl
from services.ingress.leadlex.models import Meta
from services.ingress.times import WholeSeconds

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


class UpdateDocument(BaseModel):
    """The body of `PATCH /v1/documents/{id}`; what is left out stays as it is."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={"examples": [{"folder": "/clients/acme/ndas", "tags": ["nda"]}]},
    )

    # Factories, since what is left out has no default, and two of the fields no null.
    name: DisplayName = Field(default_factory=str)
    description: Description | None = Field(
        default_factory=lambda: None, description="Null removes it."
    )
    folder: Folder | None = Field(
        default_factory=lambda: None, description="Null or `/` moves it out of all folders."
    )
    tags: Tags = Field(default_factory=list)

    def changes(self) -> dict[str, Any]:
        """The payload of `document.update`, which has no null for what is to be removed."""
        given = self.model_dump(exclude_unset=True)
        removed = {"description": "", "folder": "/"}
        return {name: removed[name] if value is None else value for name, value in given.items()}


class RequestUpload(BaseModel):
    """The body of `POST /v1/documents/upload-url`."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        json_schema_extra={
            "examples": [
                {
                    "name": "Acme-NDA-2026.pdf",
                    "mime_type": "application/pdf",
                    "size_bytes": 183204,
                }
            ]
        },
    )

    name: DisplayName
    mime_type: MimeType
    size_bytes: Annotated[SizeBytes, Field(le=MAX_UPLOAD_BYTES)] | None = Field(
        None, description="If given, so many must come."
    )


class WantedDocuments(BaseModel):
    """The query of `GET /v1/documents`."""

    page: Annotated[Page, InDigits] = Field(1, description="Page number")
    per_page: Annotated[PerPage, InDigits] = Field(25, description="Results per page")
    folder: Folder | None = Field(None, description="Only documents in this folder or one below it")
    tag: Tags = Field([], description="Only documents with all of these tags")
    mime_type: MimeType | None = Field(None, description="Only documents of this media type")
    search: SearchText | None = Field(
        None, description="Only documents with this text in name or description, in any case"
    )
    created_after: Annotated[datetime | None, InIso8601] = Field(
        None, description="Only documents created after this time or day; UTC if not said"
    )

    def conditions(self) -> dict[str, Any]:
        """The payload of `document.list`."""
        conditions = self.model_dump()
        return conditions | {"tags": conditions.pop("tag")}


class DocumentBody(BaseModel):
    """A document; `entry_id` is ours, its number in the Laserfiche dialect."""

    id: str = Field(examples=["doc_01HY1"])
    entry_id: int | None
    name: str
    description: str | None
    mime_type: str
    size_bytes: int | None
    storage_path: str
    folder: str | None
    tags: list[str]
    created_by: str | None
    created_at: WholeSeconds
    updated_at: WholeSeconds

    @classmethod
    def of(cls, document: Document) -> Self:
        """A document as LeadLex shows it."""
        return cls(**document.model_dump(include=set(DocumentBody.model_fields)))


class LinkedEntity(BaseModel):
    """What a document is linked to."""

    entity_type: str
    entity_id: str


class FullDocumentBody(DocumentBody):
    """A document with what it is linked to and, if wanted, where its bytes can be had."""

    linked_entities: list[LinkedEntity] = Field(default_factory=list)
    download_url: str | None = Field(None, description="Null while no bytes lie in the store.")
    download_url_expires_at: WholeSeconds | None = None

    def linked_to(self, links: Iterable[Link]) -> Self:
        """The same, with the entities of these links."""
        entities = [
            LinkedEntity(entity_type=each.entity_type, entity_id=each.entity_id) for each in links
        ]
        return self.model_copy(update={"linked_entities": entities})

    def downloaded_from(self, signed: SignedUrl | None) -> Self:
        """The same, with the URL of its bytes, or null when there are none."""
        url, end = (signed.url, signed.expires_at) if signed else (None, None)
        return self.model_copy(update={"download_url": url, "download_url_expires_at": end})


class UploadBody(BaseModel):
    """Where to send a file's bytes, and the path to register it with then."""

    upload_url: str
    method: Literal["PUT"] = "PUT"
    storage_path: str
    expires_at: WholeSeconds


class DocumentEnvelope(BaseModel):
    """`{"data": document}`."""

    data: DocumentBody


class FullDocumentEnvelope(BaseModel):
    """`{"data": document}`, with links and download."""

    data: FullDocumentBody


class UploadEnvelope(BaseModel):
    """`{"data": upload}`."""

    data: UploadBody


class Documents(BaseModel):
    """The documents of one page."""

    documents: list[DocumentBody]


class DocumentsEnvelope(BaseModel):
    """`{"data": {"documents": [...]}, "meta": {...}}`."""

    data: Documents
    meta: Meta

    @classmethod
    def of(cls, result: DocumentListResult) -> Self:
        """A page of documents as LeadLex shows it."""
        documents = [DocumentBody.of(each) for each in result.documents]
        meta = Meta(page=result.page, per_page=result.per_page, total=result.total)
        return cls(data=Documents(documents=documents), meta=meta)
