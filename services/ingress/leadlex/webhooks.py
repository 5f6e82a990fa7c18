"""LeadLex's webhooks, for doclink's own events: make, list, read, change, delete, look after."""

from typing import Annotated

from fastapi import APIRouter, Query

from contracts.errors import ErrorCode
from contracts.fields import Page, PerPage
from contracts.webhooks import (
    WebhookCreate,
    WebhookCreateResult,
    WebhookDelete,
    WebhookDeliveries,
    WebhookDeliveriesResult,
    WebhookGet,
    WebhookList,
    WebhookListResult,
    WebhookResult,
    WebhookUpdate,
)
from services.ingress.call import CurrentCall
from services.ingress.demands import InDigits, needs, path_id
from services.ingress.headers import IdempotencyKey
from services.ingress.leadlex.errors import documented
from services.ingress.leadlex.webhook_bodies import (
    CreateWebhook,
    DeliveriesEnvelope,
    NewWebhookBody,
    NewWebhookEnvelope,
    UpdateWebhook,
    WebhookBody,
    WebhookEnvelope,
    WebhooksEnvelope,
)

router = APIRouter(tags=["webhooks"])
WebhookId = Annotated[str, path_id("id", "wh_01HY1")]


@router.post(
    "/v1/webhooks",
    status_code=201,
    dependencies=[needs("write:webhooks")],
    responses=documented(ErrorCode.LIMIT_REACHED, ErrorCode.IDEMPOTENCY_CONFLICT),
)
async def create_webhook(
    call: CurrentCall, body: CreateWebhook, _key: IdempotencyKey = None
) -> NewWebhookEnvelope:
    """Have events sent to a URL; the secret that signs them is told this once."""
    answer = await call.command(WebhookCreate, WebhookCreateResult, **body.model_dump())
    return NewWebhookEnvelope(data=NewWebhookBody.of(answer.webhook, secret=answer.secret))


@router.get("/v1/webhooks", dependencies=[needs("read:webhooks")], responses=documented())
async def list_webhooks(call: CurrentCall) -> WebhooksEnvelope:
    """All webhooks of the workspace, newest first."""
    return WebhooksEnvelope.of(await call.query(WebhookList, WebhookListResult))


@router.get(
    "/v1/webhooks/{id}",
    dependencies=[needs("read:webhooks")],
    responses=documented(ErrorCode.NOT_FOUND),
)
async def get_webhook(call: CurrentCall, webhook_id: WebhookId) -> WebhookEnvelope:
    """Read one webhook, and how it fares."""
    answer = await call.query(WebhookGet, WebhookResult, webhook_id=webhook_id)
    return WebhookEnvelope(data=WebhookBody.of(answer.webhook))


@router.patch(
    "/v1/webhooks/{id}",
    dependencies=[needs("write:webhooks")],
    responses=documented(ErrorCode.NOT_FOUND, ErrorCode.IDEMPOTENCY_CONFLICT),
)
async def update_webhook(
    call: CurrentCall, webhook_id: WebhookId, body: UpdateWebhook, _key: IdempotencyKey = None
) -> WebhookEnvelope:
    """Change a webhook, or switch it on again; its secret stays."""
    answer = await call.command(
        WebhookUpdate, WebhookResult, webhook_id=webhook_id, **body.changes()
    )
    return WebhookEnvelope(data=WebhookBody.of(answer.webhook))


@router.delete(
    "/v1/webhooks/{id}",
    status_code=204,
    dependencies=[needs("write:webhooks")],
    responses=documented(ErrorCode.NOT_FOUND, ErrorCode.IDEMPOTENCY_CONFLICT),
)
async def delete_webhook(
    call: CurrentCall, webhook_id: WebhookId, _key: IdempotencyKey = None
) -> None:
    """Send no more events, those under way included."""
    await call.command(WebhookDelete, WebhookResult, webhook_id=webhook_id)


@router.get(
    "/v1/webhooks/{id}/deliveries",
    dependencies=[needs("read:webhooks")],
    responses=documented(ErrorCode.NOT_FOUND),
)
async def list_deliveries(
    call: CurrentCall,
    webhook_id: WebhookId,
    page: Annotated[Page, InDigits, Query(description="Page number")] = 1,
    per_page: Annotated[PerPage, InDigits, Query(description="Results per page")] = 25,
) -> DeliveriesEnvelope:
    """What was sent to a webhook in the last seven days, or is about to be; newest first."""
    answer = await call.query(
        WebhookDeliveries,
        WebhookDeliveriesResult,
        webhook_id=webhook_id,
        page=page,
        per_page=per_page,
    )
    return DeliveriesEnvelope.of(answer)
