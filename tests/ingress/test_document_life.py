"""A document's life after it has been registered: read, changed, unlinked, deleted."""

from typing import Any

import httpx
import pytest

from tests.ingress.answers import accepted, refused
from tests.ingress.clients import Clients
from tests.ingress.files import read
from tests.support.bus import Outsider
from tests.support.waiting import until
from tests.support.workspace import Workspace

FULL = {
    "name": "Acme-NDA-2026.pdf",
    "description": "Mutual",
    "folder": "/clients/acme",
    "tags": ["nda", "confidentiality"],
    "size_bytes": 183204,
}
SIX = ("contact", "company", "deal", "event", "matter", "task")


async def change(workspace: Workspace, document: str, **fields: Any) -> dict[str, Any]:
    answer = await workspace.http.patch(f"/v1/documents/{document}", json=fields)
    data: dict[str, Any] = accepted(answer, 200)["data"]
    return data


async def linked(workspace: Workspace, document: str, count: int) -> list[dict[str, Any]]:
    """Links of a document to new entities, the newest first."""
    links = []
    for number in range(count):
        entity_type = SIX[number % len(SIX)]
        entity = await workspace.entity(entity_type)
        links.append((await workspace.link(document, entity, entity_type)).json()["data"])
    return links[::-1]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"name": "B.pdf"}, {"name": "B.pdf"}),
        ({"description": "One-sided\n"}, {"description": "One-sided\n"}),
        ({"description": None}, {"description": None}),
        ({"description": ""}, {"description": None}),
        ({"folder": "clients/b/"}, {"folder": "/clients/b"}),
        ({"folder": None}, {"folder": None}),
        ({"folder": "/"}, {"folder": None}),
        ({"tags": []}, {"tags": []}),
        ({"tags": ["b", "a"]}, {"tags": ["b", "a"]}),
        (
            {"name": "B", "folder": None, "tags": ["x"]},
            {"name": "B", "folder": None, "tags": ["x"]},
        ),
    ],
    ids=str,
)
async def test_what_is_given_changes_and_the_rest_stays(
    workspace: Workspace, changes: dict[str, Any], told: dict[str, Any]
) -> None:
    document = await workspace.document(**FULL)
    before = await read(workspace, document, download="false")
    changed = await change(workspace, document, **changes)
    after = await read(workspace, document, download="false")
    assert after == {**changed, "linked_entities": []}
    expected = before | told
    assert {**expected, "updated_at": ""} == {**after, "updated_at": ""}


async def test_a_change_is_announced_and_no_change_is_not(
    workspace: Workspace, outsider: Outsider
) -> None:
    document = await workspace.document(**FULL)
    async with outsider.tap() as tap:
        assert (await change(workspace, document))["name"] == FULL["name"]
        await change(workspace, document, name=FULL["name"], tags=FULL["tags"])
        await change(workspace, document, name="B.pdf")
        event = await tap.one(type="document.updated", subject=document)
    assert (event["data"]["name"], event["data"]["version"]) == ("B.pdf", 2)
    assert len(tap.all(type="document.updated", workspaceid=workspace.id)) == 1


async def test_listings_show_the_change(workspace: Workspace) -> None:
    document, contact = await workspace.document(**FULL), await workspace.entity()
    await workspace.link(document, contact)
    await change(workspace, document, name="B.pdf", folder="/b", tags=["b"])

    async def listed() -> Any:
        (found,) = (await workspace.listed(contact))["data"]["documents"]
        return found["name"], found["folder"], found["tags"]

    await until(listed, lambda found: found == ("B.pdf", "/b", ["b"]))


@pytest.mark.parametrize(
    ("body", "field"),
    [
        *(({"name": value}, "name") for value in (None, "", "x" * 256, "a\x00")),
        *(({"tags": value}, "tags") for value in (None, "nda", ["a"] * 101)),
        *(({"folder": value}, "folder") for value in ("..", "a\\b", "x" * 1025)),
        *(({"description": value}, "description") for value in ("x" * 10_001, "\x00")),
        *(({name: "x"}, name) for name in ("id", "storage_path", "mime_type", "created_at")),
    ],
)
async def test_400_a_change_that_is_not_valid(
    caller: httpx.AsyncClient, body: dict[str, Any], field: str
) -> None:
    answer = await caller.patch("/v1/documents/doc_01HY1", json=body)
    refused(answer, 400, "validation_error", field)


async def test_a_document_tells_all_that_it_is_linked_to(workspace: Workspace) -> None:
    document = await workspace.document()
    links = await linked(workspace, document, 7)
    expected = [{name: each[name] for name in ("entity_type", "entity_id")} for each in links]
    assert (await read(workspace, document))["linked_entities"] == expected
    lightly = await read(workspace, document, download="false")
    assert lightly["linked_entities"] == expected


