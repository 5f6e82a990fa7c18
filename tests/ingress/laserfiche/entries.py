"""Entries of a test's own."""

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx
from ulid import ULID

from tests.support.workspace import PDF, Workspace

TYPE = {"linkTypeId": 1}


def entries_of(workspace: Workspace) -> str:
    """The path of the workspace's entries."""
    return f"/repository/v1/Repositories/{workspace.id}/Entries"


async def entry(workspace: Workspace, **fields: Any) -> int:
    """The number of a newly registered document."""
    path = workspace.path(f"documents/{ULID()}.pdf")
    answer = await workspace.http.post(
        "/v1/documents", json={**PDF, "storage_path": path, **fields}
    )
    assert answer.status_code == 201, answer.text
    return int(answer.json()["data"]["entry_id"])


async def entries(workspace: Workspace, count: int) -> list[int]:
    """The numbers of newly registered documents, in order."""
    made: list[int] = []
    for chunk in range(0, count, 50):
        wanted = min(50, count - chunk)
        made += await asyncio.gather(*(entry(workspace) for _ in range(wanted)))
    return sorted(made)


async def numbered(workspace: Workspace, names: Mapping[int, str]) -> None:
    """Documents with these numbers and names, and others below, in a workspace that has none."""
    last = max(names)
    for number in range(2, last + 1):
        made = await entry(workspace, name=names.get(number, f"{number}.pdf"))
        assert made == number


async def put(workspace: Workspace, source: int, body: Any) -> httpx.Response:
    """The answer to a request for a set of links."""
    return await workspace.http.put(f"{entries_of(workspace)}/{source}/links", json=body)


async def linked(workspace: Workspace, source: int, *targets: int, **fields: Any) -> list[Any]:
    """The links of an entry that has got links to these targets, and no others."""
    body = [{"targetId": target, **TYPE, **fields} for target in targets]
    answer = await put(workspace, source, body)
    assert answer.status_code == 200, answer.text
    value: list[Any] = answer.json()["value"]
    return value
