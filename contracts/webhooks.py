"""Webhooks: events sent to a workspace's own HTTP endpoints."""

from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from contracts.fields import (
    EventTypeName,
    Page,
    PageSize,
    RecordId,
    Timestamp,
    Version,
    WebhookUrl,
    WorkspaceId,
)
from contracts.messages import Command, EventData, Query, Result

EventTypes = Annotated[list[EventTypeName], Field(min_length=1, max_length=50)]
WebhookDescription = Annotated[str, Field(max_length=200)]


class Webhook(BaseModel):
    """A webhook; never its secret.

    `disabled_reason` says why it was switched off by itself; `failing_since` is when deliveries
    began to fail without one success since.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: RecordId
    workspace_id: WorkspaceId
    url: str
    events: list[str]
    description: str | None = None
    active: bool
    disabled_reason: str | None = None
    disabled_at: Timestamp | None = None
    failing_since: Timestamp | None = None
    last_error: str | None = None
    created_by: str | None = None
    created_at: Timestamp
    updated_at: Timestamp
    version: Version


class WebhookDelivery(BaseModel):
    """One event on its way to one webhook."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: RecordId
    webhook_id: RecordId
    event_id: str
    event_type: str
    status: Literal["pending", "delivered", "failed"]
    attempts: int
    next_attempt_at: Timestamp | None = None
    last_status: int | None = None
    last_error: str | None = None
    created_at: Timestamp
    updated_at: Timestamp


class WebhookCreate(Command):
    """`webhook.create`: send events of these types to a URL; at most 100 in a workspace."""

    type: ClassVar[str] = "webhook.create"

    url: WebhookUrl
    events: EventTypes
    description: WebhookDescription | None = None
    active: bool = True


class WebhookUpdate(Command):
    """`webhook.update`: change a webhook; what is left out stays as it is.

    `active` true also switches on one that was disabled for its failures.
    """

    type: ClassVar[str] = "webhook.update"

    webhook_id: RecordId
    url: WebhookUrl | None = None
    events: EventTypes | None = None
    description: WebhookDescription | None = None
    active: bool | None = None


class WebhookDelete(Command):
    """`webhook.delete`: send no more events, those under way included."""

    type: ClassVar[str] = "webhook.delete"

    webhook_id: RecordId


class WebhookDisable(Command):
    """`webhook.disable`: switch off a webhook that has failed since a time.

    The service asks this of itself. Nothing changes where a delivery has succeeded since, or
    where the webhook was changed or switched off meanwhile.
    """

    type: ClassVar[str] = "webhook.disable"

    webhook_id: RecordId
    failing_since: Timestamp
    reason: WebhookDescription


class WebhookGet(Query):
    """`webhook.get`: read one webhook."""

    type: ClassVar[str] = "webhook.get"

    webhook_id: RecordId


class WebhookList(Query):
    """`webhook.list`: all of a workspace's webhooks, newest first."""

    type: ClassVar[str] = "webhook.list"


class WebhookDeliveries(Query):
    """`webhook.deliveries`: a page of what was sent to a webhook in the last 7 days, newest first.

    A delivery has an outcome here, whatever it is.
    """

    type: ClassVar[str] = "webhook.deliveries"

    webhook_id: RecordId
    page: Page = 1
    per_page: PageSize = 25


class WebhookCreateResult(Result):
    """The reply to `webhook.create`: the one message that carries the secret."""

    webhook: Webhook
    secret: str


class WebhookResult(Result):
    """The reply to `webhook.update`, `.disable`, `.delete` and `.get`."""

    webhook: Webhook


class WebhookListResult(Result):
    """The reply to `webhook.list`."""

    webhooks: list[Webhook]


class WebhookDeliveriesResult(Result):
    """The reply to `webhook.deliveries`; `total` counts over all pages."""

    deliveries: list[WebhookDelivery]
    page: int
    per_page: int
    total: int


class WebhookCreated(Webhook, EventData):
    """`webhook.created`: events are sent to a URL."""

    type: ClassVar[str] = "webhook.created"


class WebhookUpdated(Webhook, EventData):
    """`webhook.updated`: a webhook was changed by its workspace."""

    type: ClassVar[str] = "webhook.updated"


class WebhookDisabled(Webhook, EventData):
    """`webhook.disabled`: a webhook has failed for long, and was switched off."""

    type: ClassVar[str] = "webhook.disabled"


class WebhookDeleted(Webhook, EventData):
    """`webhook.deleted`: no more events are sent to a URL."""

    type: ClassVar[str] = "webhook.deleted"
