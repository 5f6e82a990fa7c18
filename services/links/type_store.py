"""The link service's database: link types, by number."""

import asyncio
from collections.abc import Iterable
from datetime import datetime

from contracts.link_types import LinkType, LinkTypeDefine
from shared.store.client import Database
from shared.store.faults import Duplicate
from shared.store.records import Records

DEFAULTS = {1: ("Message", "Attachment"), 2: ("Supersedes", "Superseded by")}
"""The labels of the types that every workspace has from the beginning (Laserfiche)."""

MAX_LINK_TYPES = 1000
"""How many link types a workspace may have, the default ones among them."""


class LinkTypes:
    """The link types of each workspace, numbered without gaps; they never change and never go."""

    def __init__(self, database: Database) -> None:
        self._records = Records(database, "link_types")

    async def prepare(self) -> None:
        """Ensure the index."""
        await self._records.index("workspace_id")

    async def all(self, workspace_id: str) -> list[LinkType]:
        """All types of a workspace, by number."""
        held = await self._records.find({"workspace_id": workspace_id}, order=[("link_type_id", 1)])
        defined = [LinkType.model_validate(record) for record in held]
        return [*(_default(workspace_id, number) for number in DEFAULTS), *defined]

    async def find(self, workspace_id: str, numbers: Iterable[int]) -> dict[int, LinkType]:
        """The types with these numbers; those that do not exist are left out."""
        wanted = set(numbers)
        held = await asyncio.gather(
            *(self._records.get(workspace_id, str(number)) for number in wanted - set(DEFAULTS))
        )
        types = [_default(workspace_id, number) for number in wanted & set(DEFAULTS)]
        types += [LinkType.model_validate(record) for record in held if record is not None]
        return {each.link_type_id: each for each in types}

    async def define(self, command: LinkTypeDefine, at: datetime) -> LinkType | None:
        """One more type, or the one that the command has defined before; None: there are too many.

        The number is the record's id, so that of two who take the same one is told to try again.
        """
        while True:
            held = await self._records.find({"workspace_id": command.workspace_id})
            for record in held:
                if record["command_id"] == command.command_id:
                    return LinkType.model_validate(record)
            number = len(DEFAULTS) + len(held) + 1
            if number > MAX_LINK_TYPES:
                return None
            link_type = LinkType(
                workspace_id=command.workspace_id,
                link_type_id=number,
                source_label=command.source_label,
                target_label=command.target_label,
                description=command.description,
                created_by=command.actor,
                created_at=at,
                version=1,
            )
            try:
                await self._records.insert(
                    {
                        "_id": Records.key(command.workspace_id, str(number)),
                        "command_id": command.command_id,
                        **link_type.model_dump(),
                    }
                )
            except Duplicate:
                continue
            return link_type


def _default(workspace_id: str, number: int) -> LinkType:
    source_label, target_label = DEFAULTS[number]
    return LinkType(
        workspace_id=workspace_id,
        link_type_id=number,
        source_label=source_label,
        target_label=target_label,
        version=1,
    )
