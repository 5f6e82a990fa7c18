"""The registry's API keys, found by the hash of the key."""

from dataclasses import dataclass
from datetime import datetime

from contracts.api_keys import ApiKey
from shared.store.client import Database
from shared.store.faults import Conflict, Duplicate
from shared.store.records import Records


@dataclass(frozen=True)
class Revoked:
    """A revoked key, and the command that revoked it."""

    key: ApiKey
    by: str


class ApiKeyStore:
    """API keys, found by the hash of the key."""

    def __init__(self, database: Database) -> None:
        self._records = Records(database, "api_keys")

    async def prepare(self) -> None:
        """Ensure the indexes; a key's hash comes before its workspace is known."""
        await self._records.index("key_hash", unique=True)
        await self._records.index("workspace_id", "-created_at")

    async def add(self, key: ApiKey, key_hash: str) -> ApiKey | None:
        """Store a new key, or return it as stored before; None if the hash is another key's."""
        record = {
            "_id": Records.key(key.workspace_id, key.id),
            "key_hash": key_hash,
            **key.model_dump(),
        }
        try:
            await self._records.insert(record)
        except Duplicate:
            return await self.find(key.workspace_id, key.id)
        return key

    async def find(self, workspace_id: str, key_id: str) -> ApiKey | None:
        """The key, if the workspace has it."""
        held = await self._records.get(workspace_id, key_id)
        return None if held is None else ApiKey.model_validate(held)

    async def by_hash(self, key_hash: str) -> ApiKey | None:
        """The key with this hash."""
        held = await self._records.find_one({"key_hash": key_hash})
        return None if held is None else ApiKey.model_validate(held)

    async def all(self, workspace_id: str) -> list[ApiKey]:
        """The workspace's keys, newest first."""
        held = await self._records.find(
            {"workspace_id": workspace_id}, order=[("created_at", -1), ("id", -1)]
        )
        return [ApiKey.model_validate(record) for record in held]

    async def revoke(self, key: ApiKey, at: datetime, command_id: str) -> Revoked:
        """The key as revoked, by this command or by an earlier one."""
        while True:
            record = await self._records.get(key.workspace_id, key.id)
            if record is None:
                raise LookupError(key.id)
            if record["revoked_at"] is not None:
                return Revoked(ApiKey.model_validate(record), record["revoked_by"])
            version = record["version"]
            record = record | {"revoked_at": at, "revoked_by": command_id, "version": version + 1}
            try:
                await self._records.replace(record, version=version)
            except Conflict:
                continue
            return Revoked(ApiKey.model_validate(record), command_id)
