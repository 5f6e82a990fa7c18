"""Operations as their callers see them."""

from typing import Any

import httpx

from contracts.catalogue import Service
from services.ingress.operation import OperationId
from tests.support.waiting import until

NO_WAIT = {"Prefer": "respond-async"}


def location_of(answer: httpx.Response) -> str:
    """Where to ask, as an answer to `Prefer: respond-async` says it."""
    assert answer.status_code == 202, answer.text
    assert answer.headers["preference-applied"] == "respond-async"
    assert answer.content == b""
    location: str = answer.headers["location"]
    assert location.startswith("/v1/operations/op_")
    return location


def location(workspace_id: str, command_id: str, owner: Service) -> str:
    """Where to ask for a command that was issued on the queue."""
    return f"/v1/operations/{OperationId(workspace_id, command_id, owner)}"


async def told(http: httpx.AsyncClient, location: str) -> dict[str, Any]:
    """How the operation stands."""
    answer = await http.get(location)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body.keys() == {"data"}
    operation: dict[str, Any] = body["data"]
    assert operation["id"] == location.rpartition("/")[2]
    return operation


async def outcome(http: httpx.AsyncClient, location: str) -> dict[str, Any]:
    """The operation, as soon as it is not pending."""
    return await until(lambda: told(http, location), lambda known: known["status"] != "pending")
