"""The example of docs/dialects.md beside the other dialects: one file, and no service touched."""

import asyncio
import importlib.util
from collections.abc import AsyncIterator

import httpx
import pytest
import uvicorn

from deploy.local.ports import LOOPBACK, free_port
from deploy.local.processes import ROOT
from deploy.local.stack import Stack
from services.ingress.app import DIALECTS, build
from services.ingress.dialect import Dialect
from services.ingress.settings import IngressSettings
from tests.support.readiness import until_up
from tests.support.workspace import Workspace


def _shelf() -> Dialect:
    place = ROOT / "docs" / "examples" / "shelf.py"
    spec = importlib.util.spec_from_file_location("shelf", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    made: Dialect = module.dialect()
    return made


@pytest.fixture
async def shelf(stack: Stack, workspace: Workspace) -> AsyncIterator[httpx.AsyncClient]:
    """A client of Shelf, with a key."""
    settings = IngressSettings.model_validate({"amqp_url": stack.infrastructure.urls.amqp})
    app = build(settings, (*DIALECTS, _shelf()))
    config = uvicorn.Config(app, host=LOOPBACK, port=free_port(), log_config=None)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    url = f"http://{LOOPBACK}:{config.port}"
    await until_up(url)
    headers = {"Authorization": f"Token {workspace.key}"}
    async with httpx.AsyncClient(base_url=url, headers=headers, trust_env=False) as client:
        yield client
    server.should_exit = True
    await serving


async def test_what_is_linked_by_one_dialect_is_seen_by_another(
    shelf: httpx.AsyncClient, workspace: Workspace
) -> None:
    document, contact = await workspace.document(), await workspace.entity()
    path, body = f"/shelf/files/{document}/sticker", {"person": contact, "why": "author"}
    first, again = [await shelf.put(path, json=body) for _ in range(2)]
    assert first.json()["is_new"] is True
    assert again.json() == {"sticker": first.json()["sticker"], "is_new": False}
    [listed] = (await workspace.listed(contact))["data"]["documents"]
    assert (listed["id"], listed["role"]) == (document, "author")
    assert (await shelf.get(f"/shelf/people/{contact}/files")).json() == [document]


async def test_every_error_is_told_in_the_dialects_own_shape(
    shelf: httpx.AsyncClient, workspace: Workspace
) -> None:
    contact = await workspace.entity()
    path, no_key = "/shelf/files/doc_none/sticker", {"Authorization": f"Bearer {workspace.key}"}
    answers = [
        await shelf.put(path, json={"person": contact}, headers=no_key),
        await shelf.put(path, json={"person": contact}),
        await shelf.put(path, json={"person": "a/b"}),
        await shelf.put(path, content=b"{"),
        await shelf.get(path),
        await shelf.get("/shelf/nowhere"),
    ]
    assert [each.status_code for each in answers] == [401, 404, 400, 400, 405, 404]
    assert all(each.json().keys() == {"oops"} for each in answers)
    assert "person: must be" in answers[2].json()["oops"]


async def test_it_describes_itself(shelf: httpx.AsyncClient) -> None:
    document = (await shelf.get("/shelf/openapi.json", headers={"Authorization": ""})).json()
    assert document["paths"].keys() == {
        "/shelf/files/{file}/sticker",
        "/shelf/people/{person}/files",
    }