@pytest.mark.parametrize("word", ["", "1", "yes", "True", "FALSE", "null", "true "])
async def test_true_and_false_are_written_so(caller: httpx.AsyncClient, word: str) -> None:
    for method, name in (("GET", "download"), ("DELETE", "hard")):
        answer = await caller.request(method, "/v1/documents/doc_01HY1", params={name: word})
        refused(answer, 400, "validation_error", name)


async def test_a_documents_links_page_by_page(workspace: Workspace) -> None:
    document = await workspace.document()
    links = await linked(workspace, document, 5)
    path = f"/v1/documents/{document}/links"
    pages = [
        accepted(await workspace.http.get(path, params={"page": page, "per_page": 2}), 200)
        for page in (1, 2, 3, 4)
    ]
    assert [page["data"]["links"] for page in pages] == [links[:2], links[2:4], links[4:], []]
    assert pages[2]["meta"] == {"page": 3, "per_page": 2, "total": 5}
    assert accepted(await workspace.http.get(path), 200)["data"]["links"] == links
    answer = await workspace.http.get(path, params={"page": 0, "per_page": 101})
    refused(answer, 400, "validation_error", "page", "per_page")


@pytest.mark.parametrize("entity_type", SIX)
async def test_unlinking(workspace: Workspace, outsider: Outsider, entity_type: str) -> None:
    document, entity = await workspace.document(), await workspace.entity(entity_type)
    link = (await workspace.link(document, entity, entity_type)).json()["data"]["link_id"]
    path = f"/v1/documents/{document}/link/{link}"
    async with outsider.tap() as tap:
        assert (await workspace.http.delete(path)).status_code == 204
        event = await tap.one(type="link.deleted", subject=link)
    assert event["data"]["reason"] == "unlinked"
    refused(await workspace.http.delete(path), 404, "not_found")
    assert (await read(workspace, document))["linked_entities"] == []
    again = accepted(await workspace.link(document, entity, entity_type), 201)["data"]
    assert again["link_id"] != link


async def test_404_the_link_of_another_document(workspace: Workspace) -> None:
    document, other = await workspace.document(), await workspace.document()
    (link,) = await linked(workspace, document, 1)
    path = f"/v1/documents/{other}/link/{link['link_id']}"
    refused(await workspace.http.delete(path), 404, "not_found")
    assert len((await read(workspace, document))["linked_entities"]) == 1


@pytest.mark.parametrize("hard", [False, True])
async def test_deleting_detaches_every_link(
    workspace: Workspace, outsider: Outsider, *, hard: bool
) -> None:
    document = await workspace.document()
    links = await linked(workspace, document, 3)
    path = f"/v1/documents/{document}"
    async with outsider.tap() as tap:
        answer = await workspace.http.delete(path, params={"hard": str(hard).lower()})
        assert (answer.status_code, answer.content) == (204, b"")
        for link in links:
            event = await tap.one(type="link.deleted", subject=link["link_id"])
            assert event["data"]["reason"] == "document_deleted"
        event = await tap.one(type="document.deleted", subject=document)
    assert event["data"]["hard"] is hard
    for method, suffix in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("GET", "/links")):
        body: dict[str, str] | None = {} if method == "PATCH" else None
        again = await workspace.http.request(method, path + suffix, json=body)
        refused(again, 404, "not_found")
    refused(await workspace.link(document, await workspace.entity()), 404, "not_found")


async def test_a_deleted_document_is_in_no_listing(workspace: Workspace) -> None:
    document, contact = await workspace.document(), await workspace.entity()
    await workspace.link(document, contact)
    await workspace.http.delete(f"/v1/documents/{document}")
    everything = accepted(await workspace.http.get("/v1/documents"), 200)
    assert everything == {
        "data": {"documents": []},
        "meta": {"page": 1, "per_page": 25, "total": 0},
    }
    gone = {"data": {"documents": []}, "meta": {"page": 1, "per_page": 25, "total": 0}}
    await until(lambda: workspace.listed(contact), lambda page: page == gone)


async def test_deleting_frees_the_storage_path(workspace: Workspace) -> None:
    path = workspace.path("a.pdf")
    first = await workspace.document(storage_path=path)
    await workspace.http.delete(f"/v1/documents/{first}")
    assert await workspace.document(storage_path=path) != first


async def test_403_hard_needs_admin_and_admin_alone(workspace: Workspace, clients: Clients) -> None:
    document = await workspace.document()
    path = f"/v1/documents/{document}"
    writer, _ = await clients.with_key(["write:documents"])
    refused(await writer.delete(f"{path}?hard=true"), 403, "insufficient_permissions")
    admin, _ = await clients.with_key(["admin:documents"])
    refused(await admin.delete(path), 403, "insufficient_permissions")
    assert (await admin.delete(f"{path}?hard=true")).status_code == 204
