"""A defect of ours: 500 in the usual shape, and nothing else stops for it."""

from collections.abc import AsyncIterator

import pymongo
import pytest

from deploy.local.stack import Stack
from tests.ingress.answers import refused
from tests.ingress.clients import Clients
from tests.support.bus import Outsider
from tests.support.dead import dead
from tests.support.workspace import Workspace


def damage(stack: Stack, collection: str, record_id: str) -> None:
    """Take from a record of the registry what it cannot do without."""
    with pymongo.MongoClient[dict[str, str]](stack.infrastructure.urls.mongo) as client:
        records = client["doclink_registry"][collection]
        assert records.update_one({"id": record_id}, {"$unset": {"name": ""}}).modified_count == 1


@pytest.fixture(autouse=True)
async def _parked(outsider: Outsider) -> AsyncIterator[None]:
    """What the defects leave in the dead queue is taken off it again."""
    before = {message.message_id for message in await dead(outsider, "registry")}
    yield
    for message in await dead(outsider, "registry"):
        if message.message_id and message.message_id not in before:
            await outsider.parked("registry", message.message_id)


async def test_a_document_that_cannot_be_read(workspace: Workspace, stack: Stack) -> None:
    document, other = await workspace.document(), await workspace.document()
    damage(stack, "documents", document)
    answer = await workspace.http.get(f"/v1/documents/{document}")
    refused(answer, 500, "internal_error")
    assert (await workspace.http.get(f"/v1/documents/{other}")).status_code == 200


async def test_a_key_that_cannot_be_read(
    workspace: Workspace, clients: Clients, stack: Stack
) -> None:
    http, key_id = await clients.with_key()
    damage(stack, "api_keys", key_id)
    refused(await http.get("/v1/documents/doc_01HY1"), 500, "internal_error")
    refused(await workspace.http.get("/v1/documents/doc_01HY1"), 404, "not_found")
