"""A workspace that works with CRMs, as PandaDoc's callers see it."""

from dataclasses import dataclass
from typing import Any

import httpx

from tests.support.workspace import Workspace

DEAL = {"provider": "pipedrive", "entity_type": "deal", "entity_id": "134"}
"""The entity of PandaDoc's own example."""


@dataclass(frozen=True)
class Crm:
    """Connections, and the entities that their directories hold."""

    workspace: Workspace

    @property
    def http(self) -> httpx.AsyncClient:
        """Sends the workspace's key."""
        return self.workspace.http

    async def connect(self, provider: str = "pipedrive") -> None:
        """Have the workspace work with a CRM."""
        answer = await self.http.put(f"/v1/connections/{provider}")
        assert answer.is_success, answer.text

    async def disconnect(self, provider: str = "pipedrive") -> None:
        """The opposite."""
        answer = await self.http.delete(f"/v1/connections/{provider}")
        assert answer.status_code == 204, answer.text

    async def put(
        self,
        entity_id: str = "134",
        entity_type: str = "deal",
        provider: str = "pipedrive",
        parent: str | None = None,
    ) -> None:
        """Record an entity; its parent is one of the same type."""
        path = f"/v1/connections/{provider}/entities/{entity_type}/{entity_id}"
        below = None if parent is None else {"entity_type": entity_type, "entity_id": parent}
        answer = await self.http.put(path, json={"parent": below})
        assert answer.is_success, answer.text

    async def link(self, document: str, **fields: Any) -> httpx.Response:
        """The answer to a request for a link of the document to the deal, or to another entity."""
        return await self.http.post(linked_objects(document), json=DEAL | fields)

    async def linked(self, document: str, **fields: Any) -> dict[str, Any]:
        """A new link."""
        answer = await self.link(document, **fields)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    async def links_of(self, document: str) -> list[dict[str, Any]]:
        """A document's linked objects."""
        answer = await self.http.get(linked_objects(document))
        assert answer.status_code == 200, answer.text
        body = answer.json()
        assert body.keys() == {"linked_objects"}
        links: list[dict[str, Any]] = body["linked_objects"]
        return links


def linked_objects(document: str) -> str:
    """The path of a document's linked objects."""
    return f"/public/v1/documents/{document}/linked-objects"
