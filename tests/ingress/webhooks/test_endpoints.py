"""The endpoints of webhooks, with the stack's own service: the public internet alone."""

from typing import Any

import httpx
import pytest

from tests.ingress.answers import refused
from tests.ingress.clients import Clients
from tests.support.webhooks import make, read
from tests.support.workspace import Workspace

URL = "https://hooks.acme.example/doclink"
BODY: dict[str, Any] = {"url": URL, "events": ["link.created"]}


async def create(http: httpx.AsyncClient, **fields: Any) -> httpx.Response:
    return await http.post("/v1/webhooks", json={**BODY, **fields})


async def test_a_new_webhook_is_answered_with_its_secret(workspace: Workspace) -> None:
    answer = await create(workspace.http, description="Our archive")
    assert answer.status_code == 201
    data = answer.json()["data"]
    assert data["id"].startswith("wh_")
    assert data["secret"].startswith("whsec_")
    assert data["created_at"] == data["updated_at"]
    given = {"id", "secret", "created_at", "updated_at"}
    assert {name: value for name, value in data.items() if name not in given} == {
        **BODY,
        "description": "Our archive",
        "active": True,
        "disabled_reason": None,
        "disabled_at": None,
        "failing_since": None,
        "last_error": None,
        "created_by": "usr_01HW0",
    }


async def test_what_is_changed_is_changed_and_the_rest_stays(workspace: Workspace) -> None:
    made = await make(workspace, URL, "link.created", description="Our archive")
    path = f"/v1/webhooks/{made['id']}"
    changes: list[dict[str, Any]] = [
        {"active": False},
        {"events": ["entity.deleted"], "description": None},
        {"url": "https://hooks.acme.example/other"},
        {},
    ]
    expected = {name: value for name, value in made.items() if name != "secret"}
    for change in changes:
        answer = await workspace.http.patch(path, json=change)
        assert answer.status_code == 200, answer.text
        expected |= change
        found = await read(workspace, made)
        assert answer.json()["data"] == found
        assert found == {**expected, "updated_at": found["updated_at"]}


@pytest.mark.parametrize("field", ["url", "events", "active"])
async def test_what_a_webhook_must_have_cannot_be_taken_away(
    workspace: Workspace, field: str
) -> None:
    path = f"/v1/webhooks/{(await make(workspace, URL))['id']}"
    answer = await workspace.http.patch(path, json={field: None})
    refused(answer, 400, "validation_error", field)


async def test_all_webhooks_are_listed_newest_first(workspace: Workspace) -> None:
    made = [await make(workspace, f"{URL}/{number}") for number in range(3)]
    answer = await workspace.http.get("/v1/webhooks")
    listed = answer.json()["data"]["webhooks"]
    assert [each["id"] for each in listed] == [each["id"] for each in reversed(made)]


async def test_a_deleted_webhook_is_not_there_any_more(workspace: Workspace) -> None:
    path = f"/v1/webhooks/{(await make(workspace, URL))['id']}"
    answer = await workspace.http.delete(path)
    assert (answer.status_code, answer.content) == (204, b"")
    await _not_found(workspace, path)
    assert (await workspace.http.get("/v1/webhooks")).json() == {"data": {"webhooks": []}}


async def test_the_webhooks_of_others_are_not_there(
    workspace: Workspace, other_workspace: Workspace
) -> None:
    made = await make(other_workspace, URL)
    await _not_found(workspace, f"/v1/webhooks/{made['id']}")
    assert (await workspace.http.get("/v1/webhooks")).json() == {"data": {"webhooks": []}}
    assert (await read(other_workspace, made))["active"]


async def _not_found(workspace: Workspace, path: str) -> None:
    http = workspace.http
    refused(await http.get(path), 404, "not_found")
    refused(await http.get(f"{path}/deliveries"), 404, "not_found")
    refused(await http.patch(path, json={"active": False}), 404, "not_found")
    refused(await http.delete(path), 404, "not_found")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("url", value) for value in ("", "hooks.acme.example", "ftp://a.example/", 5, None)),
        *(("url", f"https://{'x' * 2048}.example/"), ("url", "https://zürich.example/")),
        *(("events", value) for value in ([], ["*"], "link.created", ["link.created"] * 51)),
        *(("description", "x" * 201), ("active", "yes"), ("secret", "whsec_mine")),
    ],
)
async def test_a_bad_field_is_named(caller: httpx.AsyncClient, field: str, value: Any) -> None:
    answer = await create(caller, **{field: value})
    error = refused(answer, 400, "validation_error")
    assert [name.split(".")[0] for name in error["details"]["fields"]] == [field]


async def test_an_unknown_event_is_named_together_with_those_there_are(
    caller: httpx.AsyncClient,
) -> None:
    answer = await create(caller, events=["link.created", "contact.created"])
    error = refused(answer, 400, "validation_error", "events")
    rule = error["details"]["fields"]["events"]
    assert rule.startswith("Unknown: contact.created. There are: ")
    assert "document.registered" in rule


@pytest.mark.parametrize(
    "url",
    [
        *("http://hooks.acme.example/", "https://user:word@hooks.acme.example/"),
        *(
            "https://127.0.0.1/",
            "https://localhost:8000/",
            "https://2130706433/",
            "https://0x7f.1/",
        ),
        *("https://[::ffff:127.0.0.1]/", "https://[64:ff9b::7f00:1]/", "https://169.254.169.254/"),
    ],
)
async def test_inner_addresses_and_plain_http_are_refused(workspace: Workspace, url: str) -> None:
    refused(await create(workspace.http, url=url), 400, "validation_error", "url")
    path = f"/v1/webhooks/{(await make(workspace, URL))['id']}"
    answer = await workspace.http.patch(path, json={"url": url})
    refused(answer, 400, "validation_error", "url")


async def test_the_same_idempotency_key_makes_one_webhook_and_tells_its_secret_again(
    workspace: Workspace,
) -> None:
    headers = {"Idempotency-Key": "a-webhook"}
    answers = [await workspace.http.post("/v1/webhooks", json=BODY, headers=headers) for _ in "12"]
    assert answers[0].json() == answers[1].json()
    assert len((await workspace.http.get("/v1/webhooks")).json()["data"]["webhooks"]) == 1


async def test_each_endpoint_needs_its_scope(clients: Clients, workspace: Workspace) -> None:
    path = f"/v1/webhooks/{(await make(workspace, URL))['id']}"
    reader, _ = await clients.with_key(["read:webhooks"])
    writer, _ = await clients.with_key(["webhooks:write"])  # as LeadLex's webhook pages spell it
    reading = [("GET", "/v1/webhooks"), ("GET", path), ("GET", f"{path}/deliveries")]
    writing = [("POST", "/v1/webhooks"), ("PATCH", path), ("DELETE", path)]
    for method, each in reading:
        assert (await reader.request(method, each)).status_code == 200
        refused(await writer.request(method, each), 403, "insufficient_permissions")
    for method, each in writing:
        body = None if method == "DELETE" else BODY
        refused(await reader.request(method, each, json=body), 403, "insufficient_permissions")
        assert (await writer.request(method, each, json=body)).is_success
