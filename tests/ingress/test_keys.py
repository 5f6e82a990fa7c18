"""Who may call: 401 without a good key, before anything else; 403 with a key for other things."""

from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from contracts.topology import EVENTS
from deploy.local.stack import Stack
from services.ingress.caller import key_hash
from shared.ids import now
from tests.ingress.answers import refused
from tests.ingress.clients import LONG_AGO, Clients
from tests.ingress.endpoints import CREATE, ENDPOINTS, GET, Endpoint, Things
from tests.support.bus import Outsider, command
from tests.support.ingress import one_more_ingress
from tests.support.waiting import until
from tests.support.workspace import SCOPES, Workspace

endpoints = pytest.mark.parametrize("endpoint", ENDPOINTS.values(), ids=ENDPOINTS)

BAD_AUTHORIZATION = {
    "empty": "",
    "scheme alone": "Bearer",
    "not a key": "Bearer nonsense",
    "prefix alone": "Bearer wbk_",
    "unknown": "Bearer wbk_" + "a" * 43,
    "too long": "Bearer wbk_" + "a" * 10_000,
    "injection": 'Bearer wbk_{"$ne": null}',
    "no scheme": "{key}",
    "no space": "Bearer{key}",
    "basic": "Basic {key}",
    "another API's scheme": "API-Key {key}",
    "token": "Token {key}",
    "one character less": "Bearer {shorter}",
    "one character more": "Bearer {key}x",
    "two keys": "Bearer {key} {key}",
    "other case": "Bearer {upper}",
    "quoted": 'Bearer "{key}"',
    "its hash": "Bearer {hash}",
    "its id": "Bearer {id}",
}


def unauthorized(answer: httpx.Response) -> None:
    refused(answer, 401, "invalid_key")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert not [name for name in answer.headers if name.startswith("x-ratelimit")]


@endpoints
async def test_without_a_key_nothing_is_answered(endpoint: Endpoint, clients: Clients) -> None:
    unauthorized(await endpoint.call(await clients.bare()))


@pytest.mark.parametrize("text", BAD_AUTHORIZATION.values(), ids=BAD_AUTHORIZATION)
async def test_what_is_not_a_good_key(text: str, workspace: Workspace, clients: Clients) -> None:
    key = workspace.key
    parts = {"key": key, "shorter": key[:-1], "upper": key.upper()}
    parts |= {"hash": key_hash(key), "id": workspace.key_id}
    for name, part in parts.items():
        text = text.replace(f"{{{name}}}", part)
    unauthorized(await GET.call(await clients.bare(), Authorization=text))


async def test_a_key_of_other_bytes_than_ascii(clients: Clients) -> None:
    http = await clients.bare()
    header = {b"Authorization": "Bearer wbk_schlüssel".encode()}
    unauthorized(await http.get("/v1/documents/doc_01HY1", headers=header))


async def test_a_key_is_taken_from_the_header_alone(workspace: Workspace, clients: Clients) -> None:
    http = await clients.bare(**{"X-API-Key": workspace.key})
    cookie = {"Cookie": f"Authorization=Bearer {workspace.key}"}
    path = f"/v1/documents/doc_01HY1?api_key={workspace.key}&access_token={workspace.key}"
    unauthorized(await http.get(path, headers=cookie))


async def test_the_scheme_is_written_in_any_case(workspace: Workspace, clients: Clients) -> None:
    http = await clients.bare()
    document = await workspace.document()
    answer = await http.get(
        f"/v1/documents/{document}", headers={"Authorization": f"bEARER {workspace.key}"}
    )
    assert answer.status_code == 200


async def test_401_comes_before_anything_is_read(clients: Clients) -> None:
    http = await clients.bare()
    unauthorized(await http.post("/v1/documents", content=b"{"))
    unauthorized(await http.post("/v1/documents", content=b"x" * 2_000_000))
    unauthorized(await http.post("/v1/documents", json={**(CREATE.body or {}), "name": 1}))
    unauthorized(await http.get("/v1/contacts/x/documents?page=0"))
    unauthorized(await http.get("/v1/contacts/x/documents?role=%ff"))
    unauthorized(await http.get("/v1/no/such/path"))
    unauthorized(await http.patch("/v1/documents"))


