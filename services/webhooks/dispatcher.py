"""The dispatcher: takes the deliveries that are due, sends them, and writes what came of it.

Several processes share the work: whoever replaces a delivery's version has it, until its lease is
over. What a killed process held is due again then, and goes out once more under the same id.
"""

import asyncio
import contextlib

from services.webhooks.delivery import Delivery, milliseconds
from services.webhooks.delivery_store import DeliveryStore
from services.webhooks.health import Health
from services.webhooks.sender import Sender
from services.webhooks.settings import WebhookSettings
from services.webhooks.slots import Slots
from services.webhooks.store import WebhookStore
from shared.cancellation import is_being_cancelled
from shared.errors import StoreUnavailable
from shared.ids import now
from shared.logs import bind, logger
from shared.store.faults import Conflict

log = logger(__name__)


class Dispatcher:
    """Sends what is due, for as long as it runs."""

    def __init__(
        self,
        deliveries: DeliveryStore,
        webhooks: WebhookStore,
        sender: Sender,
        health: Health,
        settings: WebhookSettings,
    ) -> None:
        self._deliveries = deliveries
        self._webhooks = webhooks
        self._sender = sender
        self._health = health
        self._settings = settings
        self._slots = Slots(
            total=settings.webhook_concurrency, each=settings.webhook_concurrency_each
        )
        self._sending: set[asyncio.Task[None]] = set()
        self._news = asyncio.Event()
        self._left_over = False

    def wake(self) -> None:
        """Look for due deliveries at once: there is a new one."""
        self._news.set()

    async def run(self) -> None:
        """Send until cancelled; what is under way then is finished, if it does not take long."""
        try:
            # A cancellation may be lost on its way: `asyncio.wait_for`, which the database's client
            # uses, swallows it before Python 3.12 when what it waits for ends at the same moment.
            while not is_being_cancelled():
                await self._look()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self._settings.webhook_poll_interval):
                        await self._news.wait()
        finally:
            await self._finish()

    async def _look(self) -> None:
        self._news.clear()
        try:
            while await self._begin_some():
                pass
        except StoreUnavailable as error:
            log.warning("store.away", error=str(error))
        except Exception:
            # A defect met once must not end the sending for everybody.
            log.exception("dispatcher.broken")

    async def _begin_some(self) -> bool:
        """Begin to send some of what is due; false if there is nothing, or no room for it."""
        room, full = self._slots.room, self._slots.full()
        self._left_over = bool(full) or not room
        if not room:
            return False
        due = await self._deliveries.due(milliseconds(now()), excluding=full, limit=room)
        wanted = [each for each in due if self._slots.take(each.webhook_id)]
        for claimed in await asyncio.gather(*(self._claim(each) for each in wanted)):
            if claimed is not None:
                task = asyncio.create_task(self._deliver(claimed))
                self._sending.add(task)
                task.add_done_callback(self._sending.discard)
        return bool(wanted)

    async def _claim(self, delivery: Delivery) -> Delivery | None:
        """The delivery in our hands; None if another process was faster."""
        claimed = delivery.claimed(self._settings.webhook_lease, now())
        try:
            await self._deliveries.replace(delivery, claimed)
        except (Conflict, StoreUnavailable):
            self._slots.free(delivery.webhook_id, failed=None)
            return None
        return claimed

    async def _deliver(self, delivery: Delivery) -> None:
        bind(workspace_id=delivery.workspace_id, webhook_id=delivery.webhook_id)
        bind(delivery_id=delivery.id, event_id=delivery.event_id)
        failed: bool | None = None
        try:
            failed = await self._attempt(delivery)
        except Conflict:
            log.warning("delivery.taken_over")  # our lease was over before we were
        except StoreUnavailable as error:
            log.warning("store.away", error=str(error))
        except Exception:
            log.exception("delivery.broken")
        finally:
            # Whatever was not written is tried again when the lease is over.
            self._slots.free(delivery.webhook_id, failed=failed)
            if self._left_over:
                self.wake()

    async def _attempt(self, delivery: Delivery) -> bool | None:
        """Send once, and write what came of it; true if that failed, None if nothing was sent."""
        backoff = self._settings.webhook_backoff
        held = await self._webhooks.find(delivery.workspace_id, delivery.webhook_id)
        if held is None or not held.hears:
            await self._end(delivery, "The webhook was switched off or deleted")
            return None
        if delivery.lost(backoff):
            await self._end(delivery, "Given up: the outcome of several attempts was lost")
            return None
        attempt = await self._sender.send(delivery, held.webhook.url, held.secret, now())
        log.info("delivery.attempted", status=attempt.status, error=attempt.error)
        await self._health.note(delivery, attempt, now())
        await self._deliveries.replace(delivery, delivery.concluded(attempt, backoff, now()))
        return not attempt.succeeded

    async def _end(self, delivery: Delivery, reason: str) -> None:
        await self._deliveries.replace(delivery, delivery.ended(reason, now()))

    async def _finish(self) -> None:
        if self._sending:
            # The other half of the grace was for the messages.
            grace = self._settings.shutdown_grace / 2
            _, late = await asyncio.wait(self._sending, timeout=grace)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await self._sender.close()
