"""Webhooks and deliveries to decide over."""

from datetime import UTC, datetime, timedelta
from typing import Any

from contracts.webhooks import WebhookCreate
from services.webhooks.delivery import Delivery, milliseconds
from services.webhooks.registration import Registration, created
from shared.ids import new_id

TIME = datetime(2026, 4, 17, 10, 45, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def registration(workspace_id: str = "ws_1", **fields: Any) -> Registration:
    """A new webhook."""
    command = {"command_id": new_id("cmd"), "workspace_id": workspace_id}
    wish = {"url": "https://hooks.acme.example/", "events": ["link.created"]}
    return created(WebhookCreate(**(command | wish | fields)), TIME)


def delivery(number: int = 1, **fields: Any) -> Delivery:
    """A delivery that is due."""
    made = {
        "id": f"11111111-1111-5111-8111-{number:012}",
        "workspace_id": "ws_1",
        "webhook_id": "wh_1",
        "event_id": "evt_1",
        "event_type": "link.created",
        "body": '{"id":"evt_1"}',
        "due": milliseconds(TIME),
        "created_at": TIME,
        "updated_at": TIME,
    }
    return Delivery(**(made | fields))
