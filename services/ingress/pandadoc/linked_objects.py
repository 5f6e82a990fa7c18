"""PandaDoc's linked objects: create, list and delete a document's links to CRMs."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Response

from contracts.entities import Entity, EntityChildren, EntityChildrenResult
from contracts.errors import ErrorCode
from contracts.links import (
    DocumentLinks,
    DocumentLinksResult,
    Link,
    LinkCreate,
    LinkDelete,
    LinkDeleteResult,
    LinkResult,
)
from services.ingress.call import Call, CurrentCall
from services.ingress.demands import needs, path_id
from services.ingress.headers import IdempotencyKey
from services.ingress.pandadoc.errors import DOCUMENTED
from services.ingress.pandadoc.models import (
    LinkedObject,
    LinkedObjectCreateRequest,
    LinkedObjectList,
)
from services.ingress.walk import every
from shared.errors import Refusal

router = APIRouter(tags=["Document Link to CRM"], responses=DOCUMENTED)

EXAMPLE_ULID = "01HY1000000000000000000000"
DocumentId = Annotated[str, path_id("id", f"doc_{EXAMPLE_ULID}")]
LinkedObjectId = Annotated[str, path_id("linked_object_id", f"dlnk_{EXAMPLE_ULID}")]


@router.post(
    "/public/v1/documents/{id}/linked-objects",
    operation_id="createLinkedObject",
    summary="Create Linked Object",
    status_code=201,
    dependencies=[needs("write:documents")],
    responses={200: {"model": LinkedObject, "description": "Where the settings say so"}},
)
async def create_linked_object(
    call: CurrentCall,
    response: Response,
    document_id: DocumentId,
    body: LinkedObjectCreateRequest,
    _key: IdempotencyKey = None,
) -> LinkedObject:
    """Link a document to a record of a CRM; a document has one such link for each CRM."""
    # Before the link is made: a caller who hears 503 for want of these would try again, and be
    # told that the link is there.
    below = await _below(call, body)
    wish = {"kind": "crm", "document_id": document_id, **body.model_dump()}
    try:
        answer = await call.command(LinkCreate, LinkResult, **wish)
    except Refusal as refusal:
        if refusal.code is ErrorCode.NOT_FOUND and "entity_id" in (refusal.body.fields or {}):
            fields = {"entity_id": f"there is no such {body.entity_type} in {body.provider}"}
            raise Refusal(ErrorCode.VALIDATION_ERROR, "Entity not found", fields) from refusal
        raise
    response.status_code = call.settings.pandadoc_create_status
    return LinkedObject.of(answer.link, below)


@router.get(
    "/public/v1/documents/{id}/linked-objects",
    operation_id="listLinkedObjects",
    summary="List Linked Objects",
    dependencies=[needs("read:documents")],
)
async def list_linked_objects(call: CurrentCall, document_id: DocumentId) -> LinkedObjectList:
    """All links of a document to CRMs, newest first."""
    links = await every(
        *(call, DocumentLinks, DocumentLinksResult, lambda page: page.links),
        document_id=document_id,
        kind="crm",
    )
    below = await asyncio.gather(*(_below(call, link) for link in links))
    linked = [LinkedObject.of(*each) for each in zip(links, below, strict=True)]
    return LinkedObjectList(linked_objects=linked)


@router.delete(
    "/public/v1/documents/{id}/linked-objects/{linked_object_id}",
    operation_id="deleteLinkedObject",
    summary="Delete Linked Object",
    status_code=204,
    dependencies=[needs("write:documents")],
)
async def delete_linked_object(
    call: CurrentCall,
    document_id: DocumentId,
    link_id: LinkedObjectId,
    _key: IdempotencyKey = None,
) -> None:
    """Remove a link of a document to a CRM."""
    await call.command(LinkDelete, LinkDeleteResult, document_id=document_id, link_id=link_id)


async def _below(call: Call, entity: LinkedObjectCreateRequest | Link) -> list[Entity]:
    answer = await call.query(
        EntityChildren,
        EntityChildrenResult,
        provider=entity.provider,
        entity_type=entity.entity_type,
        entity_id=entity.entity_id,
    )
    return answer.children
