"""What the webhook service does with webhooks."""

from collections.abc import Sequence
from functools import partial

from contracts.catalogue import EVENTS
from contracts.errors import ErrorCode
from contracts.messages import Command, EventData
from contracts.webhooks import (
    Webhook,
    WebhookCreate,
    WebhookCreated,
    WebhookCreateResult,
    WebhookDelete,
    WebhookDeleted,
    WebhookDeliveries,
    WebhookDeliveriesResult,
    WebhookDisable,
    WebhookDisabled,
    WebhookGet,
    WebhookList,
    WebhookListResult,
    WebhookResult,
    WebhookUpdate,
    WebhookUpdated,
)
from services.webhooks.addresses import Gate
from services.webhooks.delivery_store import DeliveryStore
from services.webhooks.endpoint import check
from services.webhooks.hearing import Hearing
from services.webhooks.registration import Registration, created, deleted, disabled, updated
from services.webhooks.store import LIMIT, Full, WebhookStore
from shared.errors import Refusal
from shared.ids import derive, now
from shared.outcome import Announcement, Outcome, announce


async def create(
    command: WebhookCreate, webhooks: WebhookStore, gate: Gate, hearing: Hearing
) -> Outcome:
    """Send events of these types to a URL from now on."""
    held = await webhooks.find(command.workspace_id, derive("wh", command.command_id))
    if held is None:
        _require_known(command.events)
        await check(command.url, gate)
        await hearing.of(command.events)
        try:
            held = await webhooks.add(created(command, now()))
        except Full as full:
            raise Refusal(
                ErrorCode.LIMIT_REACHED, f"A workspace may have {LIMIT} webhooks"
            ) from full
    webhook, events = _what_came_of(command, held, WebhookCreated)
    return Outcome(WebhookCreateResult(webhook=webhook, secret=held.secret), events)


async def update(
    command: WebhookUpdate, webhooks: WebhookStore, gate: Gate, hearing: Hearing
) -> Outcome:
    """Change a webhook; no event where nothing changes."""
    held = await _existing(command, webhooks)
    if held.change_by(command.command_id) is None:
        _require_known(command.events or ())
        if command.url is not None and command.url != held.webhook.url:
            await check(command.url, gate)
        await hearing.of(command.events or ())
    after = await webhooks.change(
        command.workspace_id, command.webhook_id, partial(_updated, command=command)
    )
    webhook, events = _what_came_of(command, after or held, WebhookUpdated)
    return Outcome(WebhookResult(webhook=webhook), events)


def _updated(held: Registration, command: WebhookUpdate) -> Registration:
    if held.is_deleted and held.change_by(command.command_id) is None:
        raise _not_found()
    return updated(held, command, now())


async def disable(command: WebhookDisable, webhooks: WebhookStore) -> Outcome:
    """Switch off a webhook that has failed for long; no event where it no longer does."""
    held = await webhooks.change(
        command.workspace_id,
        command.webhook_id,
        lambda held: disabled(held, command, now()),
    )
    if held is None:
        raise _not_found()
    webhook, events = _what_came_of(command, held, WebhookDisabled)
    return Outcome(WebhookResult(webhook=webhook), events)


async def delete(command: WebhookDelete, webhooks: WebhookStore) -> Outcome:
    """Send no more events to a webhook; what is on its way ends when it is due next."""
    held = await webhooks.change(
        command.workspace_id, command.webhook_id, lambda held: deleted(held, command, now())
    )
    if held is None or held.change_by(command.command_id) is None:
        raise _not_found()
    webhook, events = _what_came_of(command, held, WebhookDeleted)
    return Outcome(WebhookResult(webhook=webhook), events)


async def get(query: WebhookGet, webhooks: WebhookStore) -> Outcome:
    """Read one webhook."""
    held = await _existing(query, webhooks)
    return Outcome(WebhookResult(webhook=held.webhook))


async def list_all(query: WebhookList, webhooks: WebhookStore) -> Outcome:
    """All webhooks of a workspace, newest first."""
    held = await webhooks.all(query.workspace_id)
    return Outcome(WebhookListResult(webhooks=[each.webhook for each in held]))


async def list_deliveries(
    query: WebhookDeliveries, webhooks: WebhookStore, deliveries: DeliveryStore
) -> Outcome:
    """A page of what was sent to a webhook, newest first."""
    await _existing(query, webhooks)
    page, total = await deliveries.page(query)
    return Outcome(
        WebhookDeliveriesResult(
            deliveries=[each.shown() for each in page],
            page=query.page,
            per_page=query.per_page,
            total=total,
        )
    )


async def _existing(
    about: WebhookGet | WebhookUpdate | WebhookDeliveries, webhooks: WebhookStore
) -> Registration:
    held = await webhooks.find(about.workspace_id, about.webhook_id)
    if held is None or (held.is_deleted and held.change_by(about.command_id) is None):
        raise _not_found()
    return held


def _what_came_of(
    command: Command, held: Registration, data: type[EventData]
) -> tuple[Webhook, list[Announcement]]:
    """The webhook as the command left it, and its event; as it is, if the command did nothing."""
    change = held.change_by(command.command_id)
    if change is None:
        return held.webhook, []
    event = announce(
        command.command_id,
        data(**change.webhook.model_dump()),
        subject=change.webhook.id,
        workspace_id=change.webhook.workspace_id,
        time=change.webhook.updated_at,
    )
    return change.webhook, [event]


def _require_known(events: Sequence[str]) -> None:
    unknown = sorted({each for each in events if each not in EVENTS})
    if unknown:
        rule = f"Unknown: {', '.join(unknown)}. There are: {', '.join(sorted(EVENTS))}"
        raise Refusal(ErrorCode.VALIDATION_ERROR, "No such event", {"events": rule})


def _not_found() -> Refusal:
    return Refusal(ErrorCode.NOT_FOUND, "Webhook not found")
