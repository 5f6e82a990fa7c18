"""`Idempotency-Key`: the same request again gets the same answer, and is done once."""

import asyncio
import json

import httpx
import pytest
from ulid import ULID

from tests.ingress.answers import refused
from tests.ingress.clients import Clients
from tests.ingress.endpoints import (
    CREATE,
    DELETE,
    LINK,
    PURGE,
    PUT,
    REMOVE,
    UNLINK,
    UPDATE,
    Endpoint,
    Things,
)
from tests.support.bus import Outsider
from tests.support.workspace import Workspace

WRITES = {
    "create": CREATE,
    "update": UPDATE,
    "remove": REMOVE,
    "purge": PURGE,
    "link": LINK,
    "unlink": UNLINK,
    "put": PUT,
    "delete": DELETE,
}
writes = pytest.mark.parametrize("endpoint", WRITES.values(), ids=WRITES)
EVENTS = {
    "POST /v1/documents": "document.registered",
    "PATCH /v1/documents/{document}": "document.updated",
    "DELETE /v1/documents/{document}": "document.deleted",
    "DELETE /v1/documents/{document}?hard=true": "document.deleted",
    "POST /v1/documents/{document}/link": "link.created",
    "DELETE /v1/documents/{document}/link/{link}": "link.deleted",
    "PUT /v1/entities/contact/{contact}": "entity.upserted",
    "DELETE /v1/entities/contact/{contact}": "entity.deleted",
}


def told(answer: httpx.Response) -> tuple[int, bytes]:
    """What a caller sees of an answer, but for headers."""
    return answer.status_code, answer.content


@writes
async def test_the_same_request_gets_the_same_answer(
    endpoint: Endpoint, workspace: Workspace, outsider: Outsider
) -> None:
    things = await Things.of(workspace)
    async with outsider.tap() as tap:
        first = await endpoint.call(workspace.http, things, Idempotency_Key="k")
        assert first.status_code == endpoint.status
        for _ in range(3):
            again = await endpoint.call(workspace.http, things, Idempotency_Key="k")
            assert told(again) == told(first)
        last = await workspace.document()
        await tap.one(type="document.registered", subject=last)
    type_ = EVENTS[f"{endpoint.method} {endpoint.path}"]
    heard = tap.all(type=type_, workspaceid=workspace.id)
    assert len([event for event in heard if event["subject"] != last]) == 1


@writes
async def test_twenty_at_once_get_one_answer(
    endpoint: Endpoint, workspace: Workspace, outsider: Outsider
) -> None:
    things = await Things.of(workspace)
    async with outsider.tap() as tap:
        answers = await asyncio.gather(
            *(endpoint.call(workspace.http, things, Idempotency_Key="k") for _ in range(20))
        )
        last = await workspace.document()
        await tap.one(type="document.registered", subject=last)
    assert {told(answer) for answer in answers} == {(endpoint.status, answers[0].content)}
    type_ = EVENTS[f"{endpoint.method} {endpoint.path}"]
    heard = tap.all(type=type_, workspaceid=workspace.id)
    # Commands that ran at the same time announce what they did under the same id.
    assert len({event["id"] for event in heard if event["subject"] != last}) == 1


async def test_a_new_entity_stays_new_in_the_replay(workspace: Workspace) -> None:
    new = Things("", f"contact_{ULID()}")
    first = await PUT.call(workspace.http, new, Idempotency_Key="k")
    assert first.status_code == 201
    assert told(await PUT.call(workspace.http, new, Idempotency_Key="k")) == told(first)
    assert (await PUT.call(workspace.http, new)).status_code == 200


@pytest.mark.parametrize("endpoint", [CREATE, UPDATE, LINK, PUT])
async def test_another_body_is_refused_and_not_done(
    endpoint: Endpoint, workspace: Workspace
) -> None:
    things = await Things.of(workspace)
    first = await endpoint.call(workspace.http, things, Idempotency_Key="k")
    changed = {"role": "draft"} if endpoint is LINK else {"name": "Another"}
    answer = await workspace.http.request(
        endpoint.method,
        endpoint.url(things),
        json=endpoint.json(things, **changed),
        headers={"Idempotency-Key": "k"},
    )
    refused(answer, 409, "idempotency_conflict")
    again = await endpoint.call(workspace.http, things, Idempotency_Key="k")
    assert told(again) == told(first)


async def test_of_many_bodies_at_once_one_is_done(workspace: Workspace) -> None:
    bodies = [CREATE.json(storage_path=workspace.path(str(number))) for number in range(10)]
    headers = {"Idempotency-Key": "k"}
    answers = await asyncio.gather(
        *(workspace.http.post("/v1/documents", json=body, headers=headers) for body in bodies)
    )
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [201] + [409] * 9


