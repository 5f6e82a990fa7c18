"""What the link service does with link types."""

from contracts.errors import ErrorCode
from contracts.link_types import (
    LinkTypeDefine,
    LinkTypeDefined,
    LinkTypeList,
    LinkTypeListResult,
    LinkTypeResult,
)
from services.links.type_store import MAX_LINK_TYPES, LinkTypes
from shared.errors import Refusal
from shared.ids import now
from shared.outcome import Outcome, announce


async def define(command: LinkTypeDefine, types: LinkTypes) -> Outcome:
    """Make one more kind of relation, under the next number."""
    time = now()
    link_type = await types.define(command, time)
    if link_type is None:
        raise Refusal(
            ErrorCode.LIMIT_REACHED, f"A workspace has at most {MAX_LINK_TYPES} link types"
        )
    event = announce(
        command.command_id,
        LinkTypeDefined(**link_type.model_dump()),
        subject=str(link_type.link_type_id),
        workspace_id=link_type.workspace_id,
        time=link_type.created_at or time,
    )
    return Outcome(LinkTypeResult(link_type=link_type), [event])


async def list_all(query: LinkTypeList, types: LinkTypes) -> Outcome:
    """All link types of a workspace, by number."""
    return Outcome(LinkTypeListResult(link_types=await types.all(query.workspace_id)))
