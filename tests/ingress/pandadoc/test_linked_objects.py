"""Linked objects: one for each document and CRM, with what is below the linked entity."""

import asyncio

import pytest

from tests.ingress.answers import accepted, is_id
from tests.ingress.pandadoc.crm import DEAL, Crm, linked_objects
from tests.support.bus import Outsider
from tests.support.waiting import until
from tests.support.workspace import Workspace


async def test_a_document_is_linked_to_several_crms_newest_first(crm: Crm) -> None:
    document = await crm.workspace.document()
    await crm.connect("salesforce-oauth2")
    await crm.put("006", "opportunity", "salesforce-oauth2")
    first = await crm.linked(document)
    second = await crm.linked(
        document, provider="salesforce-oauth2", entity_type="opportunity", entity_id="006"
    )
    assert await crm.links_of(document) == [second, first]


async def test_of_links_to_one_crm_at_once_one_is_made(crm: Crm) -> None:
    document = await crm.workspace.document()
    await crm.put("135")
    ids = ["134", "135"] * 5
    answers = await asyncio.gather(*(crm.link(document, entity_id=each) for each in ids))
    statuses = [answer.status_code for answer in answers]
    assert sorted(statuses) == [201, *[400] * 9]
    [made] = await crm.links_of(document)
    assert answers[statuses.index(201)].json() == made
    for answer in answers:
        if answer.status_code == 400:
            assert answer.json()["type"] == "request_error"
            assert made["id"] in answer.json()["detail"]["provider"][0]


async def test_the_same_idempotency_key_returns_the_very_same_link(crm: Crm) -> None:
    document = await crm.workspace.document()
    headers = {"Idempotency-Key": "once"}
    path = linked_objects(document)
    answers = [await crm.http.post(path, json=DEAL, headers=headers) for _ in range(3)]
    assert len({answer.text for answer in answers}) == 1
    assert await crm.links_of(document) == [accepted(answer, 201) for answer in answers[:1]]
    other = await crm.http.post(path, json=DEAL | {"entity_id": "135"}, headers=headers)
    assert other.status_code == 400
    assert other.json()["detail"].keys() == {"non_field_errors"}


async def test_what_is_unlinked_can_be_linked_again(crm: Crm, outsider: Outsider) -> None:
    document = await crm.workspace.document()
    first = await crm.linked(document)
    async with outsider.tap("link.deleted") as tap:
        gone = await crm.http.delete(f"{linked_objects(document)}/{first['id']}")
        event = await tap.one(subject=first["id"])
    assert gone.status_code == 204
    assert (event["data"]["reason"], event["data"]["provider"]) == ("unlinked", "pipedrive")
    second = await crm.linked(document)
    assert second["id"] != first["id"]
    assert await crm.links_of(document) == [second]


async def test_children_are_the_entities_below_each_under_an_id_that_stays(crm: Crm) -> None:
    document, other = [await crm.workspace.document() for _ in range(2)]
    for child, parent in {"2": "134", "3": "2"}.items():
        await crm.put(child, parent=parent)
    made = await crm.linked(document)
    assert [child["entity_id"] for child in made["children"]] == ["2", "3"]
    assert all(child.keys() == {"id", "entity_type", "entity_id"} for child in made["children"])
    assert all(is_id(child["id"], "dlnk") for child in made["children"])
    ids = [child["id"] for each in (made, await crm.linked(other)) for child in each["children"]]
    assert len({*ids, made["id"]}) == 5
    await crm.put("4", parent="134")
    [listed] = await crm.links_of(document)
    known = {child["entity_id"]: child["id"] for child in listed["children"]}
    assert [*known] == ["2", "4", "3"]
    assert [known["2"], known["3"]] == [child["id"] for child in made["children"]]


async def test_a_link_outlives_the_connection_but_none_is_made_any_more(crm: Crm) -> None:
    linked, unlinked = [await crm.workspace.document() for _ in range(2)]
    made = await crm.linked(linked)
    await crm.disconnect()
    answer = await crm.link(unlinked)
    assert answer.status_code == 400
    assert "pipedrive" in answer.json()["detail"]["provider"][0]
    assert await crm.links_of(linked) == [made]
    await crm.connect()
    await crm.linked(unlinked)


async def test_a_link_goes_with_its_entity(crm: Crm) -> None:
    document = await crm.workspace.document()
    await crm.linked(document)
    path = "/v1/connections/pipedrive/entities/deal/134"
    assert (await crm.http.delete(path)).status_code == 204
    await until(lambda: crm.links_of(document), lambda links: links == [])
    assert (await crm.link(document)).json()["detail"].keys() == {"entity_id"}


async def test_links_to_the_workspaces_own_entities_are_no_linked_objects(crm: Crm) -> None:
    document = await crm.workspace.document()
    await crm.workspace.link(document, await crm.workspace.entity())
    assert await crm.links_of(document) == []


@pytest.mark.parametrize("call", ["create", "list", "delete"])
async def test_another_workspaces_document_is_not_found(
    crm: Crm, other_workspace: Workspace, call: str
) -> None:
    document = await crm.workspace.document()
    made = await crm.linked(document)
    other = Crm(other_workspace)
    await other.connect()
    await other.put()
    path = linked_objects(document)
    answer = await {
        "create": lambda: other.link(document),
        "list": lambda: other.http.get(path),
        "delete": lambda: other.http.delete(f"{path}/{made['id']}"),
    }[call]()
    assert answer.status_code == 404
    assert await crm.links_of(document) == [made]
