"""Every endpoint, as a request that succeeds for whoever may make it."""

from dataclasses import dataclass
from typing import Any

import httpx

from tests.support.workspace import Workspace

DOCUMENT = {
    "name": "Acme-NDA-2026.pdf",
    "mime_type": "application/pdf",
    "storage_path": "workspaces/ws_123/documents/new-upload.pdf",
}


@dataclass(frozen=True)
class Things:
    """What the paths of endpoints name; it exists in the workspace of the test."""

    document: str
    contact: str

    @classmethod
    async def of(cls, workspace: Workspace) -> "Things":
        """A document and a contact of the workspace."""
        return cls(await workspace.document(), await workspace.entity())


NOTHING = Things("doc_01HY1", "contact_01HY1")
"""For requests that are refused before anything is looked up."""


@dataclass(frozen=True)
class Endpoint:
    """A method and a path, the scope they need, and a body that is valid."""

    method: str
    path: str
    scope: str
    status: int
    body: dict[str, Any] | None = None

    def url(self, things: Things = NOTHING) -> str:
        """The path, with the ids of these things."""
        return self.path.format(document=things.document, contact=things.contact)

    def json(self, things: Things = NOTHING, **fields: Any) -> dict[str, Any]:
        """The body, with these fields changed or added."""
        body = {k: v.format(contact=things.contact) for k, v in (self.body or {}).items()}
        return body | fields

    async def call(
        self, http: httpx.AsyncClient, things: Things = NOTHING, **headers: str
    ) -> httpx.Response:
        """The answer to one call; a header's name is written with `_` for `-`."""
        body = None if self.body is None else self.json(things)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await http.request(self.method, self.url(things), json=body, headers=named)


CREATE = Endpoint("POST", "/v1/documents", "write:documents", 201, DOCUMENT)
GET = Endpoint("GET", "/v1/documents/{document}", "read:documents", 200)
LINK = Endpoint(
    "POST",
    "/v1/documents/{document}/link",
    "write:documents",
    201,
    {"entity_type": "contact", "entity_id": "{contact}", "role": "signed"},
)
LIST = Endpoint("GET", "/v1/contacts/{contact}/documents", "read:documents", 200)
PUT = Endpoint("PUT", "/v1/entities/contact/{contact}", "write:entities", 200, {"name": "Ada"})
DELETE = Endpoint("DELETE", "/v1/entities/contact/{contact}", "write:entities", 204)

ENDPOINTS = {
    "create": CREATE,
    "get": GET,
    "link": LINK,
    "list": LIST,
    "put": PUT,
    "delete": DELETE,
}
SEEDS = {"create": CREATE, "link": LINK, "list": LIST}
"""Those with an error table in LeadLex's reference."""
