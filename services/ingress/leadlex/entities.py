"""The workspace's own directory of entities; these endpoints are ours, LeadLex has none."""

from fastapi import APIRouter, Response

from contracts.entities import (
    EntityDelete,
    EntityResult,
    EntityUpsert,
    EntityUpsertResult,
)
from contracts.errors import ErrorCode
from contracts.fields import WorkspaceEntityType
from services.ingress.call import CurrentCall
from services.ingress.demands import PathId, needs
from services.ingress.headers import IdempotencyKey
from services.ingress.leadlex.entity_bodies import EntityBody, EntityEnvelope, PutEntity
from services.ingress.leadlex.errors import documented

router = APIRouter(tags=["entities"])


@router.put(
    "/v1/entities/{entity_type}/{id}",
    dependencies=[needs("write:entities")],
    responses={
        201: {"model": EntityEnvelope, "description": "The entity is new"},
        **documented(ErrorCode.NOT_FOUND, ErrorCode.IDEMPOTENCY_CONFLICT),
    },
)
async def put_entity(
    call: CurrentCall,
    response: Response,
    entity_type: WorkspaceEntityType,
    entity_id: PathId,
    body: PutEntity,
    _key: IdempotencyKey = None,
) -> EntityEnvelope:
    """Record an entity, or change what is known of it."""
    answer = await call.command(
        EntityUpsert,
        EntityUpsertResult,
        entity_type=entity_type,
        entity_id=entity_id,
        name=body.name,
        parent=None if body.parent is None else body.parent.model_dump(),
    )
    if answer.created:
        response.status_code = 201
    return EntityEnvelope(data=EntityBody.of(answer.entity))


@router.delete(
    "/v1/entities/{entity_type}/{id}",
    status_code=204,
    dependencies=[needs("write:entities")],
    responses=documented(ErrorCode.NOT_FOUND, ErrorCode.IDEMPOTENCY_CONFLICT),
)
async def delete_entity(
    call: CurrentCall,
    entity_type: WorkspaceEntityType,
    entity_id: PathId,
    _key: IdempotencyKey = None,
) -> None:
    """Forget an entity; its links go with it."""
    await call.command(EntityDelete, EntityResult, entity_type=entity_type, entity_id=entity_id)
