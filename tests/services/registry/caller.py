"""A workspace's commands about documents, over the queue, and what follows from them."""

from typing import Any

from contracts.topology import QUERIES
from shared.ids import new_id
from tests.support.bus import Outsider, Tap
from tests.support.workspace import PDF, Workspace


class Caller:
    """Publishes a workspace's commands and hears its events."""

    def __init__(self, workspace: Workspace, outsider: Outsider) -> None:
        self.workspace = workspace
        self._outsider = outsider

    async def ask(self, type_: str, body: dict[str, Any]) -> dict[str, Any]:
        return _document(await self._outsider.ask(type_, body))

    async def registered(self, **fields: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """A command, and the document that it has made."""
        path = self.workspace.path(new_id("file"))
        body = self.workspace.command(**(PDF | {"storage_path": path} | fields))
        return body, await self.ask("document.register", body)

    async def get(self, document_id: str) -> dict[str, Any]:
        body = self.workspace.command(document_id=document_id)
        return _document(await self._outsider.ask("document.get", body, exchange=QUERIES))


def _document(reply: dict[str, Any]) -> dict[str, Any]:
    """The document of a reply as it stands in events, without nulls; or the reply as it is."""
    document = reply.get("result", {}).get("document", reply)
    return {name: value for name, value in document.items() if value is not None}


async def heard(tap: Tap, workspace: Workspace, count: int) -> list[tuple[str, str, Any]]:
    """The events of a workspace when there are so many: type, id and data."""
    events = await tap.until(lambda _: len(tap.all(workspaceid=workspace.id)) >= count)
    return [
        (event["type"], event["id"], event["data"])
        for event in events
        if event["workspaceid"] == workspace.id
    ]
