"""PandaDoc's own client drives this dialect; host and key are all that it is told."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
from pandadoc_client import ApiClient, ApiException, Configuration
from pandadoc_client.api.documents_api import DocumentsApi
from pandadoc_client.exceptions import (
    ForbiddenException,
    NotFoundException,
    ServiceException,
    UnauthorizedException,
)
from pandadoc_client.model.linked_object_create_request import LinkedObjectCreateRequest

from deploy.local.infrastructure import AMQP_URL
from deploy.local.ports import LOOPBACK, free_port
from deploy.local.processes import ServiceProcess
from deploy.local.stack import Stack
from tests.ingress.answers import is_id
from tests.ingress.pandadoc.crm import DEAL, Crm
from tests.support.bus import Outsider
from tests.support.waiting import until
from tests.support.workspace import http_client, make_key

Answer = TypeVar("Answer")


class Client:
    """The official client, its calls in a thread of their own."""

    def __init__(self, host: str, key: str, *, bearer: bool = False) -> None:
        if bearer:
            configuration = Configuration(host=host, access_token=key)
        else:
            configuration = Configuration(host=host, api_key={"apiKey": key})
            configuration.api_key_prefix["apiKey"] = "API-Key"
        self._documents = DocumentsApi(ApiClient(configuration))

    async def create(self, document: str, **fields: str) -> Any:
        wish = LinkedObjectCreateRequest(**(DEAL | fields))
        return await self._call(lambda api: api.create_linked_object(document, wish))

    async def list(self, document: str) -> Any:
        return await self._call(lambda api: api.list_linked_objects(document))

    async def delete(self, document: str, link: str) -> Any:
        return await self._call(lambda api: api.delete_linked_object(document, link))

    async def _call(self, call: Callable[[DocumentsApi], Answer]) -> Answer:
        return await asyncio.to_thread(call, self._documents)


@pytest.fixture
def client(stack: Stack, crm: Crm) -> Client:
    return Client(stack.url, crm.workspace.key)


def told(error: pytest.ExceptionInfo[ApiException]) -> Any:
    return json.loads(error.value.body)


@pytest.mark.parametrize("bearer", [False, True], ids=["api_key", "bearer"])
async def test_it_creates_lists_and_deletes(stack: Stack, crm: Crm, *, bearer: bool) -> None:
    client = Client(stack.url, crm.workspace.key, bearer=bearer)
    await crm.put("9372", parent="134")
    document = await crm.workspace.document()
    made = await client.create(document)
    assert is_id(made.id, "dlnk")
    assert (made.provider, made["entity_type"], made["entity_id"]) == tuple(DEAL.values())
    [child] = made["children"]
    assert (child["entity_type"], child["entity_id"]) == ("deal", "9372")
    [listed] = (await client.list(document)).linked_objects
    assert (listed.id, listed["entity_id"], listed["children"]) == (made.id, "134", [child])
    await client.delete(document, made.id)
    assert (await client.list(document)).linked_objects == []


async def test_400(client: Client, crm: Crm) -> None:
    document = await crm.workspace.document()
    made = await client.create(document)
    with pytest.raises(ApiException) as again:
        await client.create(document)
    with pytest.raises(ApiException) as nobody:
        await client.create(document, provider="nobody-crm")
    with pytest.raises(ApiException) as nothing:
        await client.create(document, entity_id="135")
    for error in (again, nobody, nothing):
        assert type(error.value) is ApiException
        assert error.value.status == 400
        assert told(error)["type"] == "request_error"
    assert made.id in told(again)["detail"]["provider"][0]
    assert "nobody-crm" in told(nobody)["detail"]["provider"][0]
    assert told(nothing)["detail"].keys() == {"entity_id"}


async def test_401(stack: Stack, crm: Crm) -> None:
    with pytest.raises(UnauthorizedException) as error:
        await Client(stack.url, crm.workspace.key + "x").list("doc_1")
    assert told(error) == {
        "type": "authentication_error",
        "detail": "Authentication credentials were not provided.",
    }


async def test_403(stack: Stack, crm: Crm, outsider: Outsider) -> None:
    key, _ = await make_key(outsider, crm.workspace.id, ["read:documents"])
    document = await crm.workspace.document()
    client = Client(stack.url, key)
    with pytest.raises(ForbiddenException) as error:
        await client.create(document)
    assert told(error) == {
        "type": "permission_error",
        "detail": "You do not have permission to perform this action.",
        "info_message": "Missing `write:documents` permission",
    }
    assert (await client.list(document)).linked_objects == []


async def test_404(client: Client, crm: Crm) -> None:
    document = await crm.workspace.document()
    for call in (
        client.create("doc_none"),
        client.list("doc_none"),
        client.delete(document, "dlnk_none"),
        client.delete("doc_none", (await client.create(document)).id),
    ):
        with pytest.raises(NotFoundException) as error:
            await call
        assert told(error) == {"type": "request_error", "detail": "Not found"}


async def test_429(stack: Stack, crm: Crm, outsider: Outsider) -> None:
    """By a POST: the client waits for as long as Retry-After says, and sends all others again."""
    key, _ = await make_key(outsider, crm.workspace.id, rate_limit="1/hour")
    client, document = Client(stack.url, key), await crm.workspace.document()
    await client.list(document)
    with pytest.raises(ApiException) as error:
        await client.create(document)
    assert error.value.status == 429
    assert int(error.value.headers["Retry-After"]) > 0
    assert error.value.headers["X-RateLimit-Remaining"] == "0"
    assert told(error) == {"type": "throttled", "detail": "Request was throttled."}


async def test_5xx(stack: Stack, crm: Crm, tmp_path: Path) -> None:
    """An ingress that finds no broker; by a POST, as for 429."""
    process = ServiceProcess(
        "ingress",
        stack.infrastructure.urls,
        log=tmp_path / "ingress.log",
        http_port=free_port(),
        env={AMQP_URL: f"amqp://{LOOPBACK}:{free_port()}/"},
    )
    url = f"http://{LOOPBACK}:{process.http_port}"
    process.start()
    try:
        await until(lambda: _lives(url))
        with pytest.raises(ServiceException) as error:
            await Client(url, crm.workspace.key).create("doc_1")
    finally:
        process.kill()
    assert error.value.status == 503
    assert error.value.headers["Retry-After"] == "1"
    assert told(error)["type"] == "server_error"


async def _lives(url: str) -> bool:
    async with http_client(url) as http:
        try:
            return (await http.get("/healthz")).is_success
        except httpx.TransportError:
            return False
