"""Ids, queries and headers that nobody should send: a clear 4xx each."""

import httpx
import pytest

from tests.ingress.answers import refused
from tests.ingress.endpoints import (
    DELETE,
    DOCUMENT,
    GET,
    LINK,
    LINKS,
    LIST,
    PUT,
    REMOVE,
    UNLINK,
    UPDATE,
    Endpoint,
    Things,
)

WITH_ID = {
    "get": GET,
    "update": UPDATE,
    "remove": REMOVE,
    "link": LINK,
    "unlink": UNLINK,
    "links": LINKS,
    "list": LIST,
    "put": PUT,
    "delete": DELETE,
}
ODD_IDS = {
    "slash": "a%2Fb",
    "slash in lower case": "a%2fb",
    "slash before a known word": "a%2Flink",
    "slash at the end": "a%2F",
    "backslash": "a%5Cb",
    "space": "a%20b",
    "plus": "%20",
    "dot": "%2E",
    "two dots": "%2E%2E",
    "up": "%2E%2E%2F%2E%2E%2Fhealthz",
    "leading dot": ".a",
    "NUL": "a%00",
    "line end": "a%0D%0AX-Evil:%201",
    "trailing line end": "a%0A",
    "not UTF-8": "a%FF",
    "surrogate": "%ED%A0%80",
    "emoji": "%F0%9F%98%80",
    "right-to-left": "%D7%90",
    "percent": "%25",
    "double encoding": "a%252Fb",
    "question mark": "a%3Fb",
    "hash": "a%23b",
    "semicolon": "a;b",
    "comma": "a,b",
    "dollar": "$ne",
    "braces": "%7B%22$ne%22:null%7D",
    "quote": "'",
    "asterisk": "*",
    "angle brackets": "%3Ca%3E",
    "leading dash": "-a",
    "129 characters": "a" * 129,
    "30,000 characters": "a" * 30_000,
}
UNKNOWN_IDS = ["a", "0", "null", "doc_", "a" * 128, "a.b:c@d+e~f-g_h", "...".join("ab")]


@pytest.mark.parametrize("endpoint", WITH_ID.values(), ids=WITH_ID)
@pytest.mark.parametrize("odd", ODD_IDS.values(), ids=ODD_IDS)
async def test_an_id_that_nothing_can_have(
    caller: httpx.AsyncClient, endpoint: Endpoint, odd: str
) -> None:
    body = None if endpoint.body is None else endpoint.json()
    answer = await caller.request(endpoint.method, endpoint.url(Things(odd, odd, odd)), json=body)
    refused(answer, 404, "not_found")
    assert "x-evil" not in answer.headers


@pytest.mark.parametrize("endpoint", [GET, UPDATE, REMOVE, LINK, UNLINK, LINKS, LIST, DELETE])
@pytest.mark.parametrize("unknown", UNKNOWN_IDS)
async def test_an_id_that_nothing_has(
    caller: httpx.AsyncClient, endpoint: Endpoint, unknown: str
) -> None:
    answer = await endpoint.call(caller, Things(unknown, unknown, unknown))
    refused(answer, 404, "not_found")


async def test_an_encoded_slash_is_not_one_of_the_path(caller: httpx.AsyncClient) -> None:
    refused(await caller.post("/v1/documents/a%2Flink", json=LINK.json()), 404, "not_found")
    refused(await caller.put("/v1/entities%2Fcontact/a", json={}), 404, "not_found")
    refused(await caller.put("/v1%2Fentities/contact/a", json={}), 404, "not_found")


@pytest.mark.parametrize("entity_type", ["contacts", "Contact", "lead", "%FF", "%00", "contact%20"])
@pytest.mark.parametrize("method", ["PUT", "DELETE"])
async def test_an_entity_type_that_there_is_not(
    caller: httpx.AsyncClient, method: str, entity_type: str
) -> None:
    body: dict[str, str] | None = {} if method == "PUT" else None
    answer = await caller.request(method, f"/v1/entities/{entity_type}/a", json=body)
    refused(answer, 400, "validation_error", "entity_type")


