"""The documents of a workspace: every filter alone, all of them together, page by page."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.ingress.answers import accepted, refused
from tests.support.waiting import until
from tests.support.workspace import Workspace

SHELF: dict[str, dict[str, Any]] = {
    "nda": {
        "name": "Acme NDA.pdf",
        "description": "Mutual, with Straße & Söhne",
        "folder": "/clients/acme/ndas",
        "tags": ["nda", "signed"],
    },
    "draft": {"name": "draft.docx", "folder": "/clients/acme", "tags": ["nda", "draft"]},
    "photo": {"name": "(50%) off?.png", "folder": "/clients/acme2", "mime_type": "image/png"},
    "loose": {"name": "Loose leaf.pdf", "tags": ["NDA"], "mime_type": "application/pdf; a=b"},
}
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SHELF["draft"]["mime_type"] = DOCX


@pytest.fixture
async def shelf(workspace: Workspace) -> Workspace:
    """A workspace with the documents of SHELF."""
    for fields in SHELF.values():
        await workspace.document(**fields)
    return workspace


async def search(workspace: Workspace, **query: Any) -> dict[str, Any]:
    answer = await workspace.http.get("/v1/documents", params=query)
    page: dict[str, Any] = accepted(answer, 200)
    return page


async def found(workspace: Workspace, **query: Any) -> list[str]:
    """What is found, by the names that SHELF has for it."""
    page = await search(workspace, **query)
    names = {fields["name"]: key for key, fields in SHELF.items()}
    documents = [names[each["name"]] for each in page["data"]["documents"]]
    assert page["meta"]["total"] == len(documents)
    return documents


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["loose", "photo", "draft", "nda"]),
        ({"folder": "/clients/acme"}, ["draft", "nda"]),
        ({"folder": "/clients/acme/ndas"}, ["nda"]),
        ({"folder": "clients//acme/"}, ["draft", "nda"]),
        ({"folder": "/clients"}, ["photo", "draft", "nda"]),
        ({"folder": "/client"}, []),
        ({"folder": "/Clients"}, []),
        ({"folder": "/"}, ["loose", "photo", "draft", "nda"]),
        ({"tag": "nda"}, ["draft", "nda"]),
        ({"tag": "NDA"}, ["loose"]),
        ({"tag": ["nda", "signed"]}, ["nda"]),
        ({"tag": ["signed", "nda", "nda"]}, ["nda"]),
        ({"tag": ["signed", "draft"]}, []),
        ({"tag": "nd"}, []),
        ({"mime_type": "image/png"}, ["photo"]),
        ({"mime_type": DOCX}, ["draft"]),
        ({"mime_type": "application/pdf"}, ["nda"]),
        ({"mime_type": "application/pdf; a=b"}, ["loose"]),
        ({"search": "acme"}, ["nda"]),
        ({"search": "STRASSE"}, ["nda"]),
        ({"search": "LEAF"}, ["loose"]),
        ({"search": "(50%) off?"}, ["photo"]),
        ({"search": "."}, ["loose", "photo", "draft", "nda"]),
        ({"search": ".*"}, []),
        ({"folder": "/clients", "tag": ["nda"], "mime_type": DOCX, "search": "DRAFT"}, ["draft"]),
        ({"folder": "/clients", "tag": ["nda"], "mime_type": DOCX, "search": "acme"}, []),
        ({"folder": "/clients/acme", "tag": "nda", "search": "nda"}, ["nda"]),
        ({"created_after": "2020-01-01"}, ["loose", "photo", "draft", "nda"]),
        ({"created_after": "2020-01-01T00:00:00Z", "tag": "signed"}, ["nda"]),
        ({"created_after": "2999-12-31T23:59:59.999999Z"}, []),
        ({"created_after": "0001-01-01T00:00:00Z", "folder": "/clients/acme2"}, ["photo"]),
        ({"created_after": "9999-12-31"}, []),
    ],
    ids=str,
)
async def test_only_what_meets_all_conditions(
    shelf: Workspace, query: dict[str, Any], expected: list[str]
) -> None:
    assert await found(shelf, **query) == expected


async def test_created_after_is_a_bound_to_the_millisecond(workspace: Workspace) -> None:
    first = await workspace.document(name="first")
    created = (await workspace.http.get(f"/v1/documents/{first}")).json()["data"]["created_at"]
    # In another second than the first: the last millisecond before it then lies between the two.
    second = await until(lambda: later_than(workspace, created))
    between = datetime.fromisoformat(second["created_at"]) - timedelta(milliseconds=1)
    page = await search(workspace, created_after=between.isoformat())
    assert second["id"] in [each["id"] for each in page["data"]["documents"]]
    assert first not in [each["id"] for each in page["data"]["documents"]]
    hour = created.replace("Z", "+01:00")
    page = await search(workspace, created_after=hour)
    assert first in [each["id"] for each in page["data"]["documents"]]


async def later_than(workspace: Workspace, time: str) -> dict[str, Any]:
    """A new document, if it has been created later."""
    document = await workspace.document()
    data: dict[str, Any] = (await workspace.http.get(f"/v1/documents/{document}")).json()["data"]
    return data if data["created_at"] > time else {}


async def test_pages_are_whole_and_newest_first(workspace: Workspace) -> None:
    documents = [await workspace.document() for _ in range(7)][::-1]
    pages = await asyncio.gather(*(search(workspace, page=n, per_page=3) for n in (1, 2, 3, 4)))
    listed = [[each["id"] for each in page["data"]["documents"]] for page in pages]
    assert listed == [documents[:3], documents[3:6], documents[6:], []]
    assert [page["meta"] for page in pages] == [
        {"page": number, "per_page": 3, "total": 7} for number in (1, 2, 3, 4)
    ]
    assert (await search(workspace))["meta"] == {"page": 1, "per_page": 25, "total": 7}


async def test_a_listed_document_is_the_one_that_was_registered(workspace: Workspace) -> None:
    await workspace.document(**SHELF["nda"], size_bytes=183204)
    (listed,) = (await search(workspace))["data"]["documents"]
    one = await workspace.http.get(f"/v1/documents/{listed['id']}", params={"download": "false"})
    assert {**listed, "linked_entities": []} == one.json()["data"]


async def test_each_workspace_lists_its_own(shelf: Workspace, other_workspace: Workspace) -> None:
    await other_workspace.document(name="theirs")
    assert "theirs" not in (await shelf.http.get("/v1/documents")).text
    assert (await search(other_workspace))["meta"]["total"] == 1


@pytest.mark.parametrize(
    ("query", "field"),
    [
        *(("page=0", "page"), ("page=1.0", "page"), ("per_page=101", "per_page")),
        *(("per_page=0", "per_page"), ("per_page=x", "per_page"), ("page=1000001", "page")),
        *(("folder=..", "folder"), ("folder=a/./b", "folder"), ("folder=%5C", "folder")),
        *(("tag=", "tag.0"), ("tag=a&tag=b%00", "tag.1"), ("tag=" + "x" * 101, "tag.0")),
        *(("&".join(["tag=a"] * 101), "tag"), ("mime_type=pdf", "mime_type")),
        *(("search=", "search"), ("search=a%0Ab", "search"), ("search=" + "x" * 201, "search")),
    ],
)
async def test_a_filter_that_is_not_valid(
    caller: httpx.AsyncClient, query: str, field: str
) -> None:
    refused(await caller.get(f"/v1/documents?{query}"), 400, "validation_error", field)


@pytest.mark.parametrize(
    "time",
    [
        *("", "now", "1708905600", "2026", "2026-04", "2026-13-01", "2026-02-30", "20260417"),
        *("2026-04-17T25:00:00Z", "2026-04-17 10:55", "2026-04-17T10:55:00 01:00", "2026-W16-5"),
        *("2026-04-17T10:55:60Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"),
        *("0000-01-01", "-2026-04-17", "2026-04-17T10:55:00+25:00"),
        "\uff12\uff10\uff12\uff16-04-17",
    ],
)
async def test_a_time_that_is_none(caller: httpx.AsyncClient, time: str) -> None:
    answer = await caller.get("/v1/documents", params={"created_after": time})
    refused(answer, 400, "validation_error", "created_after")
