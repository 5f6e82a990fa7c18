"""A delivery's rules: one event on its way to one webhook, as pure decisions."""

import json
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from contracts.messages import Event, EventData
from contracts.webhooks import Webhook, WebhookDelivery
from shared.errors import InvalidMessage

_NAMESPACE = uuid.UUID("6f1d2a52-9a4e-5d4b-8f0e-1c7c3a0c2f64")
_EVENT_ID = re.compile(r"[!-~]{1,256}")
_KEPT = timedelta(days=7)
_LOST_ATTEMPTS = 3
"""Attempts beyond the last one: for those whose outcome a killed process took with it."""


@dataclass(frozen=True)
class Attempt:
    """What came of sending: the status of the answer, or why there was none."""

    status: int | None = None
    error: str | None = None

    @property
    def succeeded(self) -> bool:
        """Only 2xx counts (Standard Webhooks; LeadLex, Webhooks); a redirect is not followed."""
        status = self.status or 0
        return HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES

    @property
    def gone(self) -> bool:
        """The receiver wants no more (Standard Webhooks: 410 Gone)."""
        return self.status == HTTPStatus.GONE

    @property
    def complaint(self) -> str | None:
        """What was wrong, in words; None if nothing was."""
        return None if self.succeeded else self.error or f"The endpoint answered {self.status}"


class Delivery(BaseModel):
    """What is to be sent, and how far it has got.

    `due` is when to send it next, in milliseconds since 1970; none when it has ended. For as
    long as a process sends it, that is when the process counts as dead.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    workspace_id: str
    webhook_id: str
    event_id: str
    event_type: str
    body: str
    status: str = "pending"
    attempts: int = 0
    due: int | None = None
    last_status: int | None = None
    last_error: str | None = None
    created_at: datetime
    updated_at: datetime
    version: int = 1

    @property
    def expires_at(self) -> datetime:
        """When it may be forgotten."""
        return self.created_at + _KEPT

    def shown(self) -> WebhookDelivery:
        """The delivery as its workspace sees it."""
        due = None if self.due is None else datetime.fromtimestamp(self.due / 1000, UTC)
        return WebhookDelivery.model_validate({**self.model_dump(), "next_attempt_at": due})

    def _after(self, time: datetime, **fields: Any) -> Self:
        return self.model_copy(update={**fields, "updated_at": time, "version": self.version + 1})

    def claimed(self, lease: float, time: datetime) -> Self:
        """The delivery in the hands of a process, for as long as the lease lasts."""
        return self._after(time, attempts=self.attempts + 1, due=milliseconds(time, lease))

    def concluded(self, attempt: Attempt, backoff: Sequence[float], time: datetime) -> Self:
        """The delivery after an attempt: delivered, to be tried again later, or failed."""
        outcome = {"last_status": attempt.status, "last_error": attempt.complaint}
        if attempt.succeeded:
            return self._after(time, status="delivered", due=None, **outcome)
        if self.attempts > len(backoff):
            return self._after(time, status="failed", due=None, **outcome)
        pause = backoff[self.attempts - 1]
        return self._after(time, due=milliseconds(time, pause), **outcome)

    def lost(self, backoff: Sequence[float]) -> bool:
        """Whether it was begun so often that its processes must have died of it."""
        return self.attempts > len(backoff) + 1 + _LOST_ATTEMPTS

    def ended(self, reason: str, time: datetime) -> Self:
        """The delivery given up."""
        return self._after(time, status="failed", due=None, last_error=reason)


def made(event: Event[EventData], webhook: Webhook, time: datetime) -> Delivery:
    """The delivery of an event to a webhook: the same id whenever the event comes again.

    Raises:
        InvalidMessage: the event's id does not fit an HTTP header.
    """
    if not _EVENT_ID.fullmatch(event.id):
        raise InvalidMessage("The event's id must be 1 to 256 visible ASCII characters")
    return Delivery(
        # CloudEvents are unique by source and id together.
        id=str(uuid.uuid5(_NAMESPACE, f"{event.source}\n{event.id}\n{webhook.id}")),
        workspace_id=webhook.workspace_id,
        webhook_id=webhook.id,
        event_id=event.id,
        event_type=event.type,
        body=payload(event),
        due=milliseconds(time),
        created_at=time,
        updated_at=time,
    )


def payload(event: Event[EventData]) -> str:
    """The body that is sent: LeadLex's own form (its events catalog).

    Kept as text: each attempt sends, and signs, the very same bytes.
    """
    body = {
        "id": event.id,
        "type": event.type,
        "created_at": event.time.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "data": event.data.model_dump(mode="json"),
    }
    return json.dumps(body, separators=(",", ":"))


def milliseconds(time: datetime, later: float = 0.0) -> int:
    """A time, some seconds later, in milliseconds since 1970.

    The embedded stand-in compares dates by the second; a number is compared as it is.
    """
    return round((time.timestamp() + later) * 1000)
