"""The documents of an entity: all six types, paged, by role, newest first."""

import asyncio
from typing import Any

import pytest
from ulid import ULID

from tests.ingress.answers import accepted, refused
from tests.support.workspace import Workspace

TYPES = {
    "contacts": "contact",
    "companies": "company",
    "deals": "deal",
    "events": "event",
    "matters": "matter",
    "tasks": "task",
}
types = pytest.mark.parametrize(("path", "entity_type"), TYPES.items(), ids=TYPES)


async def filled(workspace: Workspace, count: int) -> tuple[str, list[str]]:
    """A contact, and the documents linked to it, the newest link first."""
    contact = await workspace.entity()
    documents = await asyncio.gather(*(workspace.document() for _ in range(count)))
    for document in documents:
        assert (await workspace.link(document, contact)).status_code == 201
    return contact, list(reversed(documents))


async def ids(workspace: Workspace, contact: str, **params: Any) -> list[str]:
    page = await workspace.listed(contact, **params)
    return [document["id"] for document in page["data"]["documents"]]


@types
async def test_each_type_lists_its_documents(
    workspace: Workspace, path: str, entity_type: str
) -> None:
    entity, document = await workspace.entity(entity_type), await workspace.document()
    await workspace.link(document, entity, entity_type, role="signed")
    page = await workspace.listed(entity, path)
    assert [each["id"] for each in page["data"]["documents"]] == [document]
    assert page["meta"] == {"page": 1, "per_page": 25, "total": 1}


@types
async def test_an_entity_without_documents(
    workspace: Workspace, path: str, entity_type: str
) -> None:
    entity = await workspace.entity(entity_type)
    page = accepted(await workspace.http.get(f"/v1/{path}/{entity}/documents"), 200)
    empty = {"page": 1, "per_page": 25, "total": 0}
    assert page == {"data": {"documents": []}, "meta": empty}


@types
async def test_an_entity_that_there_is_not(
    workspace: Workspace, path: str, entity_type: str
) -> None:
    answer = await workspace.http.get(f"/v1/{path}/{entity_type}_01HY1/documents")
    refused(answer, 404, "not_found")


async def test_the_same_id_under_two_types_is_two_entities(workspace: Workspace) -> None:
    same = f"x_{ULID()}"
    document = await workspace.document()
    await workspace.entity("contact", same)
    await workspace.link(document, same)
    refused(await workspace.http.get(f"/v1/deals/{same}/documents"), 404, "not_found")
    await workspace.entity("deal", same)
    assert (await workspace.listed(same, "deals"))["meta"]["total"] == 0
    assert (await workspace.listed(same, "contacts"))["meta"]["total"] == 1


async def test_newest_link_first(workspace: Workspace) -> None:
    contact, documents = await filled(workspace, 5)
    page = await workspace.listed(contact)
    listed = page["data"]["documents"]
    assert [document["id"] for document in listed] == documents
    times = [document["linked_at"] for document in listed]
    assert times == sorted(times, reverse=True)


async def test_linking_again_moves_nothing(workspace: Workspace) -> None:
    contact, documents = await filled(workspace, 3)
    assert (await workspace.link(documents[-1], contact)).status_code == 200
    assert await ids(workspace, contact) == documents


async def test_pages_are_disjoint_and_complete(workspace: Workspace) -> None:
    contact, documents = await filled(workspace, 7)
    pages = [await ids(workspace, contact, page=page, per_page=3) for page in range(1, 5)]
    assert [len(page) for page in pages] == [3, 3, 1, 0]
    assert [document for page in pages for document in page] == documents
    for number in range(1, 5):
        meta = (await workspace.listed(contact, page=number, per_page=3))["meta"]
        assert meta == {"page": number, "per_page": 3, "total": 7}


async def test_25_a_page_unless_asked_otherwise_and_100_at_most(workspace: Workspace) -> None:
    contact, documents = await filled(workspace, 101)
    assert await ids(workspace, contact) == documents[:25]
    assert await ids(workspace, contact, page=2) == documents[25:50]
    assert await ids(workspace, contact, per_page=100) == documents[:100]
    assert await ids(workspace, contact, per_page=100, page=2) == documents[100:]
    assert await ids(workspace, contact, per_page=1, page=101) == documents[100:]
    path = f"/v1/contacts/{contact}/documents"
    answer = await workspace.http.get(path, params={"per_page": 101})
    refused(answer, 400, "validation_error", "per_page")
    assert (await workspace.listed(contact, page=1_000_000))["meta"]["total"] == 101


async def test_only_links_with_a_role(workspace: Workspace) -> None:
    contact = await workspace.entity()
    roles = ["signed", "draft", "signed", None, "Signed"]
    documents = [await workspace.document() for _ in roles]
    for document, role in zip(documents, roles, strict=True):
        await workspace.link(document, contact, role=role)
    page = await workspace.listed(contact, role="signed", per_page=1)
    assert page["meta"] == {"page": 1, "per_page": 1, "total": 2}
    assert page["data"]["documents"][0]["id"] == documents[2]
    assert await ids(workspace, contact, role="signed") == [documents[2], documents[0]]
    assert await ids(workspace, contact, role="Signed") == [documents[4]]
    assert await ids(workspace, contact, role="sign") == []
    assert await ids(workspace, contact, role="") == list(reversed(documents))


async def test_one_document_with_several_entities(workspace: Workspace) -> None:
    document = await workspace.document()
    for path, entity_type in TYPES.items():
        entity = await workspace.entity(entity_type)
        answer = await workspace.link(document, entity, entity_type, role=entity_type)
        assert answer.status_code == 201
        (listed,) = (await workspace.listed(entity, path))["data"]["documents"]
        assert (listed["id"], listed["role"]) == (document, entity_type)


async def test_what_has_just_been_registered_can_be_linked_at_once(workspace: Workspace) -> None:
    async def job() -> int:
        contact, document = await asyncio.gather(workspace.entity(), workspace.document())
        link = await workspace.link(document, contact)
        page = await workspace.listed(contact)
        assert link.status_code == 201, link.text
        total: int = page["meta"]["total"]
        return total

    assert await asyncio.gather(*(job() for _ in range(30))) == [1] * 30
