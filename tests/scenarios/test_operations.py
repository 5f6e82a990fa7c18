"""Commands whose callers do not wait, or not long enough: what came of them is asked for later."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pymongo
import pytest
from ulid import ULID

from contracts import headers as h
from deploy.local.stack import Stack
from shared.ids import new_id, now
from tests.ingress.answers import is_time, refused
from tests.ingress.laserfiche.entries import entries, entries_of
from tests.ingress.pandadoc.crm import DEAL, Crm, linked_objects
from tests.support import commands
from tests.support.bus import Outsider
from tests.support.ingress import one_more_ingress
from tests.support.operations import NO_WAIT, location, location_of, outcome, told
from tests.support.readiness import until_ready
from tests.support.records import stored
from tests.support.waiting import until
from tests.support.workspace import PDF, SCOPES, Workspace, http_client, make_key

KEPT: dict[str, Any] = {h.KEEP_OUTCOME_AFTER: 0}
SERVICES = ("registry", "links", "crm_sync", "webhooks")


async def test_who_does_not_wait_finds_what_came_of_it(workspace: Workspace) -> None:
    body = {**PDF, "storage_path": workspace.path("a.pdf")}
    answer = await workspace.http.post("/v1/documents", json=body, headers=NO_WAIT)
    operation = await outcome(workspace.http, location_of(answer))
    document = operation["result"]["document"]
    assert is_time(operation.pop("completed_at"))
    assert operation == {
        "id": operation["id"],
        "status": "done",
        "command": "document.register",
        "result": {"document": document},
        "error": None,
    }
    read = await workspace.http.get(f"/v1/documents/{document['id']}")
    assert read.json()["data"]["storage_path"] == body["storage_path"]


@pytest.mark.parametrize(
    "prefer", ["Respond-Async", "wait=5, respond-async", 'foo; bar="x",respond-async;x=1']
)
async def test_the_preference_is_understood_however_it_is_written(
    prefer: str, workspace: Workspace
) -> None:
    path = f"/v1/entities/contact/contact_{ULID()}"
    answer = await workspace.http.put(path, json={}, headers={"Prefer": prefer})
    assert (await outcome(workspace.http, location_of(answer)))["result"]["created"]


@pytest.mark.parametrize("prefer", ["", "wait=5", "respond-asynchronously", "x=respond-async", ";"])
async def test_other_preferences_change_nothing_and_nothing_is_kept(
    prefer: str, stack: Stack, workspace: Workspace
) -> None:
    path = f"/v1/entities/contact/contact_{ULID()}"
    answer = await workspace.http.put(path, json={}, headers={"Prefer": prefer})
    assert answer.status_code == 201
    assert {"location", "preference-applied"}.isdisjoint(answer.headers)
    await workspace.link(await workspace.document(), path.rpartition("/")[2])
    for service in ("registry", "links", "crm_sync"):
        assert stored(stack, service, "operations", workspace_id=workspace.id) == []


async def test_a_refusal_is_told_and_announced(workspace: Workspace, outsider: Outsider) -> None:
    body = {**PDF, "storage_path": workspace.path("a.pdf")}
    assert (await workspace.http.post("/v1/documents", json=body)).status_code == 201
    async with outsider.tap("command.refused") as tap:
        answer = await workspace.http.post("/v1/documents", json=body, headers=NO_WAIT)
        operation = await outcome(workspace.http, location_of(answer))
        event = await tap.one(workspaceid=workspace.id)
    assert (operation["status"], operation["result"]) == ("refused", None)
    refusal = event["data"]["refusal"]
    assert operation["error"] == {
        "code": "storage_conflict",
        "message": refusal["message"],
        "details": {"fields": refusal["fields"]},
    }


async def test_callers_of_the_other_dialects_do_not_wait_either(workspace: Workspace) -> None:
    crm, document = Crm(workspace), await workspace.document()
    await crm.connect()
    await crm.put()
    answer = await workspace.http.post(linked_objects(document), json=DEAL, headers=NO_WAIT)
    linked = await outcome(workspace.http, location_of(answer))
    assert [each["id"] for each in await crm.links_of(document)] == [linked["result"]["link"]["id"]]

    source, target = await entries(workspace, 2)
    body = [{"targetId": target, "linkTypeId": 1}]
    path = f"{entries_of(workspace)}/{source}/links"
    answer = await workspace.http.put(path, json=body, headers=NO_WAIT)
    related = await outcome(workspace.http, location_of(answer))
    page = (await workspace.http.get(path)).json()["value"]
    numbers = [each["link"]["link_number"] for each in related["result"]["relations"]]
    assert [each["linkId"] for each in page] == numbers


async def test_a_repeat_with_the_same_key_comes_to_the_same(workspace: Workspace) -> None:
    body = {**PDF, "storage_path": workspace.path("a.pdf")}
    headers = {**NO_WAIT, "Idempotency-Key": "k"}
    answers = [
        await workspace.http.post("/v1/documents", json=each, headers=headers)
        for each in (body, body, body | {"name": "another"})
    ]
    first, again, other = [await outcome(workspace.http, location_of(each)) for each in answers]
    assert first["status"] == again["status"] == "done"
    assert first["result"] == again["result"]
    assert other["error"]["code"] == "idempotency_conflict"
    waited = await workspace.http.post("/v1/documents", json=body, headers={"Idempotency-Key": "k"})
    assert waited.json()["data"]["id"] == first["result"]["document"]["id"]


async def test_who_waited_too_long_finds_it_too_and_it_was_done_once(
    stack: Stack, workspace: Workspace, outsider: Outsider, tmp_path: Path
) -> None:
    document, contact = await workspace.document(), await workspace.entity()
    [links] = stack.named("links")
    async with (
        one_more_ingress(stack, tmp_path, DOCLINK_DEADLINE="1") as (_, url),
        http_client(url, workspace.key) as hasty,
        outsider.tap("link.created") as tap,
    ):
        try:
            links.kill()
            body = {"entity_type": "contact", "entity_id": contact}
            answer = await hasty.post(f"/v1/documents/{document}/link", json=body)
            refused(answer, 503, "unavailable")
            assert answer.headers["retry-after"]
            asked = await hasty.get(f"/v1/contacts/{contact}/documents")
            refused(asked, 503, "unavailable")
            assert "location" not in asked.headers
        finally:
            links.start()
            await until_ready(stack.url)
        operation = await outcome(workspace.http, answer.headers["location"])
        event = await tap.one(workspaceid=workspace.id)
    assert operation["status"] == "done"
    assert operation["result"]["link"]["id"] == event["data"]["id"]
    assert (await workspace.listed(contact))["meta"]["total"] == 1


async def test_a_command_that_comes_again_comes_to_the_same(
    stack: Stack, workspace: Workspace, outsider: Outsider
) -> None:
    body = await commands.document(workspace, outsider)
    where = location(workspace.id, body["command_id"], "registry")
    assert (await told(workspace.http, where))["status"] == "pending"
    await outsider.publish("document.register", body, headers=KEPT)
    first = await outcome(workspace.http, where)

    async def kept() -> int:
        [record] = stored(stack, "registry", "operations", workspace_id=workspace.id)
        return int(record["version"])

    version = await kept()
    await outsider.publish("document.register", body, headers=KEPT)
    await until(kept, lambda later: later > version)
    assert (await told(workspace.http, where))["result"] == first["result"]
    assert len(stored(stack, "registry", "documents", workspace_id=workspace.id)) == 1


async def test_what_is_parked_has_failed_and_says_where_it_lies(
    workspace: Workspace, outsider: Outsider
) -> None:
    body = await commands.document(workspace, outsider) | {"surplus": 1}
    message_id = await outsider.publish("document.register", body, headers=KEPT)
    await outsider.parked("registry", message_id)
    where = location(workspace.id, body["command_id"], "registry")
    operation = await outcome(workspace.http, where)
    assert (operation["status"], operation["command"]) == ("failed", "document.register")
    assert operation["error"]["code"] == "validation_error"
    assert "doclink.registry.dead" in operation["error"]["message"]


async def test_an_outcome_is_told_for_24_hours(
    stack: Stack, workspace: Workspace, outsider: Outsider
) -> None:
    long_ago = ULID.from_datetime(now() - timedelta(hours=25))
    body = await commands.document(workspace, outsider) | {"command_id": f"cmd_{long_ago}"}
    where = location(workspace.id, body["command_id"], "registry")
    refused(await workspace.http.get(where), 404, "not_found")
    await outsider.publish("document.register", body, headers=KEPT)
    await until(lambda: workspace.http.get(where), lambda answer: answer.status_code == 200)
    [kept] = stored(stack, "registry", "operations", workspace_id=workspace.id)
    assert abs(kept["expires_at"] - now() - timedelta(hours=24)) < timedelta(minutes=1)
    with pymongo.MongoClient[dict[str, Any]](stack.infrastructure.urls.mongo) as client:
        over = kept | {"expires_at": now() - timedelta(seconds=1)}
        client["doclink_registry"]["operations"].replace_one({"_id": kept["_id"]}, over)
    refused(await workspace.http.get(where), 404, "not_found")


async def test_nobody_learns_of_another_workspaces_operation(
    workspace: Workspace, other_workspace: Workspace
) -> None:
    body = {**PDF, "storage_path": workspace.path("a.pdf")}
    where = location_of(await workspace.http.post("/v1/documents", json=body, headers=NO_WAIT))
    refused(await other_workspace.http.get(where), 404, "not_found")
    await outcome(workspace.http, where)
    refused(await other_workspace.http.get(where), 404, "not_found")


@pytest.mark.parametrize("service", SERVICES)
async def test_an_id_that_was_altered_is_not_found(service: Any, workspace: Workspace) -> None:
    command_id = new_id("cmd")
    good = location(workspace.id, command_id, service)
    assert (await told(workspace.http, good))["status"] == "pending"
    tomorrow = f"cmd_{ULID.from_datetime(now() + timedelta(days=1))}"
    last = "0" if good[-1] != "0" else "1"
    for bad in (
        *(good[:-1] + last, good + "0", good.upper(), good.replace("op_", "cmd_")),
        *(f"/v1/operations/{command_id}", location(workspace.id, tomorrow, service)),
        location(workspace.id, "cmd_7ZZZZZZZZZZZZZZZZZZZZZZZZZ", service),
    ):
        refused(await workspace.http.get(bad), 404, "not_found")


async def test_any_scope_may_ask_but_for_the_webhooks_whose_secrets_are_told(
    stack: Stack, workspace: Workspace, outsider: Outsider
) -> None:
    wish = {"url": "https://example.com/hook", "events": ["link.created"], "active": False}
    answer = await workspace.http.post("/v1/webhooks", json=wish, headers=NO_WAIT)
    webhook = location_of(answer)
    assert (await outcome(workspace.http, webhook))["result"]["secret"].startswith("whsec_")
    entity = location(workspace.id, new_id("cmd"), "crm_sync")
    for scope in SCOPES:
        key, _ = await make_key(outsider, workspace.id, [scope])
        async with http_client(stack.url, key) as http:
            assert (await told(http, entity))["status"] == "pending"
            allowed = (await http.get(webhook)).status_code
        assert allowed == (200 if scope == "write:webhooks" else 403)