NO_INTEGERS = ["", "%20", "a", "1.0", "1.5", "1e3", "0x1", "1_0", "%2B1", "1%2C0", "NaN", "null"]
NO_INTEGERS += ["true", "Infinity", "%00", "1%00", "%D9%A1", "%EF%BC%91", "--1", "9" * 5000]


@pytest.mark.parametrize("name", ["page", "per_page"])
@pytest.mark.parametrize("text", [*NO_INTEGERS, "0", "-1", "-0", "9" * 30])
async def test_a_page_is_a_positive_integer(
    caller: httpx.AsyncClient, name: str, text: str
) -> None:
    answer = await caller.get(f"/v1/contacts/c/documents?{name}={text}")
    refused(answer, 400, "validation_error", name)


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("per_page=101", ["per_page"]),
        ("page=1000001", ["page"]),
        ("page=0&per_page=0", ["page", "per_page"]),
        ("page=1&page=x", ["page"]),
        (f"role={'x' * 65}", ["role"]),
        ("role=a%00", ["role"]),
        ("role=a%0Ab", ["role"]),
        ("role=%FF", ["query"]),
        ("role=%ED%A0%80", ["query"]),
        ("x=%C3", ["query"]),
        ("%FF=1", ["query"]),
    ],
)
async def test_a_query_that_is_not_valid(
    caller: httpx.AsyncClient, query: str, fields: list[str]
) -> None:
    answer = await caller.get(f"/v1/contacts/c/documents?{query}")
    refused(answer, 400, "validation_error", *fields)


@pytest.mark.parametrize(
    "query", ["x=1", "=", "&&&", "%", "page[]=2", "a" * 5000, "%F0%9F%98%80=x"]
)
async def test_what_a_query_has_beyond_is_left_aside(caller: httpx.AsyncClient, query: str) -> None:
    assert (await caller.put("/v1/entities/contact/c", json={})).status_code in {200, 201}
    answer = await caller.get(f"/v1/contacts/c/documents?{query}")
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "key",
    [b"x" * 256, "schlüssel".encode(), "schlüssel".encode("latin-1"), b"\xff", b"a\tb"],
)
async def test_an_idempotency_key_that_is_none(caller: httpx.AsyncClient, key: bytes) -> None:
    answer = await caller.post("/v1/documents", json=DOCUMENT, headers={b"Idempotency-Key": key})
    refused(answer, 400, "validation_error", "Idempotency-Key")


@pytest.mark.parametrize("key", ["a", "x" * 255, "a b", '{"$ne": 1}', "../..", "%00", "null", "'"])
async def test_an_idempotency_key_is_any_printable_text(
    caller: httpx.AsyncClient, key: str
) -> None:
    headers = {"Idempotency-Key": key}
    first = await caller.put("/v1/entities/deal/d", json={"name": key[:200]}, headers=headers)
    assert first.status_code in {200, 201}, first.text
    second = await caller.put("/v1/entities/deal/d", json={"name": "other"}, headers=headers)
    refused(second, 409, "idempotency_conflict")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("traceparent", "zzz"),
        ("traceparent", "00-" + "0" * 10_000),
        ("Accept", "text/plain"),
        ("Accept-Charset", "latin-1"),
        ("Content-Encoding", "gzip"),
        ("Content-Language", "\x80"),
        ("Range", "bytes=0-0"),
        ("If-None-Match", "*"),
        ("X-HTTP-Method-Override", "DELETE"),
        ("X-Forwarded-Prefix", "/x"),
        ("X-Workspace-ID", "ws_123"),
        ("Host", "evil.example:99999"),
        ("Host", "[::1"),
        ("Cookie", "a=" + "b" * 10_000),
        ("X-Long", "a" * 30_000),
    ],
)
async def test_other_headers_change_nothing(
    caller: httpx.AsyncClient, name: str, value: str
) -> None:
    path = "/v1/documents/doc_01HY1"
    plain = await caller.get(path)
    answer = await caller.get(path, headers={name.encode(): value.encode("latin-1")})
    assert (answer.status_code, answer.json()) == (plain.status_code, plain.json())
