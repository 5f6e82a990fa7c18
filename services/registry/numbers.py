"""Entry numbers: one series for the documents and folders of a workspace."""

from contracts.entries import ROOT_ENTRY_ID
from shared.store.client import Database
from shared.store.counters import Counters


class EntryNumbers:
    """The next entry numbers of a workspace; the root folder has the first."""

    def __init__(self, database: Database) -> None:
        self._counters = Counters(database)

    async def take(self, workspace_id: str, count: int = 1) -> range:
        """The next `count` numbers, the caller's alone; those that are not used leave gaps."""
        start = ROOT_ENTRY_ID + 1
        first = await self._counters.take(workspace_id, "entries", count, start=start)
        return range(first, first + count)
