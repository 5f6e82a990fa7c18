"""A workspace of a test's own, with a key and an HTTP client."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from ulid import ULID

from services.ingress.caller import key_hash
from shared.ids import new_id
from tests.support.bus import Outsider, command
from tests.support.leaks import new_key

SCOPES = (
    "read:documents",
    "write:documents",
    "admin:documents",
    "read:entities",
    "write:entities",
    "read:webhooks",
    "write:webhooks",
)
PDF = {"name": "Acme-NDA-2026.pdf", "mime_type": "application/pdf"}


@dataclass(frozen=True)
class Workspace:
    """A tenant nobody else uses."""

    id: str
    key: str
    key_id: str
    http: httpx.AsyncClient
    """Sends the key with every request."""

    def command(self, **payload: Any) -> dict[str, Any]:
        """A command of this workspace, for the queue."""
        return command(self.id, **payload)

    def path(self, rest: str) -> str:
        """A storage path of this workspace."""
        return f"workspaces/{self.id}/{rest}"

    async def document(self, **fields: Any) -> str:
        """The id of a newly registered document."""
        path = self.path(f"documents/{ULID()}.pdf")
        answer = await self.http.post("/v1/documents", json={**PDF, "storage_path": path, **fields})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["data"]["id"])

    async def entity(self, entity_type: str = "contact", entity_id: str | None = None) -> str:
        """The id of a newly recorded entity."""
        entity_id = entity_id or f"{entity_type}_{ULID()}"
        answer = await self.http.put(f"/v1/entities/{entity_type}/{entity_id}", json={})
        assert answer.status_code in (200, 201), answer.text
        return entity_id

    async def link(
        self, document_id: str, entity_id: str, entity_type: str = "contact", **fields: Any
    ) -> httpx.Response:
        """The answer to a request for a link."""
        body = {"entity_type": entity_type, "entity_id": entity_id, **fields}
        return await self.http.post(f"/v1/documents/{document_id}/link", json=body)

    async def listed(self, entity_id: str, path: str = "contacts", **params: Any) -> dict[str, Any]:
        """A page of an entity's documents."""
        answer = await self.http.get(f"/v1/{path}/{entity_id}/documents", params=params)
        assert answer.status_code == 200, answer.text
        page: dict[str, Any] = answer.json()
        return page


async def make_key(
    outsider: Outsider, workspace_id: str, scopes: Sequence[str] = SCOPES, **fields: Any
) -> tuple[str, str]:
    """A new API key of a workspace, and its id."""
    key = new_key()
    wish = {
        "name": "test",
        "owner": "usr_01HW0",
        "scopes": list(scopes),
        "key_hash": key_hash(key),
        "rate_limit": "1000000/minute",
    }
    reply = await outsider.ask("api_key.create", command(workspace_id, **(wish | fields)))
    assert "result" in reply, reply
    return key, str(reply["result"]["api_key"]["id"])


@asynccontextmanager
async def new_workspace(
    outsider: Outsider, url: str, workspace_id: str | None = None
) -> AsyncIterator[Workspace]:
    """A workspace for as long as the block lasts, new unless its id is given."""
    workspace_id = workspace_id or new_id("ws")
    key, key_id = await make_key(outsider, workspace_id)
    async with http_client(url, key) as http:
        yield Workspace(workspace_id, key, key_id, http)


def http_client(url: str, key: str | None = None, **headers: str) -> httpx.AsyncClient:
    """A client of the ingress, with a key or without."""
    if key is not None:
        headers["Authorization"] = f"Bearer {key}"
    limits = httpx.Limits(max_connections=100)
    return httpx.AsyncClient(
        base_url=url, headers=headers, timeout=30, limits=limits, trust_env=False
    )
