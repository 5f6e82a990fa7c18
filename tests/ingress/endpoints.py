"""Every endpoint, as a request that succeeds for whoever may make it."""

from dataclasses import asdict, dataclass
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
    """What endpoints name; it exists in the workspace of the test."""

    document: str
    contact: str
    link: str = "dlnk_01HY1"
    workspace: str = "ws_123"

    @classmethod
    async def of(cls, workspace: Workspace) -> "Things":
        """A document with a link, and a contact that it is not linked to."""
        document, other = await workspace.document(), await workspace.entity()
        link = (await workspace.link(document, other)).json()["data"]["link_id"]
        return cls(document, await workspace.entity(), link, workspace.id)


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
        return self.path.format(**asdict(things))

    def json(self, things: Things = NOTHING, **fields: Any) -> dict[str, Any]:
        """The body, with these fields changed or added."""
        body = {name: _filled(value, things) for name, value in (self.body or {}).items()}
        return body | fields

    async def call(
        self, http: httpx.AsyncClient, things: Things = NOTHING, **headers: str
    ) -> httpx.Response:
        """The answer to one call; a header's name is written with `_` for `-`."""
        body = None if self.body is None else self.json(things)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await http.request(self.method, self.url(things), json=body, headers=named)


def _filled(value: Any, things: Things) -> Any:
    return value.format(**asdict(things)) if isinstance(value, str) else value


READ, WRITE = "read:documents", "write:documents"
CREATE = Endpoint(
    "POST",
    "/v1/documents",
    WRITE,
    201,
    DOCUMENT | {"storage_path": "workspaces/{workspace}/documents/new-upload.pdf"},
)
UPLOAD = Endpoint(
    "POST",
    "/v1/documents/upload-url",
    WRITE,
    201,
    {"name": "Acme-NDA-2026.pdf", "mime_type": "application/pdf"},
)
SEARCH = Endpoint("GET", "/v1/documents", READ, 200)
GET = Endpoint("GET", "/v1/documents/{document}", READ, 200)
UPDATE = Endpoint(
    "PATCH", "/v1/documents/{document}", WRITE, 200, {"name": "B.pdf", "tags": ["nda"]}
)
REMOVE = Endpoint("DELETE", "/v1/documents/{document}", WRITE, 204)
PURGE = Endpoint("DELETE", "/v1/documents/{document}?hard=true", "admin:documents", 204)
LINK = Endpoint(
    "POST",
    "/v1/documents/{document}/link",
    WRITE,
    201,
    {"entity_type": "contact", "entity_id": "{contact}", "role": "signed"},
)
UNLINK = Endpoint("DELETE", "/v1/documents/{document}/link/{link}", WRITE, 204)
LINKS = Endpoint("GET", "/v1/documents/{document}/links", READ, 200)
LIST = Endpoint("GET", "/v1/contacts/{contact}/documents", READ, 200)
PUT = Endpoint("PUT", "/v1/entities/contact/{contact}", "write:entities", 200, {"name": "Ada"})
DELETE = Endpoint("DELETE", "/v1/entities/contact/{contact}", "write:entities", 204)
CONNECTIONS = Endpoint("GET", "/v1/connections", "read:entities", 200)
CONNECT = Endpoint("PUT", "/v1/connections/pipedrive", "write:entities", 201)
PUT_CRM = Endpoint(
    "PUT",
    "/v1/connections/pipedrive/entities/deal/134",
    "write:entities",
    201,
    {"name": "Acme renewal"},
)

ENDPOINTS = {
    "create": CREATE,
    "upload": UPLOAD,
    "search": SEARCH,
    "get": GET,
    "update": UPDATE,
    "remove": REMOVE,
    "purge": PURGE,
    "link": LINK,
    "unlink": UNLINK,
    "links": LINKS,
    "list": LIST,
    "put": PUT,
    "delete": DELETE,
    "connections": CONNECTIONS,
    "connect": CONNECT,
    "put_crm": PUT_CRM,
}
SEEDS = {
    "create": CREATE,
    "search": SEARCH,
    "get": GET,
    "remove": REMOVE,
    "purge": PURGE,
    "link": LINK,
    "list": LIST,
}
"""Those with an error table in LeadLex's reference."""
