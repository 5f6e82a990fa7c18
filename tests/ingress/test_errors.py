"""The error tables of LeadLex's reference, row by row, and the errors that we add to them."""

from typing import Any

import httpx
import pytest

from tests.ingress.answers import refused
from tests.ingress.clients import LONG_AGO, Clients
from tests.ingress.endpoints import CREATE, DOCUMENT, ENDPOINTS, LINK, SEEDS, Endpoint, Things
from tests.support.workspace import SCOPES, Workspace

seeds = pytest.mark.parametrize("endpoint", SEEDS.values(), ids=SEEDS)


async def create(http: httpx.AsyncClient, **fields: Any) -> httpx.Response:
    body = {name: value for name, value in {**DOCUMENT, **fields}.items() if value is not None}
    return await http.post("/v1/documents", json=body)


async def link(http: httpx.AsyncClient, document: str, **body: Any) -> httpx.Response:
    return await http.post(f"/v1/documents/{document}/link", json=body)


@pytest.mark.parametrize("field", ["name", "mime_type", "storage_path"])
async def test_create_400_missing_required_field(caller: httpx.AsyncClient, field: str) -> None:
    answer = await create(caller, **{field: None})
    error = refused(answer, 400, "validation_error", field)
    assert error["details"]["fields"][field] == "is required"


async def test_create_400_names_all_that_is_missing(caller: httpx.AsyncClient) -> None:
    answer = await caller.post("/v1/documents", json={})
    refused(answer, 400, "validation_error", "name", "mime_type", "storage_path")


@pytest.mark.parametrize(
    "mime_type",
    [
        *("", "pdf", "application", "application/", "/pdf", "application/pdf/x", "*/*"),
        *("application pdf", "application/p df", "application/pdf;", "application/pdf; charset"),
        *("application/pdf\n", "äpplication/pdf", "application/" + "x" * 128),
    ],
)
async def test_create_400_invalid_mime_type(caller: httpx.AsyncClient, mime_type: str) -> None:
    refused(await create(caller, mime_type=mime_type), 400, "validation_error", "mime_type")


async def test_create_409_storage_path_is_taken(workspace: Workspace) -> None:
    body = CREATE.json(storage_path=workspace.path("a.pdf"))
    assert (await create(workspace.http, **body)).status_code == 201
    answer = await create(workspace.http, **body | {"name": "Another.pdf"})
    refused(answer, 409, "storage_conflict", "storage_path")


@pytest.mark.parametrize("entity_type", ["lead", "contacts", "Contact", "", "contact "])
async def test_link_400_unsupported_entity_type(
    caller: httpx.AsyncClient, entity_type: str
) -> None:
    answer = await link(caller, "doc_01HY1", entity_type=entity_type, entity_id="x")
    refused(answer, 400, "validation_error", "entity_type")


async def test_link_400_missing_entity_id(caller: httpx.AsyncClient) -> None:
    answer = await link(caller, "doc_01HY1", entity_type="deal")
    refused(answer, 400, "validation_error", "entity_id")


async def test_link_404_no_such_document(workspace: Workspace) -> None:
    contact = await workspace.entity()
    answer = await link(workspace.http, "doc_01HY1", entity_type="contact", entity_id=contact)
    assert "Document" in refused(answer, 404, "not_found")["message"]


async def test_link_404_no_such_entity(workspace: Workspace) -> None:
    document = await workspace.document()
    answer = await link(workspace.http, document, entity_type="deal", entity_id="deal_01HY1")
    assert "Deal" in refused(answer, 404, "not_found")["message"]


async def test_link_404_entity_of_another_type(workspace: Workspace) -> None:
    document, contact = await workspace.document(), await workspace.entity("contact")
    answer = await link(workspace.http, document, entity_type="deal", entity_id=contact)
    refused(answer, 404, "not_found")


async def test_list_404_no_such_contact(caller: httpx.AsyncClient) -> None:
    answer = await caller.get("/v1/contacts/123e4567-e89b-12d3-a456-426614174000/documents")
    assert "Contact" in refused(answer, 404, "not_found")["message"]


