"""The webhook service's database: deliveries, with what was sent in the last seven days."""

import asyncio
from collections.abc import Collection

from contracts.webhooks import WebhookDeliveries
from services.webhooks.delivery import Delivery
from shared.store.client import Database, Document
from shared.store.faults import Duplicate
from shared.store.records import Records


class DeliveryStore:
    """Deliveries; what is due among them is found by time, over all workspaces."""

    def __init__(self, database: Database) -> None:
        self._records = Records(database, "deliveries")

    async def prepare(self) -> None:
        """Ensure the indexes."""
        await self._records.index("workspace_id", "webhook_id", "-created_at", "-id")
        await self._records.index("due")
        await self._records.expire_tombstones()

    async def add(self, delivery: Delivery) -> None:
        """Store a new delivery; one that is there already stays as it is."""
        try:
            await self._records.insert(_record(delivery))
        except Duplicate:
            return

    async def due(self, time: int, *, excluding: Collection[str], limit: int) -> list[Delivery]:
        """What is to be sent by now, the longest waiting first, but nothing to these webhooks."""
        which: Document = {"due": {"$lte": time}}
        if excluding:
            which["webhook_id"] = {"$nin": sorted(excluding)}
        held = await self._records.find(which, order=[("due", 1)], limit=limit)
        return [Delivery.model_validate(record) for record in held]

    async def replace(self, before: Delivery, after: Delivery) -> None:
        """Store a delivery in the place of the one that was read.

        Raises:
            Conflict: another process has taken it in between.
        """
        await self._records.replace(_record(after), version=before.version)

    async def page(self, query: WebhookDeliveries) -> tuple[list[Delivery], int]:
        """A page of a webhook's deliveries, newest first, and how many there are on all pages."""
        which = {"workspace_id": query.workspace_id, "webhook_id": query.webhook_id}
        total, held = await asyncio.gather(
            self._records.count(which),
            self._records.find(
                which,
                order=[("created_at", -1), ("id", -1)],
                skip=(query.page - 1) * query.per_page,
                limit=query.per_page,
            ),
        )
        return [Delivery.model_validate(record) for record in held], total


def _record(delivery: Delivery) -> Document:
    record = {
        "_id": Records.key(delivery.workspace_id, delivery.id),
        **delivery.model_dump(),
        "expires_at": delivery.expires_at,
    }
    if delivery.due is None:
        del record["due"]  # what has ended is not in the index of what is due
    return record
