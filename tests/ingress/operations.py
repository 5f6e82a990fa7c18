"""Every operation of every API, from their OpenAPI documents, as a request that can be sent."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx

from services.ingress import openapi

DOCUMENTS = openapi.documents()
EXAMPLES = {"entity_type": "contact", "service": "links", "entryId": "10", "linkTypeId": "1"}
"""Parts of paths; of the others anything will do."""


@dataclass(frozen=True)
class Operation:
    """A method and a path; `document` has all of its API, `described` what it says of this."""

    document: dict[str, Any]
    method: str
    path: str
    described: dict[str, Any]

    def __str__(self) -> str:
        """How it is called, in tests too."""
        return f"{self.method} {self.path}"

    @property
    def parameters(self) -> list[dict[str, Any]]:
        """Those of path, query and header."""
        found: list[dict[str, Any]] = self.described.get("parameters", [])
        return found

    @property
    def bodies(self) -> dict[str, Any]:
        """The schema of the body by content type; none where no body is sent."""
        content: dict[str, Any] = self.described.get("requestBody", {}).get("content", {})
        return {kind: each["schema"] for kind, each in content.items()}

    @property
    def needs_key(self) -> bool:
        """Whether it can be called by those alone who show a key."""
        return self.described.get("security") != []

    def url(self, workspace_id: str, **parts: str) -> str:
        """The path, with these parts."""
        known = EXAMPLES | {"repoId": workspace_id} | parts
        names = [each["name"] for each in self.parameters if each["in"] == "path"]
        path = self.path
        for name in names:
            path = path.replace(f"{{{name}}}", known.get(name, "example"))
        return path

    async def call(
        self, http: httpx.AsyncClient, workspace_id: str, **options: Any
    ) -> httpx.Response:
        """The answer, to nothing but a path where no more is said."""
        return await http.request(self.method, self.url(workspace_id), **options)


def _operations() -> Iterator[Operation]:
    for document in DOCUMENTS.values():
        for path, methods in document["paths"].items():
            for method, described in methods.items():
                yield Operation(document, method.upper(), path, described)


OPERATIONS = tuple(_operations())
