"""The registry's folders, one for each path of a workspace."""

import asyncio
from collections.abc import Collection
from typing import Any

from contracts.entries import Folder
from shared.store.client import Database
from shared.store.faults import Duplicate
from shared.store.records import Records


class FolderStore:
    """Folders; the root, which always exists, is not among them."""

    def __init__(self, database: Database) -> None:
        self._records = Records(database, "folders")

    async def prepare(self) -> None:
        """Ensure the indexes."""
        await self._records.index("workspace_id", "entry_id", unique=True)
        await self._records.index("workspace_id", "id")

    async def add(self, folder: Folder) -> Folder:
        """Store a new folder, or return what holds its path already."""
        record = {"_id": Records.key(folder.workspace_id, folder.path), **folder.model_dump()}
        try:
            await self._records.insert(record)
        except Duplicate:
            held = await self._records.get(folder.workspace_id, folder.path)
            if held is None:
                raise  # its number is another's, which is a defect: folders stay
            return Folder.model_validate(held)
        return folder

    async def at(self, workspace_id: str, paths: Collection[str]) -> dict[str, Folder]:
        """The folders at these paths, by path."""
        held = await asyncio.gather(*(self._records.get(workspace_id, path) for path in paths))
        found = (Folder.model_validate(record) for record in held if record is not None)
        return {folder.path: folder for folder in found}

    async def find(
        self, workspace_id: str, entry_ids: Collection[int], ids: Collection[str]
    ) -> list[Folder]:
        """The folders with one of these numbers or ids."""
        wanted: list[tuple[str, list[Any]]] = [("entry_id", [*entry_ids]), ("id", [*ids])]
        held = await asyncio.gather(
            *(
                self._records.find({"workspace_id": workspace_id, field: {"$in": values}})
                for field, values in wanted
                if values
            )
        )
        return [Folder.model_validate(record) for records in held for record in records]
