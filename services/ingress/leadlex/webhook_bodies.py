"""The bodies about webhooks.

Source: LeadLex's pages Webhooks and Create Webhook; they show the request, the shape of the answer
is that of its other resources.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from contracts.catalogue import EVENTS
from contracts.fields import WebhookUrl
from contracts.webhooks import (
    EventTypes,
    Webhook,
    WebhookDeliveriesResult,
    WebhookDelivery,
    WebhookDescription,
    WebhookListResult,
)
from services.ingress.leadlex.models import Meta
from services.ingress.times import WholeSeconds

KnownEvents = Annotated[
    EventTypes,
    Field(json_schema_extra={"items": {"type": "string", "enum": [*sorted(EVENTS)]}}),
]
"""The service knows which events there are; this tells the reader of the schema."""

_EXAMPLE: dict[str, Any] = {
    "url": "https://hooks.acme.example/doclink",
    "events": ["document.registered", "link.created"],
    "description": "Our archive",
}


class CreateWebhook(BaseModel):
    """The body of `POST /v1/webhooks`."""

    model_config = ConfigDict(
        extra="forbid", strict=True, json_schema_extra={"examples": [_EXAMPLE]}
    )

    url: WebhookUrl = Field(description="https, and of the public internet")
    events: KnownEvents = Field(description="Types of doclink's own events")
    description: WebhookDescription | None = None
    active: bool = True


class UpdateWebhook(BaseModel):
    """The body of `PATCH /v1/webhooks/{id}`; what is left out stays as it is."""

    model_config = ConfigDict(
        extra="forbid", strict=True, json_schema_extra={"examples": [{"active": True}]}
    )

    # Three fields may be left out, yet not be null: a factory leaves no default in the schema.
    url: WebhookUrl = Field(default_factory=str)
    events: KnownEvents = Field(default_factory=list)
    description: WebhookDescription | None = Field(None, description="Null removes it.")
    active: bool = Field(
        default_factory=bool, description="True also switches on what was disabled by itself."
    )

    def changes(self) -> dict[str, Any]:
        """The payload of `webhook.update`, which has no null for what is to be removed."""
        given = self.model_dump(exclude_unset=True)
        return {name: "" if value is None else value for name, value in given.items()}


class WebhookBody(BaseModel):
    """A webhook; `disabled_reason` says why it was switched off by itself."""

    id: str = Field(examples=["wh_01HY1"])
    url: str
    events: list[str]
    description: str | None
    active: bool
    disabled_reason: str | None
    disabled_at: WholeSeconds | None
    failing_since: WholeSeconds | None
    last_error: str | None
    created_by: str | None
    created_at: WholeSeconds
    updated_at: WholeSeconds

    @classmethod
    def of(cls, webhook: Webhook, **more: Any) -> Self:
        """A webhook as this API shows it."""
        return cls(**webhook.model_dump(include=set(WebhookBody.model_fields)), **more)


class NewWebhookBody(WebhookBody):
    """A webhook that was just made: the one time that its secret is told."""

    secret: str = Field(examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])


class DeliveryBody(BaseModel):
    """One event on its way to a webhook, or what came of it."""

    id: str
    event_id: str
    event_type: str
    status: Literal["pending", "delivered", "failed"]
    attempts: int
    next_attempt_at: WholeSeconds | None
    last_status: int | None
    last_error: str | None
    created_at: WholeSeconds
    updated_at: WholeSeconds

    @classmethod
    def of(cls, delivery: WebhookDelivery) -> Self:
        """A delivery as this API shows it."""
        return cls(**delivery.model_dump(include=set(cls.model_fields)))


class NewWebhookEnvelope(BaseModel):
    """`{"data": webhook}`, with its secret."""

    data: NewWebhookBody


class WebhookEnvelope(BaseModel):
    """`{"data": webhook}`."""

    data: WebhookBody


class Webhooks(BaseModel):
    """All webhooks of the workspace."""

    webhooks: list[WebhookBody]


class WebhooksEnvelope(BaseModel):
    """`{"data": {"webhooks": [...]}}`."""

    data: Webhooks

    @classmethod
    def of(cls, result: WebhookListResult) -> Self:
        """A workspace's webhooks as this API shows them."""
        return cls(data=Webhooks(webhooks=[WebhookBody.of(each) for each in result.webhooks]))


class Deliveries(BaseModel):
    """The deliveries of one page."""

    deliveries: list[DeliveryBody]


class DeliveriesEnvelope(BaseModel):
    """`{"data": {"deliveries": [...]}, "meta": {...}}`."""

    data: Deliveries
    meta: Meta

    @classmethod
    def of(cls, result: WebhookDeliveriesResult) -> Self:
        """A page of deliveries as this API shows it."""
        deliveries = [DeliveryBody.of(each) for each in result.deliveries]
        meta = Meta(page=result.page, per_page=result.per_page, total=result.total)
        return cls(data=Deliveries(deliveries=deliveries), meta=meta)
