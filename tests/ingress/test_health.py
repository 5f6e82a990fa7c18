"""Health and documentation: for everybody, without a key."""

import httpx
import pytest

from tests.ingress.clients import Clients


@pytest.fixture
async def anybody(clients: Clients) -> httpx.AsyncClient:
    """A client without a key."""
    return await clients.bare()


async def test_alive(anybody: httpx.AsyncClient) -> None:
    answer = await anybody.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_ready_tells_of_each_service(anybody: httpx.AsyncClient) -> None:
    answer = await anybody.get("/readyz")
    assert answer.status_code == 200
    assert "retry-after" not in answer.headers
    queues = {
        "registry": ["commands", "events"],
        "links": ["commands", "events"],
        "crm_sync": ["commands"],
        "webhooks": ["commands", "events"],
    }
    assert answer.json() == {
        "status": "ready",
        "services": {
            name: {
                "ready": True,
                "consumers": {
                    f"doclink.{name}.{queue}": True
                    for kind in kinds
                    for queue in (kind, f"{kind}.alone", "queries")
                },
                "database": True,
                "waits_for": [],
            }
            for name, kinds in queues.items()
        },
    }


async def test_docs_lead_to_a_page_of_the_openapi_document(anybody: httpx.AsyncClient) -> None:
    page = await anybody.get("/docs", follow_redirects=True)
    assert page.status_code == 200
    assert page.url.path == "/v1/docs"
    assert page.headers["content-type"].startswith("text/html")
    assert "'/v1/openapi.json'" in page.text
    document = await anybody.get("/v1/openapi.json")
    assert document.status_code == 200
    assert document.json()["openapi"].startswith("3.1.")


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/docs", "/v1/docs", "/v1/openapi.json"])
async def test_a_bad_key_does_no_harm_here(anybody: httpx.AsyncClient, path: str) -> None:
    answer = await anybody.get(path, headers={"Authorization": "Bearer wbk_nonsense"})
    assert answer.status_code in {200, 307}
