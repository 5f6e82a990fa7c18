"""The CRMs that the workspace works with, and what is known of their records; these are ours."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from contracts.connections import (
    ConnectionCreate,
    ConnectionCreateResult,
    ConnectionDelete,
    ConnectionList,
    ConnectionListResult,
    ConnectionResult,
)
from contracts.entities import EntityDelete, EntityResult, EntityUpsert, EntityUpsertResult
from contracts.errors import ErrorCode
from contracts.fields import CrmProvider, EntityTypeName
from services.ingress.call import CurrentCall
from services.ingress.demands import needs, path_id
from services.ingress.headers import IdempotencyKey
from services.ingress.leadlex.entity_bodies import (
    ConnectionBody,
    ConnectionEnvelope,
    ConnectionsEnvelope,
    EntityBody,
    EntityEnvelope,
    PutCrmEntity,
)
from services.ingress.leadlex.errors import documented

router = APIRouter(tags=["connections"])

Crm = Annotated[CrmProvider, Path(examples=["pipedrive"])]
CrmType = Annotated[EntityTypeName, Path(examples=["deal"])]
CrmId = Annotated[str, path_id("id", "134")]


@router.get("/v1/connections", dependencies=[needs("read:entities")], responses=documented())
async def list_connections(call: CurrentCall) -> ConnectionsEnvelope:
    """All CRMs that the workspace works with."""
    return ConnectionsEnvelope.of(await call.query(ConnectionList, ConnectionListResult))


@router.put(
    "/v1/connections/{provider}",
    dependencies=[needs("write:entities")],
    responses={
        201: {"model": ConnectionEnvelope, "description": "The connection is new"},
        **documented(ErrorCode.LIMIT_REACHED, ErrorCode.IDEMPOTENCY_CONFLICT),
    },
)
async def put_connection(
    call: CurrentCall, response: Response, provider: Crm, _key: IdempotencyKey = None
) -> ConnectionEnvelope:
    """Let documents be linked to records of a CRM."""
    answer = await call.command(ConnectionCreate, ConnectionCreateResult, provider=provider)
    if answer.created:
        response.status_code = 201
    return ConnectionEnvelope(data=ConnectionBody.of(answer.connection))


@router.delete(
    "/v1/connections/{provider}",
    status_code=204,
    dependencies=[needs("write:entities")],
    responses=documented(ErrorCode.NOT_FOUND, ErrorCode.IDEMPOTENCY_CONFLICT),
)
async def delete_connection(call: CurrentCall, provider: Crm, _key: IdempotencyKey = None) -> None:
    """Let no more links to the CRM be made; those that exist stay."""
    await call.command(ConnectionDelete, ConnectionResult, provider=provider)


@router.put(
    "/v1/connections/{provider}/entities/{entity_type}/{id}",
    dependencies=[needs("write:entities")],
    responses={
        201: {"model": EntityEnvelope, "description": "The entity is new"},
        **documented(ErrorCode.NOT_FOUND, ErrorCode.IDEMPOTENCY_CONFLICT),
    },
)
async def put_crm_entity(
    *,
    call: CurrentCall,
    response: Response,
    provider: Crm,
    entity_type: CrmType,
    entity_id: CrmId,
    body: PutCrmEntity,
    _key: IdempotencyKey = None,
) -> EntityEnvelope:
    """Record an entity of a CRM, connected or not yet, or change what is known of it."""
    answer = await call.command(
        EntityUpsert,
        EntityUpsertResult,
        provider=provider,
        entity_type=entity_type,
        entity_id=entity_id,
        name=body.name,
        parent=body.parent,
    )
    if answer.created:
        response.status_code = 201
    return EntityEnvelope(data=EntityBody.of(answer.entity))


@router.delete(
    "/v1/connections/{provider}/entities/{entity_type}/{id}",
    status_code=204,
    dependencies=[needs("write:entities")],
    responses=documented(ErrorCode.NOT_FOUND, ErrorCode.IDEMPOTENCY_CONFLICT),
)
async def delete_crm_entity(
    call: CurrentCall,
    provider: Crm,
    entity_type: CrmType,
    entity_id: CrmId,
    _key: IdempotencyKey = None,
) -> None:
    """Forget an entity of a CRM; its links go with it."""
    await call.command(
        EntityDelete,
        EntityResult,
        provider=provider,
        entity_type=entity_type,
        entity_id=entity_id,
    )
