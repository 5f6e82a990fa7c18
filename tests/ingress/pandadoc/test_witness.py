"""The OpenAPI document of the dialect is true of the running system."""

from pathlib import Path

import httpx

from deploy.local.stack import Stack
from services.ingress import openapi
from services.ingress.pandadoc.linked_objects import EXAMPLE_ULID
from tests.ingress.pandadoc.crm import DEAL, Crm
from tests.ingress.witness import run as witness
from tests.support.bus import Outsider
from tests.support.workspace import PDF, Workspace

DOCUMENT = openapi.documents()["openapi-pandadoc.json"]


async def test_the_running_system_serves_this_document(stack: Stack) -> None:
    async with httpx.AsyncClient(base_url=stack.url, trust_env=False) as http:
        assert (await http.get("/public/v1/openapi.json")).json() == DOCUMENT
        page = await http.get("/public/v1/docs")
    assert "/public/v1/openapi.json" in page.text


async def test_schemathesis_finds_nothing(
    stack: Stack,
    crm: Crm,
    other_workspace: Workspace,
    outsider: Outsider,
    tmp_path: Path,
) -> None:
    other = Crm(other_workspace)
    await other.connect()
    await other.put()
    for workspace in (crm.workspace, other_workspace):
        await _prepare(outsider, workspace)
    keys = {"one": crm.workspace.key, "other": other_workspace.key}
    await witness.check(f"{stack.url}/public/v1/openapi.json", DOCUMENT, keys, tmp_path)
    linked = [link for each in (crm, other) for link in await each.links_of(f"doc_{EXAMPLE_ULID}")]
    assert "pipedrive" in {link["provider"] for link in linked}


async def _prepare(outsider: Outsider, workspace: Workspace) -> None:
    """The document and the link that the examples name."""
    named = workspace.command(command_id=f"cmd_{EXAMPLE_ULID}")
    path = f"workspaces/{workspace.id}/documents/example.pdf"
    made = await outsider.ask("document.register", named | PDF | {"storage_path": path})
    document = made["result"]["document"]["id"]
    crm = Crm(workspace)
    await crm.connect("hubspot")
    await crm.put(provider="hubspot")
    wish = named | DEAL | {"provider": "hubspot", "kind": "crm", "document_id": document}
    assert "result" in await outsider.ask("link.create", wish)
