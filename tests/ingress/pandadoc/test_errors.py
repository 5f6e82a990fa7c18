"""What is wrong with a request, in PandaDoc's shape."""

import json
from typing import Any

import httpx
import pytest

from contracts.errors import ErrorCode
from services.ingress.dialect import Problem
from services.ingress.pandadoc.errors import render
from tests.ingress.clients import Clients
from tests.ingress.pandadoc.crm import DEAL, linked_objects

PATH = linked_objects("doc_none")
A_STRING = ["Input should be a valid string"]
AN_ID = ["must be 1 to 128 letters, digits or `._:@+~-`, the first a letter or digit"]


def told(answer: httpx.Response, status: int) -> Any:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-request-id"]
    return answer.json()


@pytest.mark.parametrize(
    ("changes", "detail"),
    [
        ({"provider": None}, {"provider": ["is required"]}),
        ({"provider": 5}, {"provider": A_STRING}),
        ({"entity_id": 134}, {"entity_id": A_STRING}),
        ({"entity_id": "1/34"}, {"entity_id": AN_ID}),
        ({"entity_id": ""}, {"entity_id": AN_ID}),
        (
            {"entity_type": "a deal", "provider": "Pipedrive"},
            {
                "provider": ["must be 1 to 64 lower-case letters, digits, `_` or `-`"],
                "entity_type": ["must be 1 to 64 letters, digits, `_` or `-`"],
            },
        ),
        (
            {"provider": "workspace"},
            {"provider": ["Value error, must be a CRM, which workspace is not"]},
        ),
    ],
)
async def test_400_names_each_field_and_its_rule(
    caller: httpx.AsyncClient, changes: dict[str, Any], detail: dict[str, list[str]]
) -> None:
    body = {name: value for name, value in (DEAL | changes).items() if value is not None}
    answer = await caller.post(PATH, json=body)
    assert told(answer, 400) == {"type": "request_error", "detail": detail}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"\xff", b"null"])
async def test_400_for_what_is_no_object_is_no_fields(
    caller: httpx.AsyncClient, body: bytes
) -> None:
    answer = await caller.post(PATH, content=body, headers={"Content-Type": "application/json"})
    assert told(answer, 400)["detail"].keys() == {"non_field_errors"}


async def test_members_that_are_not_known_are_passed_over(caller: httpx.AsyncClient) -> None:
    answer = await caller.post(PATH, json=DEAL | {"id": "x", "children": []})
    assert told(answer, 404)["detail"] == "Not found"


async def test_an_idempotency_key_that_breaks_its_rule_is_named(caller: httpx.AsyncClient) -> None:
    headers = {"Idempotency-Key": "x" * 256}
    answer = await caller.post(PATH, json=DEAL, headers=headers)
    assert told(answer, 400)["detail"].keys() == {"Idempotency-Key"}


@pytest.mark.parametrize(
    "authorization", [None, "", "API-Key", "API-Key wbk_none", "Basic d2I6", "Token wbk_x"]
)
async def test_401_whatever_is_wrong_with_the_key(
    clients: Clients, authorization: str | None
) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    answer = await (await clients.bare(**headers)).get(PATH)
    assert told(answer, 401) == {
        "type": "authentication_error",
        "detail": "Authentication credentials were not provided.",
    }
    assert answer.headers["www-authenticate"] == "API-Key"


@pytest.mark.parametrize("scheme", ["API-Key", "api-key", "Bearer"])
async def test_the_key_comes_by_either_scheme(
    caller: httpx.AsyncClient, clients: Clients, scheme: str
) -> None:
    key = caller.headers["Authorization"].split()[1]
    http = await clients.bare(Authorization=f"{scheme} {key}")
    assert told(await http.get(PATH), 404) == {"type": "request_error", "detail": "Not found"}


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("POST", PATH, "write:documents"),
        ("GET", PATH, "read:documents"),
        ("DELETE", f"{PATH}/dlnk_none", "write:documents"),
        ("GET", "/public/v1/documents/linked-objects", "read:documents"),
    ],
)
async def test_403_tells_what_the_key_lacks(
    clients: Clients, method: str, path: str, scope: str
) -> None:
    http, _ = await clients.with_key(["read:entities", "write:entities"])
    body = DEAL if method == "POST" else None
    assert told(await http.request(method, path, json=body), 403) == {
        "type": "permission_error",
        "detail": "You do not have permission to perform this action.",
        "info_message": f"Missing `{scope}` permission",
    }


@pytest.mark.parametrize("path", ["/public/v1", "/public/v1/documents", PATH + "/", PATH + "%2Fx"])
async def test_404_for_paths_that_there_are_not(caller: httpx.AsyncClient, path: str) -> None:
    assert told(await caller.get(path), 404) == {"type": "request_error", "detail": "Not found"}


async def test_405_tells_the_methods_that_there_are(caller: httpx.AsyncClient) -> None:
    answer = await caller.put(PATH, json=DEAL)
    assert told(answer, 405) == {"type": "request_error", "detail": "Method Not Allowed"}
    assert answer.headers["allow"] == "GET, POST"


async def test_413_for_what_is_too_large(caller: httpx.AsyncClient) -> None:
    body = told(await caller.post(PATH, json=DEAL | {"x": "x" * 2**20}), 413)
    assert body == {"type": "request_error", "detail": "The body must be at most 1048576 bytes"}


@pytest.mark.parametrize("code", ErrorCode)
def test_every_problem_has_a_shape(code: ErrorCode) -> None:
    """Those too that no caller can provoke."""
    answer = render(Problem(code, "What happened"))
    body = json.loads(bytes(answer.body))
    if answer.status_code == 400:
        assert body == {"type": "request_error", "detail": {"non_field_errors": ["What happened"]}}
    else:
        assert body["type"] == "server_error" if answer.status_code >= 500 else body["type"]
        assert isinstance(body["detail"], str)
