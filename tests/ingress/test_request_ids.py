"""Request ids: the caller's own comes back, else a new one, on every answer there is."""

import httpx
import pytest

from tests.ingress.answers import REQUEST_ID
from tests.ingress.clients import Clients
from tests.ingress.endpoints import ENDPOINTS, Endpoint, Things
from tests.support.workspace import Workspace

BIG = b"x" * 2_000_000


async def answers_of_all_kinds(
    workspace: Workspace, clients: Clients, **headers: str
) -> dict[str, httpx.Response]:
    """Answers of all statuses there are, to requests with these headers."""
    http, bare = workspace.http, await clients.bare()
    blind, _ = await clients.with_key(["write:entities"])
    spent, _ = await clients.with_key(rate_limit="1/hour")
    await spent.get("/v1/documents/x")
    return {
        "health": await bare.get("/healthz", headers=headers),
        "docs": await bare.get("/docs", headers=headers),
        "400": await http.post("/v1/documents", content=b"{", headers=headers),
        "401": await bare.get("/v1/documents/x", headers=headers),
        "403": await blind.get("/v1/documents/x", headers=headers),
        "404 record": await http.get("/v1/documents/x", headers=headers),
        "404 path": await http.get("/v1/nothing", headers=headers),
        "404 outside": await bare.get("/nothing", headers=headers),
        "405": await http.put("/v1/documents", headers=headers),
        "413": await http.post("/v1/documents", content=BIG, headers=headers),
        "429": await spent.get("/v1/documents/x", headers=headers),
    }


async def test_a_new_id_on_every_answer(workspace: Workspace, clients: Clients) -> None:
    answers = await answers_of_all_kinds(workspace, clients)
    ids = {name: answer.headers["x-request-id"] for name, answer in answers.items()}
    assert {name: id_ for name, id_ in ids.items() if not REQUEST_ID.fullmatch(id_)} == {}
    assert len(set(ids.values())) == len(ids)


async def test_the_callers_own_id_on_every_answer(workspace: Workspace, clients: Clients) -> None:
    own = {"X-Request-ID": "my-request/1"}
    answers = await answers_of_all_kinds(workspace, clients, **own)
    ids = {name: answer.headers.get_list("x-request-id") for name, answer in answers.items()}
    assert {name: given for name, given in ids.items() if given != ["my-request/1"]} == {}


@pytest.mark.parametrize("endpoint", ENDPOINTS.values(), ids=ENDPOINTS)
async def test_the_callers_own_id_on_success(endpoint: Endpoint, workspace: Workspace) -> None:
    things = await Things.of(workspace)
    answer = await endpoint.call(workspace.http, things, X_Request_ID="req_01HY1")
    assert answer.status_code == endpoint.status
    assert answer.headers.get_list("x-request-id") == ["req_01HY1"]


@pytest.mark.parametrize(
    "given",
    [
        *("a", "A.b_c-d:e@f+g=h/i", "0b7e1d8e-3c0b-4b43-9d0c-5a9a4a8f6a11", "x" * 128),
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    ],
)
async def test_a_safe_id_is_echoed(caller: httpx.AsyncClient, given: str) -> None:
    answer = await caller.get("/healthz", headers={"X-Request-ID": given})
    assert answer.headers["x-request-id"] == given


@pytest.mark.parametrize(
    "given",
    [
        *(b"", b"x" * 129, b"a b", b"a\tb", b"<script>", b"a;b", b"a,b", b'{"a":1}', b"%0d%0aX: y"),
        *("naïve".encode(), "naïve".encode("latin-1"), "日本".encode(), b"\xff\xfe", b"${jndi:x}"),
    ],
)
async def test_an_unsafe_id_is_replaced(caller: httpx.AsyncClient, given: bytes) -> None:
    answer = await caller.get("/healthz", headers={b"X-Request-ID": given})
    assert answer.status_code == 200
    assert REQUEST_ID.fullmatch(answer.headers["x-request-id"])
