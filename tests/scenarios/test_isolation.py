"""Two workspaces: neither sees, links, lists, deletes or guesses what is the other's."""

import asyncio
from typing import Any

import httpx
import pytest
from ulid import ULID

from contracts.topology import COMMANDS, QUERIES
from deploy.local.stack import Stack
from shared.ids import new_id
from tests.support.bus import Outsider
from tests.support.records import stored
from tests.support.workspace import PDF, Workspace


async def linked(workspace: Workspace) -> tuple[str, str]:
    """A document and the contact that it is linked to."""
    document, contact = await workspace.document(), await workspace.entity()
    assert (await workspace.link(document, contact)).status_code == 201
    return document, contact


HTTP = [
    ("GET", "/v1/documents/{document}", None),
    ("GET", "/v1/contacts/{contact}/documents", None),
    ("POST", "/v1/documents/{document}/link", {"entity_id": "{own_contact}"}),
    ("POST", "/v1/documents/{own_document}/link", {"entity_id": "{contact}"}),
    ("DELETE", "/v1/entities/contact/{contact}", None),
]


@pytest.mark.parametrize(("method", "path", "body"), HTTP)
async def test_what_is_anothers_looks_as_if_it_were_not_there(
    workspace: Workspace,
    other_workspace: Workspace,
    method: str,
    path: str,
    body: dict[str, str] | None,
) -> None:
    document, contact = await linked(workspace)
    own_document, own_contact = await linked(other_workspace)
    own = {"own_document": own_document, "own_contact": own_contact}

    async def attempt(**ids: str) -> httpx.Response:
        filled = body and {"entity_type": "contact"} | {k: v.format(**ids) for k, v in body.items()}
        return await other_workspace.http.request(method, path.format(**ids), json=filled)

    theirs = await attempt(document=document, contact=contact, **own)
    nobodys = await attempt(document=new_id("doc"), contact=f"contact_{ULID()}", **own)
    assert theirs.status_code == 404
    assert theirs.json() == nobodys.json()
    assert (await workspace.listed(contact))["meta"]["total"] == 1
    assert (await other_workspace.listed(own_contact))["meta"]["total"] == 1


Asked = tuple[str, str, dict[str, str]]
MESSAGES: list[Asked] = [
    (QUERIES, "document.get", {"document_id": "{document}"}),
    (QUERIES, "entity.get", {"entity_type": "contact", "entity_id": "{contact}"}),
    (QUERIES, "entity.documents", {"entity_type": "contact", "entity_id": "{contact}"}),
    (COMMANDS, "entity.delete", {"entity_type": "contact", "entity_id": "{contact}"}),
    (COMMANDS, "api_key.revoke", {"key_id": "{key_id}"}),
    (
        COMMANDS,
        "link.create",
        {"document_id": "{document}", "entity_type": "contact", "entity_id": "{own_contact}"},
    ),
    (
        COMMANDS,
        "link.create",
        {"document_id": "{own_document}", "entity_type": "contact", "entity_id": "{contact}"},
    ),
]


@pytest.mark.parametrize("asked", MESSAGES)
async def test_on_the_queue_it_looks_the_same(
    workspace: Workspace, other_workspace: Workspace, outsider: Outsider, asked: Asked
) -> None:
    exchange, type_, payload = asked
    document, contact = await linked(workspace)
    own_document, own_contact = await linked(other_workspace)
    own = {"own_document": own_document, "own_contact": own_contact}

    async def attempt(**ids: str) -> dict[str, Any]:
        filled = {name: value.format(**ids, **own) for name, value in payload.items()}
        message = other_workspace.command(**filled)
        return await outsider.ask(type_, message, exchange=exchange)

    theirs = await attempt(document=document, contact=contact, key_id=workspace.key_id)
    nobodys = await attempt(
        document=new_id("doc"), contact=f"contact_{ULID()}", key_id=new_id("key")
    )
    assert theirs["refusal"]["code"] == "not_found"
    assert theirs == nobodys
    assert (await workspace.listed(contact))["meta"]["total"] == 1


