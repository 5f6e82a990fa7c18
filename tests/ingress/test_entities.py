"""The workspace's own directory of entities, and what becomes of their links."""

import asyncio

import pytest

from contracts.entities import WORKSPACE_ENTITY_TYPES
from tests.ingress.answers import accepted, check_headers, is_time, refused
from tests.support.bus import Outsider
from tests.support.waiting import until
from tests.support.workspace import Workspace

PATH = "/v1/entities/contact/ada"


@pytest.mark.parametrize("entity_type", WORKSPACE_ENTITY_TYPES)
async def test_put_makes_then_keeps(workspace: Workspace, entity_type: str) -> None:
    path, body = f"/v1/entities/{entity_type}/ada", {"name": "Ada Lovelace"}
    made = accepted(await workspace.http.put(path, json=body), 201)
    data = dict(made["data"])
    created_at = data.pop("created_at")
    assert is_time(created_at)
    assert data == {
        "provider": "workspace",
        "entity_type": entity_type,
        "entity_id": "ada",
        "name": "Ada Lovelace",
        "parent": None,
        "updated_at": created_at,
    }
    assert accepted(await workspace.http.put(path, json=body), 200) == made


async def test_put_changes_the_name(workspace: Workspace, outsider: Outsider) -> None:
    async with outsider.tap("entity.upserted") as tap:
        made = accepted(await workspace.http.put(PATH, json={"name": "Ada"}), 201)["data"]
        renamed = accepted(await workspace.http.put(PATH, json={"name": "Lady Ada"}), 200)["data"]
        unnamed = accepted(await workspace.http.put(PATH, json={}), 200)["data"]
        await tap.one(workspaceid=workspace.id, version=3)
    assert (renamed["name"], unnamed["name"]) == ("Lady Ada", None)
    assert renamed["created_at"] == unnamed["created_at"] == made["created_at"]
    heard = [event["data"].get("name") for event in tap.all(workspaceid=workspace.id)]
    assert heard == ["Ada", "Lady Ada", None]


async def test_put_tells_what_an_entity_belongs_to(workspace: Workspace) -> None:
    acme = {"entity_type": "company", "entity_id": "acme"}
    made = accepted(await workspace.http.put(PATH, json={"parent": acme}), 201)["data"]
    alone = accepted(await workspace.http.put(PATH, json={}), 200)["data"]
    assert (made["parent"], alone["parent"]) == (acme, None)


@pytest.mark.parametrize(
    ("parent", "field"),
    [
        ({"entity_type": "lead", "entity_id": "x"}, "parent.entity_type"),
        ({"entity_type": "company"}, "parent.entity_id"),
        ("acme", "parent"),
    ],
)
async def test_put_refuses_what_can_be_no_parent(
    workspace: Workspace, parent: object, field: str
) -> None:
    answer = await workspace.http.put(PATH, json={"parent": parent})
    refused(answer, 400, "validation_error", field)


async def test_put_without_a_change_is_not_announced(
    workspace: Workspace, outsider: Outsider
) -> None:
    async with outsider.tap("entity.upserted") as tap:
        for _ in range(3):
            await workspace.http.put(PATH, json={"name": "Ada"})
        await workspace.http.put("/v1/entities/contact/last", json={})
        await tap.one(workspaceid=workspace.id, subject="last")
    assert len(tap.all(workspaceid=workspace.id, subject="ada")) == 1


async def test_delete_answers_204_then_404(workspace: Workspace) -> None:
    await workspace.entity("contact", "ada")
    answer = await workspace.http.delete(PATH)
    assert (answer.status_code, answer.content) == (204, b"")
    check_headers(answer)
    refused(await workspace.http.delete(PATH), 404, "not_found")
    refused(await workspace.http.delete("/v1/entities/contact/nobody"), 404, "not_found")


async def test_deleting_an_entity_removes_its_links_and_no_document(
    workspace: Workspace, outsider: Outsider
) -> None:
    contact, deal = await workspace.entity("contact"), await workspace.entity("deal")
    documents = [await workspace.document() for _ in range(3)]
    links = {}
    for document in documents:
        answer = await workspace.link(document, contact, role="signed")
        links[document] = answer.json()["data"]["link_id"]
        await workspace.link(document, deal, "deal")
    async with outsider.tap("link.deleted", "entity.deleted") as tap:
        assert (await workspace.http.delete(f"/v1/entities/contact/{contact}")).is_success
        await tap.until(
            lambda _: len(tap.all(type="link.deleted", entity_id=contact)) == len(documents)
        )
    gone = {event["subject"]: event for event in tap.all(workspaceid=workspace.id)}
    assert gone.pop(contact)["type"] == "entity.deleted"
    assert gone.keys() == set(links.values())
    for document, link in links.items():
        data = gone[link]["data"]
        assert (data["document_id"], data["reason"]) == (document, "entity_deleted")
        assert data["deleted_at"]
        assert (await workspace.http.get(f"/v1/documents/{document}")).status_code == 200
    assert (await workspace.listed(deal, "deals"))["meta"]["total"] == len(documents)
    path = f"/v1/contacts/{contact}/documents"
    refused(await workspace.http.get(path), 404, "not_found")


async def test_a_deleted_entity_cannot_be_linked(workspace: Workspace) -> None:
    contact, document = await workspace.entity(), await workspace.document()
    assert (await workspace.http.delete(f"/v1/entities/contact/{contact}")).is_success
    answer = await until(
        lambda: workspace.link(document, contact), lambda answer: answer.status_code == 404
    )
    refused(answer, 404, "not_found")


async def test_an_entity_made_again_has_none_of_the_old_links(
    workspace: Workspace, outsider: Outsider
) -> None:
    contact, document = await workspace.entity(), await workspace.document()
    old = (await workspace.link(document, contact, role="signed")).json()["data"]
    async with outsider.tap("link.deleted", "entity.upserted") as tap:
        assert (await workspace.http.delete(f"/v1/entities/contact/{contact}")).is_success
        again = await workspace.http.put(f"/v1/entities/contact/{contact}", json={})
        assert again.status_code == 201
        await tap.one(type="link.deleted", subject=old["link_id"])
    assert (await workspace.listed(contact))["meta"]["total"] == 0
    new = await workspace.link(document, contact, role="draft")
    assert new.status_code == 201
    assert new.json()["data"]["link_id"] != old["link_id"]
    (listed,) = (await workspace.listed(contact))["data"]["documents"]
    assert listed["role"] == "draft"


async def test_of_deleting_at_once_one_succeeds(workspace: Workspace) -> None:
    contact = await workspace.entity()
    path = f"/v1/entities/contact/{contact}"
    answers = await asyncio.gather(*(workspace.http.delete(path) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [204, 404, 404, 404, 404]