@seeds
@pytest.mark.parametrize("expires_at", [None, LONG_AGO], ids=["invalid", "expired"])
async def test_401_invalid_or_expired_key(
    endpoint: Endpoint, expires_at: str | None, clients: Clients
) -> None:
    unknown = await clients.bare(Authorization="Bearer wbk_your_api_key_here")
    expired, _ = await clients.with_key(expires_at=LONG_AGO)
    refused(await endpoint.call(expired if expires_at else unknown), 401, "invalid_key")


@seeds
async def test_403_missing_permission(endpoint: Endpoint, clients: Clients) -> None:
    http, _ = await clients.with_key([each for each in SCOPES if each != endpoint.scope])
    error = refused(await endpoint.call(http), 403, "insufficient_permissions")
    assert error["message"] == f"Missing `{endpoint.scope}` permission"


@seeds
async def test_429_rate_limit_exceeded(endpoint: Endpoint, clients: Clients) -> None:
    http, _ = await clients.with_key(rate_limit="1/hour")
    await http.get("/v1/documents/doc_01HY1")
    refused(await endpoint.call(http), 429, "rate_limited")


async def test_404_no_such_document(caller: httpx.AsyncClient) -> None:
    refused(await caller.get("/v1/documents/doc_01HY1"), 404, "not_found")


@pytest.mark.parametrize(
    "path",
    [
        *("/v1", "/v1/", "/v1/document", "/v1/documents/", "/v1/documents/x/", "/v1/docs/"),
        *(
            "/v1/documents/x/entities",
            "/v1/leads/x/documents",
            "/v1/contacts/x",
            "/v1/entities/deal",
        ),
        *("/", "/documents", "/V1/documents", "/v2/documents", "//v1/documents", "/v1x/documents"),
        *("/functions/v1/api-gateway", "/functions/v1/api-gateway/healthz"),
    ],
)
async def test_404_no_such_path(caller: httpx.AsyncClient, path: str) -> None:
    refused(await caller.get(path), 404, "not_found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/v1/documents", "GET, POST"),
        ("DELETE", "/v1/documents", "GET, POST"),
        ("POST", "/v1/documents/doc_01HY1", "DELETE, GET, PATCH"),
        ("PUT", "/v1/documents/doc_01HY1", "DELETE, GET, PATCH"),
        ("GET", "/v1/documents/doc_01HY1/link", "POST"),
        ("GET", "/v1/documents/doc_01HY1/link/dlnk_01HY1", "DELETE"),
        ("POST", "/v1/documents/doc_01HY1/links", "GET"),
        ("POST", "/v1/contacts/x/documents", "GET"),
        ("GET", "/v1/entities/contact/x", "DELETE, PUT"),
        ("OPTIONS", "/v1/entities/contact/x", "DELETE, PUT"),
        ("TRACE", "/v1/entities/contact/x", "DELETE, PUT"),
        ("POST", "/healthz", "GET"),
        ("POST", "/files/a", "GET, HEAD, PUT"),
    ],
)
async def test_405_tells_what_is_allowed(
    caller: httpx.AsyncClient, method: str, path: str, allowed: str
) -> None:
    answer = await caller.request(method, path)
    refused(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == allowed


@pytest.mark.parametrize("endpoint", ENDPOINTS.values(), ids=ENDPOINTS)
async def test_errors_of_a_good_key_count_as_calls(endpoint: Endpoint, clients: Clients) -> None:
    http, _ = await clients.with_key(rate_limit="9/hour")
    answers = [await endpoint.call(http, Things("a%20b", "a%20b")) for _ in range(2)]
    assert [answer.headers["x-ratelimit-remaining"] for answer in answers] == ["8", "7"]


async def test_409_same_idempotency_key_with_another_body(workspace: Workspace) -> None:
    key = {"Idempotency_Key": "0b7e1d8e-3c0b-4b43-9d0c-5a9a4a8f6a11"}
    things, others = await Things.of(workspace), await Things.of(workspace)
    assert (await LINK.call(workspace.http, things, **key)).status_code == 201
    answer = await LINK.call(workspace.http, Things(things.document, others.contact), **key)
    refused(answer, 409, "idempotency_conflict")
