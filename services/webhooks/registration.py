"""A webhook's rules, as pure decisions over one registration."""

import base64
import secrets
from datetime import datetime, timedelta
from typing import Any, Self

from contracts.webhooks import (
    Webhook,
    WebhookCreate,
    WebhookDelete,
    WebhookDisable,
    WebhookUpdate,
)
from shared.history import Change, History
from shared.ids import derive

SECRET_PREFIX = "whsec_"  # noqa: S105 - what every secret starts with
_SECRET_BYTES = 32
_WELL = {"failing_since": None, "last_error": None}
_ENABLED = {**_WELL, "disabled_reason": None, "disabled_at": None}
"""Whatever was wrong before: a new beginning."""


class WebhookChange(Change):
    """What one command made of the webhook."""

    webhook: Webhook


class Registration(History[WebhookChange]):
    """A webhook with its secret, or what is remembered of a deleted one."""

    webhook: Webhook
    secret: str
    is_deleted: bool = False

    @property
    def hears(self) -> list[str]:
        """The types of the events that it is sent now."""
        return self.webhook.events if self.webhook.active and not self.is_deleted else []

    def changed(self, time: datetime, **fields: Any) -> Self:
        """The registration with other health, which no command has asked for."""
        webhook = self.webhook.model_copy(
            update={**fields, "updated_at": time, "version": self.webhook.version + 1}
        )
        return self.model_copy(update={"webhook": webhook})

    def changed_by(self, command_id: str, time: datetime, **fields: Any) -> Self:
        """The registration after a command."""
        after = self.changed(time, **fields)
        return after.changed_to(WebhookChange(command_id=command_id, webhook=after.webhook))


def created(command: WebhookCreate, time: datetime) -> Registration:
    """A new registration, with a secret that was drawn for it."""
    webhook = Webhook(
        id=derive("wh", command.command_id),
        workspace_id=command.workspace_id,
        url=command.url,
        events=_each_once(command.events),
        description=command.description or None,
        active=command.active,
        created_by=command.actor,
        created_at=time,
        updated_at=time,
        version=1,
    )
    secret = SECRET_PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()
    change = WebhookChange(command_id=command.command_id, webhook=webhook)
    return Registration(webhook=webhook, secret=secret, changes=[change])


def updated(held: Registration, command: WebhookUpdate, time: datetime) -> Registration:
    """The registration after the command; the same one if nothing changes."""
    wanted = command.model_dump(include={"url", "active"}, exclude_none=True)
    if command.events is not None:
        wanted["events"] = _each_once(command.events)
    if command.description is not None:
        wanted["description"] = command.description or None
    fields = {k: v for k, v in wanted.items() if getattr(held.webhook, k) != v}
    if held.change_by(command.command_id) is not None or not fields:
        return held
    if fields.get("active"):
        fields |= _ENABLED
    elif "url" in fields:
        fields |= _WELL
    return held.changed_by(command.command_id, time, **fields)


def disabled(held: Registration, command: WebhookDisable, time: datetime) -> Registration:
    """The registration after the command; the same one if it no longer fails since then."""
    webhook = held.webhook
    still = webhook.active and webhook.failing_since == command.failing_since
    if held.change_by(command.command_id) is not None or held.is_deleted or not still:
        return held
    fields = {"active": False, "disabled_reason": command.reason, "disabled_at": time}
    return held.changed_by(command.command_id, time, **fields)


def deleted(held: Registration, command: WebhookDelete, time: datetime) -> Registration:
    """The registration after the command; the same one if it is deleted already."""
    if held.is_deleted or held.change_by(command.command_id) is not None:
        return held
    after = held.changed_by(command.command_id, time)
    return after.model_copy(update={"is_deleted": True})


def succeeded(held: Registration, time: datetime) -> Registration:
    """The registration after a delivery; the same one if it was well before."""
    if held.webhook.failing_since is None or not held.hears:
        return held
    return held.changed(time, **_WELL)


def failed(held: Registration, error: str, time: datetime) -> Registration:
    """The registration after an attempt that failed; the same one if that was known."""
    webhook = held.webhook
    since = webhook.failing_since or time
    known = (webhook.failing_since, webhook.last_error) == (since, error)
    if known or not held.hears:
        return held
    return held.changed(time, failing_since=since, last_error=error)


def to_be_disabled(
    held: Registration, *, gone: bool, after: timedelta, time: datetime
) -> str | None:
    """Why the webhook should be switched off now; None if it should not."""
    since = held.webhook.failing_since
    if since is None or not held.hears:
        return None
    if gone:
        return "The endpoint answered 410 Gone"
    if time - since < after:
        return None
    last = f", at last: {held.webhook.last_error}" if held.webhook.last_error else ""
    return f"Every delivery has failed since {since:%Y-%m-%dT%H:%M:%SZ}{last}"[:200]


def _each_once(events: list[str]) -> list[str]:
    return list(dict.fromkeys(events))
