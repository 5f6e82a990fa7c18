"""Operations: what came of commands, kept for those who ask later."""

from datetime import timedelta

from contracts.operations import Operation
from shared.ids import now
from shared.store.records import Records

KEPT = timedelta(hours=24)
MAX_RESULT_BYTES = 4 * 1024 * 1024
"""A longer result is left out: a record has 16 MiB at most."""


class Operations:
    """The outcomes of one service's commands, each for 24 hours."""

    def __init__(self, records: Records) -> None:
        self._records = records

    async def prepare(self) -> None:
        """Ensure the index."""
        await self._records.expire_tombstones()

    async def keep(self, workspace_id: str, operation: Operation) -> None:
        """Store an outcome; of a command that ran again, what it came to in the end.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        text = operation.model_dump_json()
        if len(text) > MAX_RESULT_BYTES:
            text = operation.model_copy(update={"result": None}).model_dump_json()
        await self._records.keep_newest(
            {
                "_id": Records.key(workspace_id, operation.command_id),
                "workspace_id": workspace_id,
                # As text: a result may have members that the database has no type or name for.
                "operation": text,
                "version": int(operation.completed_at.timestamp() * 1000),
                "expires_at": operation.completed_at + KEPT,
            }
        )

    async def get(self, workspace_id: str, command_id: str) -> Operation | None:
        """What came of a command; None while it is not known, and when its time is over."""
        held = await self._records.get(workspace_id, command_id)
        if held is None or held["expires_at"] <= now():
            return None
        return Operation.model_validate_json(held["operation"])