async def test_a_link_to_anothers_document_that_nobody_waits_for(
    workspace: Workspace, other_workspace: Workspace, outsider: Outsider, stack: Stack
) -> None:
    document, contact = await workspace.document(), await other_workspace.entity()
    command = other_workspace.command(
        document_id=document, entity_type="contact", entity_id=contact
    )
    async with outsider.tap("link.created", "command.refused") as tap:
        await outsider.publish("link.create", command)
        refused = await tap.one(type="command.refused", command_id=command["command_id"])
    assert refused["workspaceid"] == other_workspace.id
    assert refused["data"]["refusal"]["code"] == "not_found"
    assert tap.all(type="link.created", document_id=document) == []
    assert stored(stack, "links", "links", document_id=document) == []


async def test_api_keys_are_listed_for_their_own_workspace(
    workspace: Workspace, other_workspace: Workspace, outsider: Outsider
) -> None:
    for mine in (workspace, other_workspace):
        reply = await outsider.ask("api_key.list", mine.command(), exchange=QUERIES)
        assert [key["id"] for key in reply["result"]["api_keys"]] == [mine.key_id]


async def test_the_same_entity_ids_do_not_collide(
    workspace: Workspace, other_workspace: Workspace, outsider: Outsider
) -> None:
    both = (workspace, other_workspace)
    contact = f"contact_{ULID()}"
    documents = [await each.document(name=each.id) for each in both]
    for each, document in zip(both, documents, strict=True):
        entity = f"/v1/entities/contact/{contact}"
        assert (await each.http.put(entity, json={"name": each.id})).status_code == 201
        assert (await each.link(document, contact, role=each.id)).status_code == 201
    for each, document in zip(both, documents, strict=True):
        page = await each.listed(contact)
        assert page["meta"]["total"] == 1
        (listed,) = page["data"]["documents"]
        assert (listed["id"], listed["name"], listed["role"]) == (document, each.id, each.id)

    async with outsider.tap("link.deleted") as tap:
        await workspace.http.delete(f"/v1/entities/contact/{contact}")
        await tap.one(workspaceid=workspace.id, document_id=documents[0])
    assert (await other_workspace.listed(contact))["meta"]["total"] == 1
    assert tap.all(workspaceid=other_workspace.id) == []


async def test_the_same_command_id_makes_two_independent_records(
    workspace: Workspace, other_workspace: Workspace, outsider: Outsider, stack: Stack
) -> None:
    both = (workspace, other_workspace)
    ids = {type_: new_id("cmd") for type_ in ("document.register", "entity.upsert", "link.create")}

    async def run(mine: Workspace, type_: str, **payload: Any) -> dict[str, Any]:
        reply = await outsider.ask(type_, mine.command(**payload, command_id=ids[type_]))
        assert "result" in reply, reply
        result: dict[str, Any] = reply["result"]
        return result

    async def job(mine: Workspace) -> list[str]:
        registered = await run(mine, "document.register", **PDF, storage_path=mine.path("a"))
        document: str = registered["document"]["id"]
        contact = {"entity_type": "contact", "entity_id": f"of_{mine.id}"}
        await run(mine, "entity.upsert", **contact, name=mine.id)
        made = await run(mine, "link.create", document_id=document, **contact)
        assert made["created"]
        assert made["link"]["workspace_id"] == mine.id
        return [document, made["link"]["id"]]

    async with outsider.tap() as tap:
        first, second = await asyncio.gather(*(job(each) for each in both))
        for each in both:
            for type_ in ("document.registered", "entity.upserted", "link.created"):
                event = await tap.one(type=type_, workspaceid=each.id)
                assert event["source"].startswith(f"/workspaces/{each.id}/")
    assert first == second
    document, link = first
    for each in both:
        read = await each.http.get(f"/v1/documents/{document}")
        assert read.json()["data"]["storage_path"] == each.path("a")
        assert (await each.listed(f"of_{each.id}"))["meta"]["total"] == 1
    owners = {record["workspace_id"] for record in stored(stack, "links", "links", id=link)}
    assert owners == {each.id for each in both}


async def test_the_same_idempotency_key_on_the_queue_is_of_one_workspace(
    workspace: Workspace, other_workspace: Workspace, outsider: Outsider
) -> None:
    for each in (workspace, other_workspace):
        body = each.command(**PDF, storage_path=each.path("a"), idempotency_key="k")
        reply = await outsider.ask("document.register", body)
        assert reply["result"]["document"]["storage_path"] == each.path("a")
