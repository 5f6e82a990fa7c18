"""Bodies that nobody should send: each is refused with a clear 4xx that names the field."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.ingress.answers import refused
from tests.ingress.endpoints import CREATE, DOCUMENT, LINK, PUT, UPDATE, UPLOAD, Endpoint
from tests.support.bus import PATIENCE

WITH_BODY = {"create": CREATE, "upload": UPLOAD, "update": UPDATE, "link": LINK, "put": PUT}
with_body = pytest.mark.parametrize("endpoint", WITH_BODY.values(), ids=WITH_BODY)

DEEP = 100_000
BROKEN_JSON = {
    "nothing": b"",
    "space": b"  \n",
    "open": b"{",
    "cut off": b'{"name": "Acme',
    "trailing comma": b'{"name": "Acme",}',
    "single quotes": b"{'name': 'Acme'}",
    "no quotes": b"{name: 1}",
    "comment": b'{"name": "a"} // b',
    "two": b"{}{}",
    "form": b"name=Acme&mime_type=application/pdf",
    "xml": b"<name>Acme</name>",
    "NaN": b"NaN",
    "NUL": b"\x00",
    "not UTF-8": b'{"name": "\xff\xfe"}',
    "cut off UTF-8": b'{"name": "\xe2\x82"}',
    "raw control character": b'{"name": "a\x01b"}',
    "raw line end": b'{"name": "a\nb"}',
    "deep arrays": b"[" * DEEP,
    "deep arrays, closed": b"[" * DEEP + b"]" * DEEP,
    "deep objects": b'{"name":' * DEEP + b"1" + b"}" * DEEP,
    "deep unknown field": b'{"x":' + b"[" * DEEP + b"]" * DEEP + b"}",
    "integer of 5,000 digits": b'{"size_bytes": ' + b"9" * 5000 + b"}",
    "gzip": b"\x1f\x8b\x08\x00\x00\x00\x00\x00",
}

JSON_VALUES: dict[str, Any] = {
    "null": None,
    "true": True,
    "integer": 1,
    "fraction": 1.5,
    "whole fraction": 1.0,
    "string": "1",
    "array": [],
    "array of strings": ["a"],
    "object": {},
    "object of its name": {"name": "a"},
}
STRINGS, ARRAYS = {"string"}, {"array", "array of strings"}
FIELDS: list[tuple[Endpoint, str, set[str]]] = [
    (CREATE, "name", STRINGS),
    (CREATE, "mime_type", set()),
    (CREATE, "storage_path", STRINGS),
    (CREATE, "size_bytes", {"integer", "null"}),
    (CREATE, "description", STRINGS | {"null"}),
    (CREATE, "folder", STRINGS | {"null"}),
    (CREATE, "tags", ARRAYS),
    (UPLOAD, "name", STRINGS),
    (UPLOAD, "mime_type", set()),
    (UPLOAD, "size_bytes", {"integer", "null"}),
    (UPDATE, "name", STRINGS),
    (UPDATE, "description", STRINGS | {"null"}),
    (UPDATE, "folder", STRINGS | {"null"}),
    (UPDATE, "tags", ARRAYS),
    (LINK, "entity_type", set()),
    (LINK, "entity_id", STRINGS),
    (LINK, "role", STRINGS | {"null"}),
    (PUT, "name", STRINGS | {"null"}),
]
WRONG_VALUES = [
    pytest.param(endpoint, field, value, id=f"{endpoint.path} {field} {name}")
    for endpoint, field, right in FIELDS
    for name, value in JSON_VALUES.items()
    if name not in right
]


async def send(http: httpx.AsyncClient, endpoint: Endpoint, body: Any) -> httpx.Response:
    """The answer to a body as it is, or to an object as JSON, lone surrogates and all."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    return await http.request(endpoint.method, endpoint.url(), content=content, headers=headers)


@with_body
@pytest.mark.parametrize("body", BROKEN_JSON.values(), ids=BROKEN_JSON)
async def test_broken_json(caller: httpx.AsyncClient, endpoint: Endpoint, body: bytes) -> None:
    refused(await send(caller, endpoint, body), 400, "validation_error")


@with_body
@pytest.mark.parametrize("body", [None, True, 0, 1.5, "a", "", [], [{}]])
async def test_a_body_is_an_object(
    caller: httpx.AsyncClient, endpoint: Endpoint, body: Any
) -> None:
    refused(await send(caller, endpoint, body), 400, "validation_error", "body")


@pytest.mark.parametrize(("endpoint", "field", "value"), WRONG_VALUES)
async def test_value_of_the_wrong_type(
    caller: httpx.AsyncClient, endpoint: Endpoint, field: str, value: Any
) -> None:
    body = endpoint.json() | {field: value}
    refused(await send(caller, endpoint, body), 400, "validation_error", field)


@pytest.mark.parametrize(
    "number", ["NaN", "Infinity", "-Infinity", "1e400", "-1e400", "1e3", "-0.0"]
)
async def test_size_that_is_no_integer(caller: httpx.AsyncClient, number: str) -> None:
    text = json.dumps(DOCUMENT | {"size_bytes": "NUMBER"}).replace('"NUMBER"', number)
    refused(await send(caller, CREATE, text.encode()), 400, "validation_error", "size_bytes")


