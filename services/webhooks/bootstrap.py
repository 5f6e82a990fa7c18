"""The webhook service's wiring: stores into handlers, handlers under their message types."""

from functools import partial

from contracts.catalogue import EVENTS
from services.webhooks import events, webhooks
from services.webhooks.addresses import Gate
from services.webhooks.delivery_store import DeliveryStore
from services.webhooks.dispatcher import Dispatcher
from services.webhooks.health import Health
from services.webhooks.hearing import Hearing
from services.webhooks.sender import Sender
from services.webhooks.settings import WebhookSettings
from services.webhooks.store import WebhookStore
from shared.service import Kernel, Wiring
from shared.settings import load


def wire(kernel: Kernel) -> Wiring:
    """The webhook service's handlers, and the dispatcher that runs beside them."""
    settings = load(WebhookSettings)
    store = WebhookStore(kernel.database)
    deliveries = DeliveryStore(kernel.database)
    gate = Gate(allow_private=settings.webhook_allow_private)
    sender = Sender(gate, timeout=settings.webhook_timeout, limit=settings.webhook_concurrency)
    health = Health(store, kernel.requester, settings)
    dispatcher = Dispatcher(deliveries, store, sender, health, settings)
    heard = partial(events.heard, webhooks=store, deliveries=deliveries, wake=dispatcher.wake)

    hearing = Hearing(kernel.database, kernel.hear)

    async def prepare() -> None:
        await store.prepare()
        await deliveries.prepare()
        await hearing.prepare()

    return Wiring(
        prepare=prepare,
        commands={
            "webhook.create": partial(webhooks.create, webhooks=store, gate=gate, hearing=hearing),
            "webhook.update": partial(webhooks.update, webhooks=store, gate=gate, hearing=hearing),
            "webhook.disable": partial(webhooks.disable, webhooks=store),
            "webhook.delete": partial(webhooks.delete, webhooks=store),
        },
        queries={
            "webhook.get": partial(webhooks.get, webhooks=store),
            "webhook.list": partial(webhooks.list_all, webhooks=store),
            "webhook.deliveries": partial(
                webhooks.list_deliveries, webhooks=store, deliveries=deliveries
            ),
        },
        events=dict.fromkeys(EVENTS, heard),
        background=dispatcher.run,
    )
