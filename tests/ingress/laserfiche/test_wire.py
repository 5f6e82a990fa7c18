"""What Laserfiche's clients send, byte for byte: paths, escapes and headers as they were seen."""

from urllib.parse import urlsplit

import httpx
import pytest

from deploy.local.stack import Stack
from tests.ingress.answers import accepted
from tests.ingress.laserfiche.entries import entries, entries_of, entry, linked
from tests.support.workspace import Workspace, http_client

GET = {"Accept": "application/json", "Accept-Encoding": "gzip"}
PUT = {**GET, "Content-Type": "application/json"}


@pytest.fixture
async def source(workspace: Workspace) -> int:
    """An entry with five links."""
    source = await entry(workspace)
    await linked(workspace, source, *await entries(workspace, 5))
    return source


async def test_the_same_put_twice_is_as_once(workspace: Workspace, source: int) -> None:
    url = f"{entries_of(workspace)}/{source}/links"
    first, second = await entries(workspace, 2)
    body = (
        f'[{{"targetId":{first},"linkTypeId":1}},'
        f'{{"targetId":{second},"linkTypeId":2,"customProperties":{{"page":"7"}}}}]'
    )
    once = accepted(await workspace.http.put(url, content=body, headers=PUT), 200)
    twice = accepted(await workspace.http.put(url, content=body, headers=PUT), 200)
    assert twice == once
    assert once["value"][1]["linkProperties"] == {"page": "7"}


async def test_options_with_a_bare_dollar_and_escaped_values(
    workspace: Workspace, source: int
) -> None:
    query = "$select=linkId%2CtargetId&$orderby=linkId%20desc&$top=4&$skip=1&$count=true"
    url = f"{entries_of(workspace)}/{source}/links?{query}"
    body = accepted(await workspace.http.get(url, headers=GET | {"Prefer": "maxpagesize=3"}), 200)
    numbers = [link["linkId"] for link in body["value"]]
    assert len(numbers) == 3
    assert numbers == sorted(numbers, reverse=True)
    assert {tuple(link) for link in body["value"]} == {("linkId", "targetId")}
    assert body["@odata.count"] == 5
    following = body["@odata.nextLink"]
    assert urlsplit(following).netloc == urlsplit(str(workspace.http.base_url)).netloc

    # Next links come without the page size, in an empty header.
    rest = accepted(await workspace.http.get(following, headers=GET | {"Prefer": ""}), 200)
    assert [link["linkId"] for link in rest["value"]] == [numbers[-1] - 1]
    assert "@odata.nextLink" not in rest


@pytest.mark.parametrize(
    ("prefer", "size"),
    [("odata.maxpagesize=2", 2), ("maxpagesize=2", 2), ("", 5), ("maxpagesize=0", 5)],
)
async def test_page_sizes_in_either_spelling(
    workspace: Workspace, source: int, prefer: str, size: int
) -> None:
    url = f"{entries_of(workspace)}/{source}/links"
    body = accepted(await workspace.http.get(url, headers=GET | {"Prefer": prefer}), 200)
    assert len(body["value"]) == size
    assert ("@odata.nextLink" in body) == (size < 5)


@pytest.mark.parametrize("path", ["links", "Links"])
@pytest.mark.parametrize("base", ["/repository", "/LFRepositoryAPI"])
async def test_both_bases_and_both_spellings(
    workspace: Workspace, source: int, base: str, path: str
) -> None:
    url = f"{base}/v1/Repositories/{workspace.id}/Entries/{source}/{path}"
    assert len(accepted(await workspace.http.get(url, headers=GET), 200)["value"]) == 5
    assert accepted(await workspace.http.put(url, content="[]", headers=PUT), 200) == {"value": []}


async def login(http: httpx.AsyncClient, repository: str, **form: str) -> httpx.Response:
    url = f"/LFRepositoryAPI/v1/Repositories/{repository}/Token"
    return await http.post(url, data={"grant_type": "password", **form})


async def test_login_gets_a_token_that_works(stack: Stack, workspace: Workspace) -> None:
    async with http_client(stack.url) as http:
        answer = await login(http, workspace.id, username="test", password=workspace.key)
        assert answer.status_code == 200, answer.text
        token = answer.json()
    assert token["token_type"] == "bearer"
    assert token["expires_in"] == 900
    async with http_client(stack.url, token["access_token"]) as http:
        repositories = accepted(await http.get("/repository/v1/Repositories"), 200)
    assert [each["repoId"] for each in repositories] == [workspace.id]


@pytest.mark.parametrize("wrong", ["username", "password", "repository"])
async def test_login_needs_repository_name_and_key(
    stack: Stack, workspace: Workspace, other_workspace: Workspace, wrong: str
) -> None:
    form = {"username": "test", "password": workspace.key}
    repository = other_workspace.id if wrong == "repository" else workspace.id
    if wrong in form:
        form[wrong] += "x"
    async with http_client(stack.url) as http:
        answer = await login(http, repository, **form)
    assert answer.status_code == 401
    assert answer.json()["errorCode"] == 9010


@pytest.mark.parametrize("missing", ["grant_type", "username", "password"])
async def test_login_with_half_a_form_is_400(stack: Stack, missing: str) -> None:
    form = {"grant_type": "password", "username": "a", "password": "b"}
    del form[missing]
    async with http_client(stack.url) as http:
        answer = await http.post("/repository/v1/Repositories/r-abc123/Token", data=form)
    assert answer.status_code == 400
    assert answer.json()["title"] == f"{missing}: is required"
