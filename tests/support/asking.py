"""Questions for the requester: one that is answered, and one that is not."""

from typing import ClassVar

from ulid import ULID

from contracts.entities import EntityGet, EntityUpsert
from shared.ids import new_id

NEVER = 3600.0
"""A deadline that is not met by waiting for it."""


class Question(EntityGet):
    """A query that no service of ours answers."""

    type: ClassVar[str] = f"tests.{ULID()}"


def question() -> Question:
    """A new one."""
    return Question(
        command_id=new_id("cmd"), workspace_id="ws_1", entity_type="deal", entity_id="deal_1"
    )


def upsert(workspace_id: str, entity_id: str = "deal_1") -> EntityUpsert:
    """A command that CRM-sync answers."""
    return EntityUpsert(
        command_id=new_id("cmd"),
        workspace_id=workspace_id,
        entity_type="deal",
        entity_id=entity_id,
    )
