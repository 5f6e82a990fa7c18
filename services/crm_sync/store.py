"""CRM-sync's database: the entity directory."""

from contracts.entities import EntityDelete, EntityGet, EntityUpsert
from services.crm_sync.directory import Entry
from shared.store.client import Database
from shared.store.faults import Conflict, Duplicate
from shared.store.records import Records, expiry


class EntityStore:
    """Entities by workspace, provider, type and id."""

    def __init__(self, database: Database) -> None:
        self._records = Records(database, "entities")

    async def prepare(self) -> None:
        """Ensure the indexes."""
        await self._records.index("workspace_id")
        await self._records.expire_tombstones()

    async def find(self, about: EntityUpsert | EntityDelete | EntityGet) -> Entry | None:
        """The entry of the entity that a message is about, deleted ones included."""
        held = await self._records.get(about.workspace_id, about.key)
        return None if held is None else Entry.model_validate(held)

    async def write(self, before: Entry | None, after: Entry) -> None:
        """Store the entry in the place of the one that was read.

        Raises:
            Conflict: it has changed since.
        """
        if after is before:
            return
        entity = after.entity
        key = f"{entity.provider}:{entity.entity_type}:{entity.entity_id}"
        record = {
            "_id": Records.key(entity.workspace_id, key),
            "workspace_id": entity.workspace_id,
            "version": entity.version,
            **after.model_dump(),
        }
        if after.is_deleted:
            record["expires_at"] = expiry(entity.updated_at)
        if before is not None:
            await self._records.replace(record, version=before.entity.version)
            return
        try:
            await self._records.insert(record)
        except Duplicate as error:
            raise Conflict(key) from error
