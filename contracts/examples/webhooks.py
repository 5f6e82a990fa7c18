"""The workspace's own server hears of links, fails, and is switched off."""

from typing import Final

from contracts.examples.story import (
    ACTOR,
    DELETED,
    LATER,
    LINKED,
    UPDATED,
    WEBHOOK_MADE,
    WORKSPACE,
    Json,
    command,
    event,
    query,
)

_WEBHOOK_ID: Final = f"whk_{WEBHOOK_MADE[0]}"
_URL: Final = "https://hooks.example.com/doclink"
_WEBHOOK: Final[Json] = {
    "id": _WEBHOOK_ID,
    "workspace_id": WORKSPACE,
    "url": _URL,
    "events": ["link.created", "link.deleted"],
    "description": "Keeps the intranet's list of contracts",
    "active": True,
    "disabled_reason": None,
    "disabled_at": None,
    "failing_since": None,
    "last_error": None,
    "created_by": ACTOR,
    "created_at": WEBHOOK_MADE[1],
    "updated_at": WEBHOOK_MADE[1],
    "version": 1,
}
_UPDATED: Final[Json] = {
    **_WEBHOOK,
    "events": ["link.created"],
    "updated_at": UPDATED[1],
    "version": 2,
}
_DISABLED: Final[Json] = {
    **_UPDATED,
    "active": False,
    "disabled_reason": "No delivery has succeeded since 2026-04-17T10:55:00Z",
    "disabled_at": DELETED[1],
    "failing_since": LINKED[1],
    "last_error": "The server answered 500",
    "updated_at": DELETED[1],
    "version": 3,
}
_DELIVERY: Final[Json] = {
    "id": "whd_01KPDH8TX05PRYCDDCXECC2VQ9",
    "webhook_id": _WEBHOOK_ID,
    "event_id": f"evt_{LINKED[0]}",
    "event_type": "link.created",
    "status": "delivered",
    "attempts": 1,
    "next_attempt_at": None,
    "last_status": 200,
    "last_error": None,
    "created_at": LINKED[1],
    "updated_at": LINKED[1],
}

REQUESTS: Final[dict[str, Json]] = {
    "webhook.create": command(
        WEBHOOK_MADE,
        url=_URL,
        events=_WEBHOOK["events"],
        description=_WEBHOOK["description"],
        active=True,
    ),
    "webhook.update": command(
        UPDATED,
        webhook_id=_WEBHOOK_ID,
        url=_URL,
        events=_UPDATED["events"],
        description=_WEBHOOK["description"],
        active=True,
    ),
    "webhook.disable": command(
        DELETED,
        webhook_id=_WEBHOOK_ID,
        failing_since=_DISABLED["failing_since"],
        reason=_DISABLED["disabled_reason"],
    ),
    "webhook.delete": command(DELETED, webhook_id=_WEBHOOK_ID),
    "webhook.get": query(LATER, webhook_id=_WEBHOOK_ID),
    "webhook.list": query(LATER),
    "webhook.deliveries": query(LATER, webhook_id=_WEBHOOK_ID, page=1, per_page=25),
}
REPLIES: Final[dict[str, Json]] = {
    "webhook.create": {
        "result": {"webhook": _WEBHOOK, "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}
    },
    "webhook.update": {"result": {"webhook": _UPDATED}},
    "webhook.disable": {"result": {"webhook": _DISABLED}},
    "webhook.delete": {"result": {"webhook": _DISABLED}},
    "webhook.get": {"result": {"webhook": _WEBHOOK}},
    "webhook.list": {"result": {"webhooks": [_WEBHOOK]}},
    "webhook.deliveries": {
        "result": {"deliveries": [_DELIVERY], "page": 1, "per_page": 25, "total": 1}
    },
}
EVENTS: Final[dict[str, Json]] = {
    "webhook.created": event(WEBHOOK_MADE, "webhooks", _WEBHOOK_ID, _WEBHOOK),
    "webhook.updated": event(UPDATED, "webhooks", _WEBHOOK_ID, _UPDATED),
    "webhook.disabled": event(DELETED, "webhooks", _WEBHOOK_ID, _DISABLED),
    "webhook.deleted": event(DELETED, "webhooks", _WEBHOOK_ID, _DISABLED),
}
