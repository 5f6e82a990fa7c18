"""Laserfiche's own JavaScript client, with nothing changed but base URL, user and password."""

import asyncio
import json
from typing import Any

import pytest

from deploy.local.stack import Stack
from tests import node_modules
from tests.ingress.laserfiche.entries import entries, entry
from tests.support.bus import Outsider
from tests.support.workspace import Workspace, make_key, new_workspace

USER = "A program of ours"
COUNT = 7


@pytest.fixture(scope="module")
async def workspace_once(stack: Stack, outsider: Outsider) -> Any:
    """A workspace that the client has been let loose on, once for the whole module."""
    async with new_workspace(outsider, stack.url) as made:
        yield made


@pytest.fixture(scope="module")
async def source(workspace_once: Workspace) -> int:
    return await entry(workspace_once, name="Agenda.pdf", folder="/clients/acme")


@pytest.fixture(scope="module")
async def targets(workspace_once: Workspace) -> list[int]:
    return await entries(workspace_once, COUNT)


@pytest.fixture(scope="module")
async def said(
    stack: Stack, outsider: Outsider, workspace_once: Workspace, source: int, targets: list[int]
) -> dict[str, Any]:
    """What the client was told, call by call."""
    key, _ = await make_key(outsider, workspace_once.id, name=USER)
    told = {
        "url": stack.url,
        "repoId": workspace_once.id,
        "user": USER,
        "key": key,
        "source": source,
        "targets": targets,
    }
    ran = await asyncio.to_thread(node_modules.run, "laserfiche.mjs", json.dumps(told))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    heard: dict[str, Any] = json.loads(ran.stdout)
    return heard


async def test_it_is_the_client_of_the_v1_api(said: dict[str, Any]) -> None:
    assert said["version"] == "1.1.12"


async def test_it_finds_its_repository(said: dict[str, Any], workspace_once: Workspace) -> None:
    assert [each["repoId"] for each in said["repositories"]] == [workspace_once.id]


async def test_it_reads_the_link_definitions(said: dict[str, Any]) -> None:
    message, superseding = said["definitions"]["value"]
    assert message == {
        "linkTypeId": 1,
        "sourceLabel": "Message",
        "targetLabel": "Attachment",
        "linkTypeDescription": "",
    }
    assert superseding == said["definition"]
    assert superseding["sourceLabel"] == "Supersedes"
    assert said["definitions"]["@odata.count"] == 2
    assert said["definitionPages"] == [1, 2]


async def test_it_reads_entries_as_their_classes(said: dict[str, Any], source: int) -> None:
    entry = said["entry"]
    assert (entry["class"], entry["id"], entry["name"]) == ("Document", source, "Agenda.pdf")
    assert entry["fullPath"] == r"\clients\acme\Agenda.pdf"
    assert said["root"]["class"] == "Folder"
    assert {name for name, value in said["root"].items() if value is not None} == {
        *("class", "name", "entryType", "_discriminator")
    }


async def test_it_assigns_links_and_again_changes_nothing(
    said: dict[str, Any], source: int, targets: list[int]
) -> None:
    links = said["assigned"]
    assert [link["targetId"] for link in links] == targets
    assert {link["sourceId"] for link in links} == {source}
    assert [link["linkProperties"] for link in links] == [{"page": str(t)} for t in targets]
    assert said["again"] == links


async def test_it_walks_all_pages(said: dict[str, Any], targets: list[int]) -> None:
    pages = said["pages"]
    assert [len(page["value"]) for page in pages] == [3, 3, 1]
    assert [link["targetId"] for page in pages for link in page["value"]] == targets[::-1]
    assert {page["@odata.count"] for page in pages} == {COUNT}
    assert {tuple(link) for page in pages for link in page["value"]} == {("linkId", "targetId")}
    assert [len(numbers) for numbers in said["walked"]] == [2, 2, 2, 1]
    assert [number for numbers in said["walked"] for number in numbers] == targets[::-1]


@pytest.mark.parametrize(
    ("call", "status", "message"),
    [
        ("noEntry", 404, "Entry 999999 does not exist"),
        ("noRepository", 404, "The repository does not exist"),
        ("noTarget", 404, "[1].targetId: 999999 does not exist"),
        ("noType", 400, "[1].linkTypeId: "),
        ("noProperty", 400, "$select: 'color' is not a property"),
        ("noLogin", 401, "Invalid repository, user name or password"),
    ],
)
async def test_it_raises_what_went_wrong(
    said: dict[str, Any], call: str, status: int, message: str
) -> None:
    refusal = said["refusals"][call]
    assert refusal["status"] == status
    assert refusal["message"].startswith(message)
    details = refusal["details"]
    given = (
        *("type", "title", "status", "instance", "operationId", "errorSource", "traceId"),
        "errorCode",
    )
    assert all(details[name] for name in given)


async def test_its_refused_calls_change_nothing_and_an_empty_set_clears(
    said: dict[str, Any],
) -> None:
    assert said["kept"] == COUNT
    assert said["cleared"] == []
