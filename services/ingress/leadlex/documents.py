"""LeadLex's documents: register, list, read, change, delete."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from contracts.documents import (
    DocumentDelete,
    DocumentGet,
    DocumentList,
    DocumentListResult,
    DocumentRegister,
    DocumentResult,
    DocumentUpdate,
)
from contracts.errors import ErrorCode
from contracts.links import DocumentLinks, DocumentLinksResult
from services.ingress.call import CurrentCall
from services.ingress.demands import InWords, PathId, needs, require
from services.ingress.file_urls import CurrentFileUrls
from services.ingress.headers import IdempotencyKey
from services.ingress.leadlex.document_bodies import (
    CreateDocument,
    DocumentBody,
    DocumentEnvelope,
    DocumentsEnvelope,
    FullDocumentBody,
    FullDocumentEnvelope,
    UpdateDocument,
    WantedDocuments,
)
from services.ingress.leadlex.errors import documented
from services.ingress.walk import every

router = APIRouter(tags=["documents"])
Download = Annotated[
    bool, InWords, Query(description="Whether to add a URL of the bytes, for 15 minutes")
]
Hard = Annotated[
    bool, InWords, Query(description="Delete the bytes at once; needs `admin:documents` instead")
]


@router.post(
    "/v1/documents",
    status_code=201,
    dependencies=[needs("write:documents")],
    responses=documented(ErrorCode.STORAGE_CONFLICT, ErrorCode.IDEMPOTENCY_CONFLICT),
)
async def create_document(
    call: CurrentCall, body: CreateDocument, _key: IdempotencyKey = None
) -> DocumentEnvelope:
    """Register a document whose bytes lie in the object store at `storage_path`."""
    answer = await call.command(DocumentRegister, DocumentResult, **body.model_dump())
    return DocumentEnvelope(data=DocumentBody.of(answer.document))


@router.get("/v1/documents", dependencies=[needs("read:documents")], responses=documented())
async def list_documents(
    call: CurrentCall, wanted: Annotated[WantedDocuments, Query()]
) -> DocumentsEnvelope:
    """The documents that meet all conditions, newest first."""
    answer = await call.query(DocumentList, DocumentListResult, **wanted.conditions())
    return DocumentsEnvelope.of(answer)


@router.get(
    "/v1/documents/{id}",
    dependencies=[needs("read:documents")],
    responses=documented(ErrorCode.NOT_FOUND),
    response_model_exclude_unset=True,  # without download its two fields are not there at all
)
async def get_document(
    call: CurrentCall,
    urls: CurrentFileUrls,
    document_id: PathId,
    download: Download = True,  # noqa: FBT002 - a query has no positions
) -> FullDocumentEnvelope:
    """Read one document, with what it is linked to."""
    answer = await call.query(DocumentGet, DocumentResult, document_id=document_id)
    links = await every(
        call, DocumentLinks, DocumentLinksResult, lambda page: page.links, document_id=document_id
    )
    body = FullDocumentBody.of(answer.document).linked_to(links)
    if download:
        body = body.downloaded_from(await urls.download(call.public_url, answer.document))
    return FullDocumentEnvelope(data=body)


@router.patch(
    "/v1/documents/{id}",
    dependencies=[needs("write:documents")],
    responses=documented(ErrorCode.NOT_FOUND, ErrorCode.IDEMPOTENCY_CONFLICT),
)
async def update_document(
    call: CurrentCall, document_id: PathId, body: UpdateDocument, _key: IdempotencyKey = None
) -> DocumentEnvelope:
    """Change what is known of a document; its bytes and its links stay."""
    answer = await call.command(
        DocumentUpdate, DocumentResult, document_id=document_id, **body.changes()
    )
    return DocumentEnvelope(data=DocumentBody.of(answer.document))


async def _may_delete(call: CurrentCall, hard: Hard = False) -> None:  # noqa: FBT002 - a query has no positions
    require(call, "admin:documents" if hard else "write:documents")


@router.delete(
    "/v1/documents/{id}",
    status_code=204,
    dependencies=[Depends(_may_delete)],
    responses=documented(ErrorCode.NOT_FOUND, ErrorCode.IDEMPOTENCY_CONFLICT),
)
async def delete_document(
    call: CurrentCall,
    document_id: PathId,
    hard: Hard = False,  # noqa: FBT002 - a query has no positions
    _key: IdempotencyKey = None,
) -> None:
    """Forget a document; its links and its bytes go with it."""
    await call.command(DocumentDelete, DocumentResult, document_id=document_id, hard=hard)
