"""Relations as an outside program asks for them."""

from typing import Any

from contracts.topology import QUERIES
from tests.support.bus import Outsider
from tests.support.workspace import Workspace

Body = dict[str, Any]


def wish(target: str, link_type: int = 1, **properties: str) -> Body:
    """One relation that a source is to have."""
    return {"target_id": target, "link_type_id": link_type, "properties": properties or None}


def put(workspace: Workspace, source: str, *wishes: Body) -> Body:
    """A command that replaces a source's set."""
    return workspace.command(document_id=source, relations=list(wishes))


async def assigned(outsider: Outsider, command: Body) -> list[Body]:
    """The relations that the command is answered with."""
    reply = await outsider.ask("relations.replace", command)
    assert "result" in reply, reply
    relations: list[Body] = reply["result"]["relations"]
    return relations


async def listed(outsider: Outsider, workspace: Workspace, document: str, **page: int) -> Body:
    """The relations from and to a document."""
    query = workspace.command(document_id=document, **page)
    reply = await outsider.ask("document.relations", query, exchange=QUERIES)
    assert "result" in reply, reply
    result: Body = reply["result"]
    return result
