"""Rate limits: each key's own, told on every answer, and 429 beyond."""

import httpx
import pytest

from tests.ingress.answers import RATE_HEADERS, check_headers, refused
from tests.ingress.clients import Clients
from tests.ingress.endpoints import ENDPOINTS, Endpoint, Things
from tests.support.workspace import Workspace

PATH = "/v1/documents/doc_01HY1"


def left(answer: httpx.Response) -> tuple[int, int]:
    """The limit, and what is left of it."""
    limit, remaining = (int(answer.headers[name]) for name in RATE_HEADERS[:2])
    return limit, remaining


async def test_calls_are_counted_down_then_refused(clients: Clients) -> None:
    http, _ = await clients.with_key(rate_limit="3/hour")
    answers = [await http.get(PATH) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [404, 404, 404, 429, 429]
    assert [left(answer) for answer in answers] == [(3, 2), (3, 1), (3, 0), (3, 0), (3, 0)]
    assert len({answer.headers["x-ratelimit-reset"] for answer in answers}) == 1


@pytest.mark.parametrize("endpoint", ENDPOINTS.values(), ids=ENDPOINTS)
async def test_beyond_its_limit_a_key_does_nothing(
    endpoint: Endpoint, workspace: Workspace, clients: Clients
) -> None:
    http, _ = await clients.with_key(rate_limit="1/hour")
    await http.get(PATH)
    things = await Things.of(workspace)
    answer = await endpoint.call(http, things)
    refused(answer, 429, "rate_limited")
    assert left(answer) == (1, 0)
    assert 0 < int(answer.headers["retry-after"]) <= 3600
    assert (await endpoint.call(workspace.http, things)).status_code == endpoint.status


async def test_a_limit_is_of_one_key(clients: Clients) -> None:
    spent, _ = await clients.with_key(rate_limit="1/hour")
    fresh, _ = await clients.with_key(rate_limit="1/hour")
    await spent.get(PATH)
    assert (await spent.get(PATH)).status_code == 429
    assert (await fresh.get(PATH)).status_code == 404


async def test_without_a_limit_of_its_own_a_key_has_the_usual_one(clients: Clients) -> None:
    http, _ = await clients.with_key(rate_limit=None)
    assert left(await http.get(PATH)) == (600, 599)


async def test_429_comes_before_the_body_is_read(clients: Clients) -> None:
    http, _ = await clients.with_key(rate_limit="1/hour")
    await http.get(PATH)
    refused(await http.post("/v1/documents", content=b"{"), 429, "rate_limited")
    refused(await http.post("/v1/documents", content=b"x" * 2_000_000), 429, "rate_limited")


@pytest.mark.parametrize("endpoint", ENDPOINTS.values(), ids=ENDPOINTS)
async def test_success_tells_what_is_left(endpoint: Endpoint, workspace: Workspace) -> None:
    answer = await endpoint.call(workspace.http, await Things.of(workspace))
    assert answer.status_code == endpoint.status
    check_headers(answer)


async def test_health_is_not_counted(clients: Clients) -> None:
    http, _ = await clients.with_key(rate_limit="1/hour")
    for _ in range(3):
        assert (await http.get("/healthz")).status_code == 200
    assert left(await http.get(PATH)) == (1, 0)
