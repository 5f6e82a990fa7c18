"""Schemathesis over the dialect, in the repository of Laserfiche's examples."""

from pathlib import Path

from deploy.local.stack import Stack
from services.ingress import openapi
from tests.ingress.laserfiche.entries import numbered
from tests.ingress.witness import run as witness
from tests.support.bus import Outsider
from tests.support.workspace import Workspace, http_client, make_key

REPOSITORY = "r-abc123"
DOCUMENT = openapi.documents()["openapi-laserfiche.json"]


async def test_schemathesis_finds_nothing(
    stack: Stack, outsider: Outsider, other_workspace: Workspace, tmp_path: Path
) -> None:
    key, key_id = await make_key(outsider, REPOSITORY)
    async with http_client(stack.url, key) as http:
        await numbered(Workspace(REPOSITORY, key, key_id, http), {15: "EmailAttachment"})
    keys = {"one": key, "other": other_workspace.key}
    await witness.check(f"{stack.url}/repository/v1/openapi.json", DOCUMENT, keys, tmp_path)