@endpoints
async def test_a_revoked_key(
    endpoint: Endpoint, workspace: Workspace, clients: Clients, outsider: Outsider
) -> None:
    http, key_id = await clients.with_key()
    reply = await outsider.ask("api_key.revoke", workspace.command(key_id=key_id))
    assert reply["result"]["api_key"]["revoked_at"]
    unauthorized(await endpoint.call(http))


async def test_a_key_revoked_while_in_use(
    workspace: Workspace, clients: Clients, outsider: Outsider
) -> None:
    http, key_id = await clients.with_key()
    document = await workspace.document()
    assert (await http.get(f"/v1/documents/{document}")).status_code == 200
    await outsider.ask("api_key.revoke", workspace.command(key_id=key_id))
    unauthorized(
        await until(
            lambda: http.get(f"/v1/documents/{document}"),
            lambda answer: answer.status_code != 200,
        )
    )
    assert (await workspace.http.get(f"/v1/documents/{document}")).status_code == 200


async def test_a_key_revoked_before_this_ingress_was_started(
    workspace: Workspace, clients: Clients, outsider: Outsider, stack: Stack, tmp_path: Path
) -> None:
    http, key_id = await clients.with_key()
    await outsider.ask("api_key.revoke", workspace.command(key_id=key_id))
    async with one_more_ingress(stack, tmp_path) as (_, url):
        answer = await http.get(f"{url}/v1/documents/doc_01HY1")
    unauthorized(answer)


async def test_notices_of_revocation_that_make_no_sense_harm_nobody(
    workspace: Workspace, clients: Clients, outsider: Outsider
) -> None:
    for body in (b"", b"[]", b"null", b"{}", b'{"data": null}', b'{"data": {}}', b"\xff"):
        await outsider.publish("api_key.revoked", body, exchange=EVENTS)
    await test_a_key_revoked_while_in_use(workspace, clients, outsider)


@endpoints
async def test_an_expired_key(endpoint: Endpoint, clients: Clients) -> None:
    http, _ = await clients.with_key(expires_at=LONG_AGO)
    unauthorized(await endpoint.call(http))


async def test_a_key_that_expires_while_in_use(workspace: Workspace, clients: Clients) -> None:
    end = now() + timedelta(seconds=1)
    http, _ = await clients.with_key(expires_at=end.isoformat())
    document = await workspace.document()

    async def read() -> httpx.Response:
        return await http.get(f"/v1/documents/{document}")

    unauthorized(await until(read, lambda answer: answer.status_code != 200))
    assert now() >= end


@endpoints
async def test_a_key_for_everything_else_is_refused(endpoint: Endpoint, clients: Clients) -> None:
    http, _ = await clients.with_key([scope for scope in SCOPES if scope != endpoint.scope])
    error = refused(await endpoint.call(http), 403, "insufficient_permissions")
    assert endpoint.scope in error["message"]


@endpoints
@pytest.mark.parametrize("spelling", ["{0}:{1}", "{1}:{0}"])
async def test_a_key_for_just_this_is_let_through(
    endpoint: Endpoint, spelling: str, workspace: Workspace, clients: Clients
) -> None:
    http, _ = await clients.with_key([spelling.format(*endpoint.scope.split(":"))])
    answer = await endpoint.call(http, await Things.of(workspace))
    assert answer.status_code == endpoint.status, answer.text


async def test_403_comes_before_the_body_is_judged(clients: Clients) -> None:
    http, _ = await clients.with_key(["read:documents"])
    refused(await http.post("/v1/documents", json={"x": 1}), 403, "insufficient_permissions")


async def test_a_key_made_for_another_workspace_does_not_open_this_one(
    outsider: Outsider, workspace: Workspace, other_workspace: Workspace
) -> None:
    document = await workspace.document()
    theirs = await other_workspace.http.get(f"/v1/documents/{document}")
    refused(theirs, 404, "not_found")
    stolen = command(other_workspace.id, key_id=workspace.key_id)
    reply = await outsider.ask("api_key.revoke", stolen)
    assert reply["refusal"]["code"] == "not_found"
    assert (await workspace.http.get(f"/v1/documents/{document}")).status_code == 200
