"""LeadLex's links: attach, detach, and list by document or by entity."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from contracts.errors import ErrorCode
from contracts.fields import Page, PerPage, Role
from contracts.links import (
    DocumentLinks,
    DocumentLinksResult,
    EntityDocuments,
    EntityDocumentsResult,
    LinkCreate,
    LinkDelete,
    LinkDeleteResult,
    LinkResult,
)
from services.ingress.call import CurrentCall
from services.ingress.demands import InDigits, PathId, needs, path_id
from services.ingress.headers import IdempotencyKey
from services.ingress.leadlex.errors import documented
from services.ingress.leadlex.link_bodies import (
    ENTITY_PATHS,
    LinkBody,
    LinkDocument,
    LinkedDocumentsEnvelope,
    LinkEnvelope,
    LinksEnvelope,
)

router = APIRouter(tags=["links"])
PageNumber = Annotated[Page, InDigits, Query(description="Page number")]
PageLength = Annotated[PerPage, InDigits, Query(description="Results per page")]


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


@router.delete(
    "/v1/documents/{id}/link/{link_id}",
    status_code=204,
    dependencies=[needs("write:documents")],
    responses=documented(ErrorCode.NOT_FOUND, ErrorCode.IDEMPOTENCY_CONFLICT),
)
async def unlink_document(
    call: CurrentCall,
    document_id: PathId,
    link_id: Annotated[str, path_id("link_id", "dlnk_01HY1")],
    _key: IdempotencyKey = None,
) -> None:
    """Detach a document from an entity."""
    await call.command(LinkDelete, LinkDeleteResult, document_id=document_id, link_id=link_id)


@router.get(
    "/v1/documents/{id}/links",
    dependencies=[needs("read:documents")],
    responses=documented(ErrorCode.NOT_FOUND),
)
async def list_links(
    call: CurrentCall, document_id: PathId, page: PageNumber = 1, per_page: PageLength = 25
) -> LinksEnvelope:
    """Every link of a document, newest first."""
    answer = await call.query(
        DocumentLinks, DocumentLinksResult, document_id=document_id, page=page, per_page=per_page
    )
    return LinksEnvelope.of(answer)


async def documents_of(
    entity_type: str,
    call: CurrentCall,
    _response: Response,
    *,
    entity_id: str,
    page: int = 1,
    per_page: int = 25,
    role: str | None = None,
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
        response: Response,
        *,
        entity_id: Annotated[str, path_id("id", f"{entity_type}_01HY1")],
        page: PageNumber = 1,
        per_page: PageLength = 25,
        role: Annotated[Role | None, Query(description="Only links with this role")] = None,
    ) -> LinkedDocumentsEnvelope:
        """Every document linked to the entity, newest link first."""
        wanted: dict[str, Any] = {"page": page, "per_page": per_page, "role": role}
        return await documents_of(entity_type, call, response, entity_id=entity_id, **wanted)


for _path, _entity_type in ENTITY_PATHS.items():
    _list_for(_path, _entity_type)
