"""CRM-sync's database: the entity directory, and the connections to CRMs."""

from collections.abc import Callable, Sequence
from typing import Generic

from contracts.entities import Entity, ParentEntity
from contracts.fields import WorkspaceId
from services.crm_sync.entry import Entry, HeldConnection, RecordT
from shared.store.client import Database, Document
from shared.store.faults import Conflict, Duplicate
from shared.store.records import Records, expiry


class Entries(Generic[RecordT]):
    """Entries of one kind, by workspace and key."""

    def __init__(self, records: Records, kind: type[Entry[RecordT]]) -> None:
        self._records = records
        self._kind: type[Entry[RecordT]] = kind

    async def find(self, workspace_id: WorkspaceId, key: str) -> Entry[RecordT] | None:
        """The entry under the key, deleted ones included."""
        held = await self._records.get(workspace_id, key)
        return None if held is None else self._kind.model_validate(held)

    async def change(
        self,
        workspace_id: WorkspaceId,
        key: str,
        decide: Callable[[Entry[RecordT] | None], Entry[RecordT]],
    ) -> Entry[RecordT]:
        """What is stored in the end; who is overtaken between reading and writing decides anew."""
        while True:
            before = await self.find(workspace_id, key)
            after = decide(before)
            if after is before:
                return after
            try:
                await self._write(before, after, key)
            except (Conflict, Duplicate):
                continue
            return after

    async def _write(self, before: Entry[RecordT] | None, after: Entry[RecordT], key: str) -> None:
        record = {
            "_id": Records.key(after.record.workspace_id, key),
            "workspace_id": after.record.workspace_id,
            "version": after.record.version,
            **after.model_dump(),
        }
        if after.is_deleted:
            record["expires_at"] = expiry(after.record.updated_at)
        else:
            record |= self._looked_up_by(after.record)
        if before is None:
            await self._records.insert(record)
        else:
            await self._records.replace(record, version=before.record.version)

    def _looked_up_by(self, _record: RecordT) -> Document:
        """What a record that is there is found by, beside its key."""
        return {}


class EntityStore(Entries[Entity]):
    """Entities by provider, type and id, and by what they belong to."""

    def __init__(self, database: Database) -> None:
        super().__init__(Records(database, "entities"), Entry[Entity])

    async def prepare(self) -> None:
        """Ensure the indexes."""
        await self._records.index("workspace_id", "parent_key")
        await self._records.expire_tombstones()

    async def below(
        self, workspace_id: WorkspaceId, keys: Sequence[str], *, limit: int
    ) -> list[Entity]:
        """The entities right below any of those with these keys, in the same order every time."""
        query = {"workspace_id": workspace_id, "parent_key": {"$in": list(keys)}}
        found = await self._records.find(query, order=[("_id", 1)], limit=limit)
        return [Entry[Entity].model_validate(each).record for each in found]

    def _looked_up_by(self, record: Entity) -> Document:
        if record.parent is None:
            return {}
        return {"parent_key": entity_key(record.provider, record.parent)}


class ConnectionStore(Entries[HeldConnection]):
    """Connections by provider."""

    def __init__(self, database: Database) -> None:
        super().__init__(Records(database, "connections"), Entry[HeldConnection])

    async def prepare(self) -> None:
        """Ensure the indexes."""
        await self._records.index("workspace_id", "provider")
        await self._records.expire_tombstones()

    async def is_there(self, workspace_id: WorkspaceId, provider: str) -> bool:
        """Whether the workspace has a connection to this CRM."""
        entry = await self.find(workspace_id, provider)
        return entry is not None and not entry.is_deleted

    async def count(self, workspace_id: WorkspaceId) -> int:
        """How many connections the workspace has."""
        return await self._records.count({"workspace_id": workspace_id, "is_deleted": False})

    async def all(self, workspace_id: WorkspaceId) -> list[HeldConnection]:
        """A workspace's connections, by provider."""
        query = {"workspace_id": workspace_id, "is_deleted": False}
        found = await self._records.find(query, order=[("provider", 1)])
        return [Entry[HeldConnection].model_validate(each).record for each in found]

    def _looked_up_by(self, record: HeldConnection) -> Document:
        return {"provider": record.provider}


def entity_key(provider: str, entity: Entity | ParentEntity) -> str:
    """An entity's name within its workspace, as `EntityRef.key` has it."""
    return f"{provider}:{entity.entity_type}:{entity.entity_id}"
