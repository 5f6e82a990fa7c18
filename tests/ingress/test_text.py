"""Text: any Unicode comes back as it was sent; what no text may hold is refused."""

import json
import unicodedata
from typing import Any

import httpx
import pytest
from ulid import ULID

from tests.ingress.answers import refused
from tests.ingress.endpoints import CREATE, LINK, PUT, UPDATE, UPLOAD, Endpoint, Things
from tests.support.workspace import Workspace

TEXTS = {
    "emoji": "🖋️ signed 👩‍⚖️ ✅",
    "Arabic": "اتفاقية عدم الإفشاء",
    "Hebrew with marks": "\u200fתקנה\u200f NDA",
    "right-to-left override": "annex\u202efdp.exe",
    "Chinese": "保密协议",
    "combining": "e\u0301\u0323",
    "zalgo": "N̷̡̛D̶̨̛A̸̧̛",
    "zero width": "N\u200bD\u200dA\ufeff",
    "line separator": "a\u2028b\u2029c",
    "C1 controls": "a\x80b\x9fc",
    "not a character": "a\ufffeb\uffffc",
    "replacement": "a\ufffdb",
    "beyond the basic plane": "\U0001d4a9 \U0010ffff",
    "markup": "<script>alert('NDA')</script>&amp;",
    "SQL and Mongo": '\'; DROP TABLE documents; -- $where {"$gt": ""}',
    "template": "{{7*7}} ${7*7} %s %n {0}",
    "quotes and backslashes": "\"a\" 'b' \\c\\ /d/",
    "escaped surrogate": "\\ud800",
    "spaces": " a  b ",
    "looks like null": "null",
    "numeric": "0123",
}
texts = pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)

UNTEXT = {
    "NUL": "a\x00b",
    "bell": "\x07",
    "escape": "\x1b[2J",
    "line end": "a\nb",
    "tab": "a\tb",
    "delete": "a\x7f",
    "lone high surrogate": "a\ud800",
    "lone low surrogate": "\udc00a",
    "surrogates the wrong way round": "\udc00\ud800",
}
TEXT_FIELDS = [
    *((CREATE, field) for field in ("name", "mime_type", "storage_path", "folder")),
    *((UPDATE, field) for field in ("name", "folder")),
    *((UPLOAD, field) for field in ("name", "mime_type")),
    *((LINK, field) for field in ("entity_type", "entity_id", "role")),
    (PUT, "name"),
]


@texts
async def test_a_documents_texts_come_back_unchanged(workspace: Workspace, text: str) -> None:
    folder = "/" + text.replace("\\", "").replace("//", "/").strip("/")
    fields: dict[str, Any] = {
        "name": text,
        "description": text + "\r\n\t" + text,
        "storage_path": workspace.path(f"{text}/{ULID()}").replace("//", "/"),
        "folder": unicodedata.normalize("NFC", folder),
        "tags": [text, text[::-1]],
    }
    document = await workspace.document(**fields)
    read = (await workspace.http.get(f"/v1/documents/{document}")).json()["data"]
    assert {name: read[name] for name in fields} == fields


@texts
async def test_a_role_comes_back_unchanged_and_selects(workspace: Workspace, text: str) -> None:
    document, contact = await workspace.document(name=text), await workspace.entity()
    link = await workspace.link(document, contact, role=text)
    assert link.status_code == 201, link.text
    assert link.json()["data"]["role"] == text
    page = await workspace.listed(contact, role=text)
    (listed,) = page["data"]["documents"]
    assert (listed["role"], listed["name"]) == (text, text)
    assert (await workspace.listed(contact, role=text + "x"))["meta"]["total"] == 0


@texts
async def test_an_entitys_name_comes_back_unchanged(workspace: Workspace, text: str) -> None:
    answer = await workspace.http.put("/v1/entities/contact/c", json={"name": text})
    assert answer.json()["data"]["name"] == text


@pytest.mark.parametrize(("endpoint", "field"), TEXT_FIELDS)
@pytest.mark.parametrize("text", UNTEXT.values(), ids=UNTEXT)
async def test_what_is_no_text_is_refused(
    caller: httpx.AsyncClient, endpoint: Endpoint, field: str, text: str
) -> None:
    body = json.dumps(endpoint.json() | {field: text}).encode()
    answer = await caller.request(
        endpoint.method, endpoint.url(), content=body, headers={"Content-Type": "application/json"}
    )
    refused(answer, 400, "validation_error", field)


