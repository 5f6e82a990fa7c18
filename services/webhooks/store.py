"""The webhook service's database: webhooks, at most 100 in a workspace."""

from collections.abc import Callable

from services.webhooks.registration import Registration
from shared.batching import Batcher
from shared.store.client import Database, Document
from shared.store.faults import Conflict, Duplicate
from shared.store.records import Records, expiry

LIMIT = 100
"""Webhooks of a workspace."""

Decision = Callable[[Registration], Registration]


class Full(Exception):  # noqa: N818 - a finding, not an error
    """The workspace has as many webhooks as it may."""


class WebhookStore:
    """Webhooks; a deleted one leaves a tombstone under its id, with its slot freed.

    Each holds one of the workspace's numbered slots, by a unique key: two that are made at once
    cannot both be the hundredth.
    """

    def __init__(self, database: Database, *, limit: int = LIMIT) -> None:
        self._limit = limit
        self._records = Records(database, "webhooks")
        self._subscribed = Batcher(self._subscribed_many)

    async def prepare(self) -> None:
        """Ensure the indexes."""
        await self._records.index("workspace_id", "key", unique=True)
        await self._records.index("workspace_id", "hears")
        await self._records.index("workspace_id")
        await self._records.expire_tombstones()

    async def add(self, new: Registration) -> Registration:
        """Store a new webhook, or return what holds its id already.

        Raises:
            Full: there is no room for it.
        """
        webhook = new.webhook
        while True:
            taken = {each["key"] for each in await self._live(webhook.workspace_id)}
            slots = (f"slot:{number}" for number in range(self._limit))
            free = next((slot for slot in slots if slot not in taken), None)
            if free is None:
                raise Full
            try:
                await self._records.insert(_record(new, free))
            except Duplicate:
                held = await self.find(webhook.workspace_id, webhook.id)
                if held is not None:
                    return held
            else:
                return new

    async def find(self, workspace_id: str, webhook_id: str) -> Registration | None:
        """The webhook, be it deleted or not."""
        held = await self._records.get(workspace_id, webhook_id)
        return None if held is None else Registration.model_validate(held)

    async def change(
        self, workspace_id: str, webhook_id: str, decide: Decision
    ) -> Registration | None:
        """What the decision makes of the webhook, stored; None if there never was one.

        It is made anew when somebody else has changed the webhook in between.
        """
        while True:
            record = await self._records.get(workspace_id, webhook_id)
            if record is None:
                return None
            held = Registration.model_validate(record)
            after = decide(held)
            if after is held:
                return held
            try:
                await self._records.replace(
                    _record(after, record["key"]), version=held.webhook.version
                )
            except Conflict:
                continue
            return after

    async def all(self, workspace_id: str) -> list[Registration]:
        """The workspace's webhooks, newest first."""
        held = [Registration.model_validate(each) for each in await self._live(workspace_id)]
        return sorted(held, key=lambda r: (r.webhook.created_at, r.webhook.id), reverse=True)

    async def subscribed(self, workspace_id: str, event_type: str) -> list[Registration]:
        """The workspace's webhooks that are sent events of a type.

        Every event of the system asks; those that wait together are answered by one reading, and
        most of them by none.
        """
        return await self._subscribed((workspace_id, event_type))

    async def _live(self, workspace_id: str) -> list[Document]:
        held = await self._records.find({"workspace_id": workspace_id})
        return [record for record in held if not record["is_deleted"]]

    async def _subscribed_many(
        self, wanted: list[tuple[str, str]]
    ) -> list[list[Registration] | Exception]:
        workspaces = sorted({workspace_id for workspace_id, _ in wanted})
        types = sorted({event_type for _, event_type in wanted})
        held = await self._records.find(
            {"workspace_id": {"$in": workspaces}, "hears": {"$in": types}}
        )
        found = [Registration.model_validate(record) for record in held]
        return [
            [r for r in found if r.webhook.workspace_id == workspace_id and event_type in r.hears]
            for workspace_id, event_type in wanted
        ]


def _record(registration: Registration, key: str) -> Document:
    webhook = registration.webhook
    record = {
        "_id": Records.key(webhook.workspace_id, webhook.id),
        "workspace_id": webhook.workspace_id,
        "version": webhook.version,
        "key": key,
        "hears": registration.hears,
        **registration.model_dump(),
    }
    if registration.is_deleted:
        record |= {"key": f"deleted:{webhook.id}", "expires_at": expiry(webhook.updated_at)}
    return record
