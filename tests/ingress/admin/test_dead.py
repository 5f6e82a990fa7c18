"""The dead queues over HTTP: for operators alone, and never done unless it is said."""

import json
from typing import Any

import httpx
import pytest

from contracts import headers as h
from contracts.topology import command_queue
from deploy.local.stack import Stack
from shared.bus.dead_queue import opened
from shared.ids import new_id
from shared.settings import Settings
from tests.ingress.answers import accepted
from tests.ingress.clients import Clients
from tests.support.bus import Outsider
from tests.support.commands import event_id
from tests.support.parking import park, parked
from tests.support.workspace import Workspace

DEAD = "/admin/v1/dead/crm_sync"
CALLS = {
    "list": ("GET", DEAD),
    "show": ("GET", f"{DEAD}/msg_none"),
    "redrive": ("POST", f"{DEAD}/redrive?dry_run=false"),
    "drop": ("DELETE", f"{DEAD}?dry_run=false"),
}


@pytest.fixture
async def operator(clients: Clients) -> httpx.AsyncClient:
    """A client with an operator's key."""
    http, _ = await clients.with_key(["operations:admin"])
    return http


def upsert(workspace: Workspace) -> dict[str, Any]:
    return workspace.command(entity_type="deal", entity_id=new_id("deal"))


def ids(answer: httpx.Response) -> list[str]:
    return [each["id"] for each in accepted(answer, 200)["data"]]


@pytest.mark.parametrize("call", CALLS)
async def test_a_key_that_is_no_operators_is_refused(
    call: str, workspace: Workspace, outsider: Outsider
) -> None:
    message_id = await park(outsider, "crm_sync", "entity.upsert", b"{")
    answer = await workspace.http.request(*CALLS[call])
    assert answer.status_code == 403
    assert answer.json() == {
        "code": "insufficient_permissions",
        "message": "Missing `admin:operations` permission",
    }
    answer = await workspace.http.request(*CALLS[call], headers={"Authorization": "Bearer no"})
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_key")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert (await outsider.parked("crm_sync", message_id)).body == b"{"


async def test_an_operators_key_reaches_nothing_of_a_workspace(
    operator: httpx.AsyncClient, workspace: Workspace
) -> None:
    document = await workspace.document()
    assert (await operator.get(f"/v1/documents/{document}")).status_code == 403


async def test_what_is_parked_is_listed_and_shown_and_stays(
    operator: httpx.AsyncClient, outsider: Outsider
) -> None:
    word = new_id("word")
    first, second = [
        await park(outsider, "crm_sync", "entity.upsert", body, **{h.ERROR: f"{word} {body!r}"})
        for body in (b"{", b"\xff")
    ]
    for _ in range(2):
        assert ids(await operator.get(DEAD, params={"error": word.lower()})) == [first, second]
    assert ids(await operator.get(DEAD, params={"error": f"{word} b'{{'"})) == [first]
    assert ids(await operator.get(DEAD, params={"error": word, "until": "2020-01-01"})) == []
    assert len(ids(await operator.get(DEAD, params={"limit": 1}))) == 1
    shown = accepted(await operator.get(f"{DEAD}/{first}"), 200)
    assert (shown["body"], shown["headers"][h.QUEUE]) == ("{", command_queue("crm_sync"))
    known = {name: shown["facts"][name] for name in ("id", "type", "attempts", "size_bytes")}
    assert known == {"id": first, "type": "entity.upsert", "attempts": 6, "size_bytes": 1}
    assert accepted(await operator.get(f"{DEAD}/{second}"), 200)["body_base64"] == "/w=="
    gone = {"error": word, "dry_run": "false"}
    assert ids(await operator.delete(DEAD, params=gone)) == [first, second]
    answer = await operator.get(f"{DEAD}/{first}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_a_message_is_sent_again_only_when_it_is_said(
    operator: httpx.AsyncClient, workspace: Workspace, outsider: Outsider
) -> None:
    command = upsert(workspace)
    message_id = await park(outsider, "crm_sync", "entity.upsert", command)
    lost = await park(outsider, "crm_sync", "", b"{}", **{h.QUEUE: "no.queue.of.ours"})
    wanted = {"id": [message_id, lost]}
    async with outsider.tap("entity.upserted") as tap:
        would = accepted(await operator.post(f"{DEAD}/redrive", params=wanted), 200)
        assert would["dry_run"] is True
        assert len(await parked(outsider, "crm_sync", message_id)) == 1
        for done in ([message_id], []):
            params = {**wanted, "dry_run": "false"}
            answer = accepted(await operator.post(f"{DEAD}/redrive", params=params), 200)
            assert answer["dry_run"] is False
            assert [each["id"] for each in answer["data"]] == done
            assert [each["id"] for each in answer["left"]] == [lost]
        await tap.one(id=event_id(command))
    assert len(tap.all(workspaceid=workspace.id)) == 1
    await outsider.parked("crm_sync", lost)


async def test_a_message_is_dropped_only_when_it_is_said(
    operator: httpx.AsyncClient, workspace: Workspace, outsider: Outsider
) -> None:
    gone, stays = [
        await park(outsider, "crm_sync", "entity.upsert", upsert(workspace)) for _ in range(2)
    ]
    assert ids(await operator.delete(DEAD, params={"id": gone})) == [gone]
    assert len(await parked(outsider, "crm_sync", gone)) == 1
    for done in ([gone], []):
        params = {"id": gone, "dry_run": "false"}
        assert ids(await operator.delete(DEAD, params=params)) == done
    assert await parked(outsider, "crm_sync", gone) == []
    assert json.loads((await outsider.parked("crm_sync", stays)).body)["workspace_id"]


BAD = {
    "service": ("GET", "/admin/v1/dead/nobody", "service"),
    "unknown filter": ("DELETE", f"{DEAD}?reasons=unknown&dry_run=false", "reasons"),
    "limit": ("GET", f"{DEAD}?limit=1001", "limit"),
    "time": ("POST", f"{DEAD}/redrive?since=yesterday", "since"),
    "dry_run": ("DELETE", f"{DEAD}?dry_run=no", "dry_run"),
}


@pytest.mark.parametrize("bad", BAD)
async def test_a_bad_request_names_what_is_wrong(bad: str, operator: httpx.AsyncClient) -> None:
    method, path, field = BAD[bad]
    answer = await operator.request(method, path)
    assert answer.status_code == 400, answer.text
    assert answer.json()["code"] == "validation_error"
    assert answer.json()["fields"].keys() == {field}


async def test_while_another_operator_reads_the_answer_is_to_come_back(
    stack: Stack, clients: Clients
) -> None:
    settings = Settings.model_validate({"amqp_url": stack.infrastructure.urls.amqp})
    http, _ = await clients.with_key(["admin:operations"])
    async with opened(settings, "crm_sync", patience=5):
        answer = await http.get(DEAD)
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert answer.headers["retry-after"]
