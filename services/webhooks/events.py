"""What the webhook service does with events: notes for each webhook what is to be sent."""

import asyncio
from collections.abc import Callable

from contracts.messages import Event, EventData
from services.webhooks.delivery import made
from services.webhooks.delivery_store import DeliveryStore
from services.webhooks.store import WebhookStore
from shared.ids import now
from shared.outcome import Outcome


async def heard(
    event: Event[EventData],
    webhooks: WebhookStore,
    deliveries: DeliveryStore,
    wake: Callable[[], None],
) -> Outcome:
    """Make a delivery for each webhook that is sent such events; twice makes no second one."""
    subscribed = await webhooks.subscribed(event.workspaceid, event.type)
    if subscribed:
        time = now()
        new = [made(event, each.webhook, time) for each in subscribed]
        await asyncio.gather(*(deliveries.add(each) for each in new))
        wake()
    return Outcome()
