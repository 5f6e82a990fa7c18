"""LeadLex's documents: register, read, link, and list by entity."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from contracts.documents import DocumentGet, DocumentRegister, DocumentResult
from contracts.errors import ErrorCode
from contracts.fields import Page, PerPage, Role
from contracts.links import EntityDocuments, EntityDocumentsResult, LinkCreate, LinkResult
from services.ingress.call import CurrentCall
from services.ingress.demands import InDigits, PathId, needs
from services.ingress.leadlex.errors import documented
from services.ingress.leadlex.headers import IdempotencyKey
from services.ingress.leadlex.models import (
    ENTITY_PATHS,
    CreateDocument,
    DocumentBody,
    DocumentEnvelope,
    LinkBody,
    LinkDocument,
    LinkedDocumentsEnvelope,
    LinkEnvelope,
)

router = APIRouter(tags=["documents"])


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


@router.get(
    "/v1/documents/{id}",
    dependencies=[needs("read:documents")],
    responses=documented(ErrorCode.NOT_FOUND),
)
async def get_document(call: CurrentCall, document_id: PathId) -> DocumentEnvelope:
    """Read one document."""
    answer = await call.query(DocumentGet, DocumentResult, document_id=document_id)
    return DocumentEnvelope(data=DocumentBody.of(answer.document))


@router.post(
    "/v1/documents/{id}/link",
    status_code=201,
    dependencies=[needs("write:documents")],
    responses={
        200: {"model": LinkEnvelope, "description": "The link existed before"},
        **documented(ErrorCode.NOT_FOUND, ErrorCode.IDEMPOTENCY_CONFLICT),
    },
)
async def link_document(
    call: CurrentCall,
    response: Response,
    document_id: PathId,
    body: LinkDocument,
    _key: IdempotencyKey = None,
) -> LinkEnvelope:
    """Attach a document to a contact, company, deal, event, matter or task."""
    answer = await call.command(
        LinkCreate, LinkResult, document_id=document_id, **body.model_dump()
    )
    if not answer.created:
        response.status_code = 200
    return LinkEnvelope(data=LinkBody.of(answer.link))


def _list_for(path: str, entity_type: str) -> None:
    @router.get(
        f"/v1/{path}/{{id}}/documents",
        name=f"list_{entity_type}_documents",
        summary=f"List {entity_type.capitalize()} Documents",
        dependencies=[needs("read:documents")],
        responses=documented(ErrorCode.NOT_FOUND),
    )
    async def list_documents(
        call: CurrentCall,
        entity_id: PathId,
        page: Annotated[Page, InDigits, Query(description="Page number")] = 1,
        per_page: Annotated[PerPage, InDigits, Query(description="Results per page")] = 25,
        role: Annotated[Role | None, Query(description="Only links with this role")] = None,
    ) -> LinkedDocumentsEnvelope:
        """Every document linked to the entity, newest link first."""
        wanted: dict[str, Any] = {"page": page, "per_page": per_page, "role": role}
        answer = await call.query(
            EntityDocuments,
            EntityDocumentsResult,
            entity_type=entity_type,
            entity_id=entity_id,
            **wanted,
        )
        return LinkedDocumentsEnvelope.of(answer)


for _path, _entity_type in ENTITY_PATHS.items():
    _list_for(_path, _entity_type)
