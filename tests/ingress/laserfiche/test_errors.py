"""The errors that Laserfiche documents, and those that its callers can meet besides."""

from typing import Any
from urllib.parse import unquote

import pytest

from contracts.errors import ErrorCode
from services.ingress.laserfiche.errors import TABLE
from tests.ingress.clients import LONG_AGO, Clients
from tests.ingress.laserfiche.entries import entries_of
from tests.ingress.laserfiche.problems import problem
from tests.support.workspace import Workspace

READS = ["Entries/1", "Entries/1/links", "LinkDefinitions", "LinkDefinitions/1"]


def url(workspace: Workspace, path: str) -> str:
    return f"/repository/v1/Repositories/{workspace.id}/{path}"


def test_every_reason_has_a_status_and_a_number_of_its_own() -> None:
    assert TABLE.keys() == set(ErrorCode)
    assert len({number for _, number in TABLE.values()}) == len(ErrorCode)


@pytest.mark.parametrize("key", ["missing", "unknown", "expired"])
async def test_401(workspace: Workspace, clients: Clients, key: str) -> None:
    http = await clients.bare()
    if key == "unknown":
        http = await clients.bare(Authorization="Bearer wbk_your_api_key_here")
    if key == "expired":
        http, _ = await clients.with_key(expires_at=LONG_AGO)
    answer = await http.get(url(workspace, "Entries/1/links"))
    problem(answer, 401)
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("path", READS)
async def test_403_for_reading(workspace: Workspace, clients: Clients, path: str) -> None:
    http, _ = await clients.with_key(["write:documents"])
    said = problem(await http.get(url(workspace, path)), 403)
    assert said["title"] == "Missing `read:documents` permission"


async def test_403_for_writing(workspace: Workspace, clients: Clients) -> None:
    http, _ = await clients.with_key(["read:documents"])
    problem(await http.put(url(workspace, "Entries/1/links"), json=[]), 403)
    body = {"sourceLabel": "a", "targetLabel": "b"}
    problem(await http.post(url(workspace, "LinkDefinitions"), json=body), 403)


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("Entries/4711", "Entry 4711 does not exist"),
        ("Entries/4711/links", "Entry 4711 does not exist"),
        ("LinkDefinitions/4711", "Link definition 4711 does not exist"),
        ("Entries", "Not Found"),
        ("Entries/1/links/1", "Not Found"),
    ],
)
async def test_404(workspace: Workspace, path: str, title: str) -> None:
    said = problem(await workspace.http.get(url(workspace, path)), 404)
    assert said["title"] == title
    assert said["instance"] == url(workspace, path)
    assert said["errorCode"] == 9013


async def test_404_for_a_source_that_does_not_exist(workspace: Workspace) -> None:
    answer = await workspace.http.put(url(workspace, "Entries/4711/links"), json=[])
    assert problem(answer, 404)["title"] == "Entry 4711 does not exist"


@pytest.mark.parametrize("path", READS)
async def test_404_for_the_repository_of_somebody_else(
    workspace: Workspace, other_workspace: Workspace, path: str
) -> None:
    answer = await workspace.http.get(url(other_workspace, path))
    assert problem(answer, 404)["title"] == "The repository does not exist"


async def test_405_tells_what_is_allowed(workspace: Workspace) -> None:
    answer = await workspace.http.post(url(workspace, "Entries/1/links"), json=[])
    problem(answer, 405)
    assert answer.headers["allow"] == "GET, PUT"


async def test_413(workspace: Workspace) -> None:
    big = b"[" + b" " * (1024 * 1024) + b"]"
    problem(await workspace.http.put(url(workspace, "Entries/1/links"), content=big), 413)


async def test_429(workspace: Workspace, clients: Clients) -> None:
    http, _ = await clients.with_key(rate_limit="1/hour")
    await http.get(url(workspace, "Entries/1"))
    answer = await http.get(url(workspace, "Entries/1"))
    problem(answer, 429)
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize(
    ("query", "option"),
    [
        ({"$select": "linkid"}, "$select"),
        ({"$orderby": "linkProperties"}, "$orderby"),
        ({"$orderby": "linkId,linkId,linkId,linkId,linkId,linkId"}, "$orderby"),
        ({"$top": "-1"}, "$top"),
        ({"$top": "2147483648"}, "$top"),
        ({"$skip": "x"}, "$skip"),
        ({"$skip": ""}, "$skip"),
        ({"$count": "yes"}, "$count"),
        ({"$skiptoken": "abc"}, "$skiptoken"),
        ({"$filter": "linkId eq 1"}, "$filter"),
        ({"$top": ["1", "2"]}, "$top"),
    ],
)
async def test_400_names_the_option(
    workspace: Workspace, query: dict[str, Any], option: str
) -> None:
    for path in ("Entries/1/links", "LinkDefinitions"):
        said = problem(await workspace.http.get(url(workspace, path), params=query), 400)
        assert said["title"].startswith(f"{option}: ")


@pytest.mark.parametrize("entry_id", ["0", "-1", "2147483648", "1.0", "abc", "٣", "1_0"])
async def test_400_for_what_is_no_number(workspace: Workspace, entry_id: str) -> None:
    answer = await workspace.http.get(f"{entries_of(workspace)}/{entry_id}")
    assert problem(answer, 400)["title"].startswith("entryId: ")


@pytest.mark.parametrize(
    "content", [r'[{"\ud800": 1}]', r'[{"x\u0000": 1}]', '[{"é\U0001f600": 1}]', "[" * 5000]
)
async def test_400_for_odd_text(workspace: Workspace, content: str) -> None:
    answer = await workspace.http.put(
        url(workspace, "Entries/1/links"),
        content=content.encode(),
        headers={"Content-Type": "application/json"},
    )
    problem(answer, 400)


async def test_clients_find_the_title_in_a_header(workspace: Workspace) -> None:
    """They look there where their description lacks the status."""
    answer = await workspace.http.delete(f"{entries_of(workspace)}/1")
    title = problem(answer, 405)["title"]
    assert title == unquote(answer.headers["x-apiserver-error"]) == "Method Not Allowed"