LENGTHS = [
    *((CREATE, "name", length) for length in (1, 255)),
    *((CREATE, "description", length) for length in (0, 10_000)),
    *((UPDATE, "name", length) for length in (1, 255)),
    *((UPDATE, "description", length) for length in (0, 10_000)),
    (UPLOAD, "name", 255),
    *((LINK, "role", length) for length in (0, 64)),
    *((PUT, "name", length) for length in (1, 255)),
]


@pytest.mark.parametrize("character", ["a", "é", "保", "👍"])
@pytest.mark.parametrize(("endpoint", "field", "length"), LENGTHS)
async def test_length_counts_characters(
    workspace: Workspace, endpoint: Endpoint, field: str, length: int, character: str
) -> None:
    things = Things(await workspace.document(), await workspace.entity(), workspace=workspace.id)
    fitting = endpoint.json(things, **{field: character * length})
    http = workspace.http
    answer = await http.request(endpoint.method, endpoint.url(things), json=fitting)
    assert answer.status_code == endpoint.status, answer.text
    if length > 1:
        long = fitting | {field: character * (length + 1)}
        answer = await http.request(endpoint.method, endpoint.url(things), json=long)
        refused(answer, 400, "validation_error", field)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("/clients/acme/ndas", "/clients/acme/ndas"),
        ("clients/acme", "/clients/acme"),
        ("/clients/acme/", "/clients/acme"),
        ("//clients///acme//", "/clients/acme"),
        ("/", None),
        ("///", None),
        ("", None),
        ("/cafe\u0301", "/caf\u00e9"),
        ("/a b/ c", "/a b/ c"),
        ("/...", "/..."),
        ("/.hidden/..x", "/.hidden/..x"),
        ("/Clients/ACME", "/Clients/ACME"),
        ("/%2e%2e/x", "/%2e%2e/x"),
    ],
)
async def test_a_folder_has_one_form(workspace: Workspace, given: str, kept: str | None) -> None:
    document = await workspace.document(folder=given)
    read = await workspace.http.get(f"/v1/documents/{document}")
    assert read.json()["data"]["folder"] == kept


@pytest.mark.parametrize(
    ("field", "path"),
    [
        *(("folder", path) for path in ("..", "/..", "/a/../b", "a/..", ".", "/a/./b", "\\a")),
        *(("storage_path", path) for path in ("..", "../x", "a/../b", "a/..", ".", "a/./b")),
        *(("storage_path", path) for path in ("/a", "a/", "a//b", "/", "")),
        *(("storage_path", "a" * 1025), ("folder", "a" * 1025)),
    ],
)
async def test_a_path_that_leads_elsewhere(
    caller: httpx.AsyncClient, field: str, path: str
) -> None:
    answer = await caller.post("/v1/documents", json=CREATE.json() | {field: path})
    refused(answer, 400, "validation_error", field)


@pytest.mark.parametrize("path", ["..a", "a..", "a/..b/c", ".a", "...", "a\\..\\b", "%2e%2e/a"])
async def test_a_storage_path_with_dots_that_lead_nowhere(workspace: Workspace, path: str) -> None:
    document = await workspace.document(storage_path=workspace.path(path))
    read = await workspace.http.get(f"/v1/documents/{document}")
    assert read.json()["data"]["storage_path"] == workspace.path(path)


async def test_nothing_given_is_told_as_null(workspace: Workspace) -> None:
    document = await workspace.document()
    read = (await workspace.http.get(f"/v1/documents/{document}")).json()["data"]
    assert (read["description"], read["size_bytes"], read["folder"]) == (None, None, None)
    assert read["tags"] == []
    contact = await workspace.entity()
    assert (await workspace.link(document, contact, role="")).json()["data"]["role"] is None


@pytest.mark.parametrize("size", [0, 1, 2**31, 2**53 + 1, 2**63 - 1])
async def test_a_size_comes_back_exactly(workspace: Workspace, size: int) -> None:
    document = await workspace.document(size_bytes=size)
    read = await workspace.http.get(f"/v1/documents/{document}")
    assert read.json()["data"]["size_bytes"] == size