async def test_the_same_body_in_another_writing(workspace: Workspace) -> None:
    body = CREATE.json(storage_path=workspace.path("a.pdf"), folder="/clients/acme", tags=["nda"])
    first = await workspace.http.post("/v1/documents", json=body, headers={"Idempotency-Key": "k"})
    rewritten = dict(reversed(body.items())) | {"folder": "clients//acme/", "description": None}
    again = await workspace.http.post(
        "/v1/documents",
        content=json.dumps(rewritten, indent=4),
        headers={"Idempotency-Key": "k", "Content-Type": "application/json"},
    )
    assert told(again) == told(first)


async def test_a_key_is_of_one_api_key(workspace: Workspace, clients: Clients) -> None:
    colleague, _ = await clients.with_key()
    await check_independence(
        (workspace.http, workspace.path("1.pdf")), (colleague, workspace.path("2.pdf"))
    )


async def test_a_key_is_of_one_workspace(workspace: Workspace, other_workspace: Workspace) -> None:
    await check_independence(
        *((each.http, each.path("a.pdf")) for each in (workspace, other_workspace))
    )


async def check_independence(*callers: tuple[httpx.AsyncClient, str]) -> None:
    """The same key with other bodies from two callers makes two documents."""
    ids = set()
    for http, path in callers:
        body = CREATE.json(storage_path=path)
        answer = await http.post("/v1/documents", json=body, headers={"Idempotency-Key": "k"})
        assert answer.status_code == 201, answer.text
        ids.add(answer.json()["data"]["id"])
    assert len(ids) == 2


async def test_a_key_is_of_one_path(workspace: Workspace) -> None:
    contact = await workspace.entity()
    things = [Things(await workspace.document(), contact) for _ in range(2)]
    links = [await LINK.call(workspace.http, each, Idempotency_Key="k") for each in things]
    assert [link.status_code for link in links] == [201, 201]
    documents = [link.json()["data"]["document_id"] for link in links]
    assert documents == [each.document for each in things]


async def test_a_key_is_of_one_method(workspace: Workspace) -> None:
    things = Things("", f"contact_{ULID()}")
    put = await PUT.call(workspace.http, things, Idempotency_Key="k")
    gone = await DELETE.call(workspace.http, things, Idempotency_Key="k")
    assert (put.status_code, gone.status_code) == (201, 204)


async def test_another_key_is_another_request(workspace: Workspace) -> None:
    things = await Things.of(workspace)
    first = await LINK.call(workspace.http, things, Idempotency_Key="k")
    second = await LINK.call(workspace.http, things, Idempotency_Key="K")
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()


async def test_a_refusal_is_replayed(workspace: Workspace) -> None:
    things = Things(await workspace.document(), f"contact_{ULID()}")
    first = await LINK.call(workspace.http, things, Idempotency_Key="k")
    refused(first, 404, "not_found")
    await workspace.entity("contact", things.contact)
    assert told(await LINK.call(workspace.http, things, Idempotency_Key="k")) == told(first)
    assert (await LINK.call(workspace.http, things, Idempotency_Key="k2")).status_code == 201


async def test_a_storage_conflict_is_replayed(workspace: Workspace) -> None:
    things = Things("", "", workspace=workspace.id)
    assert (await CREATE.call(workspace.http, things)).status_code == 201
    first = await CREATE.call(workspace.http, things, Idempotency_Key="k")
    refused(first, 409, "storage_conflict", "storage_path")
    assert told(await CREATE.call(workspace.http, things, Idempotency_Key="k")) == told(first)


async def test_a_body_that_is_not_valid_uses_up_no_key(workspace: Workspace) -> None:
    headers = {"Idempotency-Key": "k"}
    things = Things("", "", workspace=workspace.id)
    body = CREATE.json(things, name="")
    bad = await workspace.http.post("/v1/documents", json=body, headers=headers)
    refused(bad, 400, "validation_error", "name")
    assert (await CREATE.call(workspace.http, things, Idempotency_Key="k")).status_code == 201


async def test_a_key_changes_nothing_for_reading(workspace: Workspace) -> None:
    contact = await workspace.entity()
    for total in range(2):
        path = f"/v1/contacts/{contact}/documents"
        page = await workspace.http.get(path, headers={"Idempotency-Key": "k"})
        assert page.json()["meta"]["total"] == total
        await workspace.link(await workspace.document(), contact)
