"""The dispatcher with a real database and real endpoints."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from ulid import ULID

from deploy.local.stack import Stack
from services.webhooks.addresses import Gate
from services.webhooks.delivery import Delivery, milliseconds
from services.webhooks.delivery_store import DeliveryStore
from services.webhooks.dispatcher import Dispatcher
from services.webhooks.health import Health
from services.webhooks.sender import Sender
from services.webhooks.settings import WebhookSettings
from services.webhooks.store import WebhookStore
from shared.bus.publisher import Publisher
from shared.bus.requester import Requester
from shared.settings import Settings
from shared.store.client import Database
from tests.services.webhooks.samples import TIME, delivery, registration
from tests.support.bus import PATIENCE
from tests.support.receiver import NEVER, receiver

FOR_EVER = 3600.0


class Desk:
    """A database of the test's own, with webhooks and what they are to be sent."""

    def __init__(self, database: Database, settings: WebhookSettings) -> None:
        self.database = database
        self.settings = settings
        self.webhooks = WebhookStore(database)
        self.deliveries = DeliveryStore(database)

    async def webhook(self, url: str, due: int) -> None:
        """A webhook with so many deliveries that are due."""
        made = registration(url=url)
        await self.webhooks.add(made)
        for number in range(due):
            await self.deliveries.add(
                delivery(
                    webhook_id=made.webhook.id,
                    id=f"{made.webhook.id}-{number}",
                    due=milliseconds(TIME, number),
                )
            )

    @asynccontextmanager
    async def dispatching(self, **settings: Any) -> AsyncIterator[None]:
        """A dispatcher for as long as the block lasts."""
        chosen = self.settings.model_copy(update=settings)
        gate = Gate(allow_private=True)
        sender = Sender(gate, timeout=chosen.webhook_timeout, limit=chosen.webhook_concurrency)
        requester = Requester(Publisher(chosen, "webhooks"), "webhooks")
        health = Health(self.webhooks, requester, chosen)
        dispatcher = Dispatcher(self.deliveries, self.webhooks, sender, health, chosen)
        running = asyncio.create_task(dispatcher.run())
        try:
            yield
        finally:
            running.cancel()
            await asyncio.wait({running})


@pytest.fixture
async def desk(stack: Stack) -> AsyncIterator[Desk]:
    settings = WebhookSettings(
        mongo_url=stack.infrastructure.urls.mongo,
        mongo_database_prefix=f"t{ULID()}_",
        webhook_poll_interval=0.05,
        webhook_timeout=FOR_EVER,
        webhook_backoff=(FOR_EVER,),
        shutdown_grace=0.2,
    )
    database = Database(Settings(**settings.model_dump(include=set(Settings.model_fields))), "own")
    await database.recognise()
    made = Desk(database, settings)
    await made.webhooks.prepare()
    await made.deliveries.prepare()
    yield made
    await database.close()


async def test_an_endpoint_that_never_answers_leaves_room_for_the_others(desk: Desk) -> None:
    async with receiver() as receiving:
        receiving.always["/dead"] = NEVER
        await desk.webhook(receiving.url("/dead"), due=20)
        async with desk.dispatching(webhook_concurrency=4, webhook_concurrency_each=2):
            await receiving.until(2, "/dead")
            await desk.webhook(receiving.url("/alive"), due=20)
            await receiving.until(20, "/alive")
        assert len(receiving.at("/dead")) == 2


async def test_what_is_under_way_at_the_end_is_finished(desk: Desk) -> None:
    async with receiver() as receiving:
        receiving.always["/slow"] = NEVER
        await desk.webhook(receiving.url("/slow"), due=1)
        async with desk.dispatching(shutdown_grace=FOR_EVER):
            await receiving.until(1, "/slow")
            asyncio.get_running_loop().call_soon(receiving.released.set)
        assert await _statuses(desk) == [503]


async def test_it_ends_though_its_cancellation_was_swallowed_on_the_way(desk: Desk) -> None:
    class Swallowing(DeliveryStore):
        """As `asyncio.wait_for` before Python 3.12 may do, deep in the database's client."""

        async def due(self, *args: Any, **options: Any) -> list[Delivery]:
            looking.set()
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.Event().wait()
            return await super().due(*args, **options)

    looking = asyncio.Event()
    desk.deliveries = Swallowing(desk.database)
    async with asyncio.timeout(PATIENCE), desk.dispatching():
        await looking.wait()


async def _statuses(desk: Desk) -> list[int | None]:
    found = await desk.deliveries.due(milliseconds(TIME) * 2, excluding=(), limit=100)
    return [each.last_status for each in found]
