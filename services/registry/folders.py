"""Folders: made on demand by the first document in them or below them."""

from datetime import datetime
from itertools import accumulate

from contracts.entries import ROOT_ENTRY_ID, Folder, FolderCreated
from contracts.messages import Command
from services.registry.folder_store import FolderStore
from services.registry.numbers import EntryNumbers
from shared.ids import derive
from shared.outcome import Announcement, announce


def line(path: str | None) -> list[str]:
    """A folder's path and those of all folders above it, from the top; none for the root."""
    return list(accumulate((path or "").split("/")[1:], "{}/{}".format, initial=""))[1:]


class Folders:
    """The tree of folders."""

    def __init__(self, store: FolderStore, numbers: EntryNumbers) -> None:
        self._store = store
        self._numbers = numbers

    async def ensure(
        self,
        workspace_id: str,
        path: str | None,
        *,
        cause_id: str,
        actor: str | None,
        time: datetime,
    ) -> list[Folder]:
        """Return when the folder is there and all above it.

        Returns those that `cause_id` made, in this run or in an earlier one.
        """
        paths = line(path)
        found = await self._store.at(workspace_id, paths)
        missing = len(paths) - len(found)
        numbers = iter(await self._numbers.take(workspace_id, missing) if missing else range(0))
        parent_id = ROOT_ENTRY_ID
        for each in paths:
            if each not in found:
                found[each] = await self._store.add(
                    Folder(
                        id=derive("fld", cause_id, each),
                        entry_id=next(numbers),
                        workspace_id=workspace_id,
                        path=each,
                        parent_id=parent_id,
                        created_by=actor,
                        created_at=time,
                        version=1,
                    )
                )
            parent_id = found[each].entry_id
        return [found[each] for each in paths if found[each].id == derive("fld", cause_id, each)]

    async def announced(
        self, command: Command, path: str | None, time: datetime
    ) -> list[Announcement]:
        """As `ensure`; returns `folder.created` for each folder that the command made."""
        made = await self.ensure(
            command.workspace_id,
            path,
            cause_id=command.command_id,
            actor=command.actor,
            time=time,
        )
        return [
            announce(
                command.command_id,
                FolderCreated(**folder.model_dump()),
                subject=folder.id,
                workspace_id=folder.workspace_id,
                time=folder.created_at,
                parts=(folder.path,),
            )
            for folder in made
        ]