@pytest.mark.parametrize("size", [-1, 2**63, 10**100, -(2**63)])
async def test_size_out_of_bounds(caller: httpx.AsyncClient, size: int) -> None:
    answer = await send(caller, CREATE, DOCUMENT | {"size_bytes": size})
    refused(answer, 400, "validation_error", "size_bytes")


@pytest.mark.parametrize("tag", [None, True, 1, 1.5, [], {}, "", "x" * 101, "a\x00", "a\nb"])
async def test_a_tag_is_named_by_its_place(caller: httpx.AsyncClient, tag: Any) -> None:
    answer = await send(caller, CREATE, DOCUMENT | {"tags": ["nda", tag, "final"]})
    refused(answer, 400, "validation_error", "tags.1")


async def test_too_many_tags(caller: httpx.AsyncClient) -> None:
    answer = await send(caller, CREATE, DOCUMENT | {"tags": ["nda"] * 101})
    refused(answer, 400, "validation_error", "tags")


@with_body
@pytest.mark.parametrize(
    "field",
    ["x", "Name", "name ", "id", "workspace_id", "command_id", "actor", "__class__", "$set"],
)
async def test_unknown_field(caller: httpx.AsyncClient, endpoint: Endpoint, field: str) -> None:
    answer = await send(caller, endpoint, endpoint.json() | {field: "ws_123"})
    error = refused(answer, 400, "validation_error", field)
    assert error["details"]["fields"][field] == "is not a known field"


async def test_odd_unknown_fields_are_told_without_harm(caller: httpx.AsyncClient) -> None:
    many = DOCUMENT | {f"field {number}": 1 for number in range(1000)}
    error = refused(await send(caller, CREATE, many), 400, "validation_error")
    assert 1 <= len(error["details"]["fields"]) <= 20
    long = await send(caller, CREATE, DOCUMENT | {"x" * 100_000: 1})
    refused(long, 400, "validation_error")
    assert len(long.content) < 1000
    for name in ("", "\x00", "\r\nX-Evil: 1", "\ud800", "日本", "a.b", "body"):
        answer = await send(caller, CREATE, DOCUMENT | {name: 1})
        refused(answer, 400, "validation_error")
        assert "x-evil" not in answer.headers


@with_body
@pytest.mark.parametrize(
    "content_type",
    [
        *(None, "text/plain", "application/octet-stream", "application/xml", "application/jsonx"),
        *("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "json", ";;;"),
    ],
)
async def test_json_must_be_called_json(
    caller: httpx.AsyncClient, endpoint: Endpoint, content_type: str | None
) -> None:
    headers = {} if content_type is None else {"Content-Type": content_type}
    content = json.dumps(endpoint.json()).encode()
    answer = await caller.request(endpoint.method, endpoint.url(), content=content, headers=headers)
    refused(answer, 400, "validation_error", "body")


async def trickle(body: bytes) -> AsyncIterator[bytes]:
    """A body in pieces, which nobody can know the length of."""
    for start in range(0, len(body), 65_536):
        yield body[start : start + 65_536]


@with_body
@pytest.mark.parametrize("known_length", [True, False], ids=["length", "chunked"])
@pytest.mark.parametrize("good", [True, False], ids=["json", "rubbish"])
async def test_2_mb(
    caller: httpx.AsyncClient, endpoint: Endpoint, *, known_length: bool, good: bool
) -> None:
    body = json.dumps({"name": "x" * 2_000_000}).encode() if good else b"\xff" * 2_000_000
    headers = {"Content-Type": "application/json"}
    content = body if known_length else trickle(body)
    answer = await caller.request(endpoint.method, endpoint.url(), content=content, headers=headers)
    refused(answer, 413, "payload_too_large")
    assert (await caller.get("/v1/documents/doc_01HY1")).status_code == 404


async def test_a_length_too_large_is_refused_before_the_body_comes(
    caller: httpx.AsyncClient,
) -> None:
    url = caller.base_url
    reader, writer = await asyncio.open_connection(url.host, url.port)
    head = {**caller.headers, "Host": url.host, "Content-Length": str(10**12)}
    lines = ["POST /v1/documents HTTP/1.1", *(f"{name}: {text}" for name, text in head.items())]
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
    async with asyncio.timeout(PATIENCE):
        status = await reader.readline()
    writer.close()
    assert status.startswith(b"HTTP/1.1 413 ")


async def test_a_body_of_just_under_a_mebibyte_is_read(caller: httpx.AsyncClient) -> None:
    padded = b" " * (1024 * 1024 - 2) + b"{}"
    refused(await send(caller, CREATE, padded), 400, "validation_error", *DOCUMENT)
    refused(await send(caller, CREATE, b" " + padded), 413, "payload_too_large")


async def test_of_two_members_with_one_name_the_last_counts(caller: httpx.AsyncClient) -> None:
    text = json.dumps(UPLOAD.body).replace('"name":', '"name": 1, "name":')
    first = await send(caller, UPLOAD, text.encode())
    assert first.status_code == 201, first.text
    text = json.dumps(UPLOAD.body).removesuffix("}") + ', "name": 1}'
    refused(await send(caller, UPLOAD, text.encode()), 400, "validation_error", "name")
