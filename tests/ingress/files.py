"""Uploads and downloads, as a program does them that knows the API alone."""

from typing import Any

import httpx

from tests.ingress.answers import accepted
from tests.support.workspace import PDF, Workspace


async def requested(workspace: Workspace, **fields: Any) -> dict[str, Any]:
    """Where to send a new file."""
    answer = await workspace.http.post("/v1/documents/upload-url", json={**PDF, **fields})
    data: dict[str, Any] = accepted(answer, 201)["data"]
    return data


async def uploaded(workspace: Workspace, content: bytes) -> str:
    """The storage path of a file that has been sent."""
    upload = await requested(workspace, size_bytes=len(content))
    assert (await sent(upload["upload_url"], content)).status_code == 200
    return str(upload["storage_path"])


async def read(workspace: Workspace, document: str, **query: Any) -> dict[str, Any]:
    """A document with its links and its download."""
    answer = await workspace.http.get(f"/v1/documents/{document}", params=query)
    data: dict[str, Any] = accepted(answer, 200)["data"]
    return data


async def sent(url: str, content: Any, **headers: str) -> httpx.Response:
    """The answer to an upload by somebody without a key."""
    async with httpx.AsyncClient(trust_env=False, timeout=30) as http:
        return await http.put(url, content=content, headers=headers)


async def fetched(url: str, **headers: str) -> httpx.Response:
    """The answer to a download by somebody without a key."""
    async with httpx.AsyncClient(trust_env=False, timeout=30) as http:
        return await http.get(url, headers=headers)
