"""Queues at their limit, and more callers than a process has room for.

The limits of the topology are made small by policies: of policy and argument, the smaller counts.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from aio_pika.exceptions import DeliveryError
from ulid import ULID

from contracts.topology import QUERIES, command_queue, event_queue, query_queue
from deploy.local.infrastructure import Infrastructure
from deploy.local.processes import ServiceProcess
from deploy.local.rabbitmq import RabbitMQ
from deploy.local.stack import Stack
from tests.ingress.answers import refused
from tests.ingress.laserfiche.entries import entries, entries_of
from tests.ingress.pandadoc.crm import DEAL, Crm, linked_objects
from tests.support.bus import Outsider
from tests.support.ingress import one_more_ingress
from tests.support.operations import NO_WAIT, location_of, outcome
from tests.support.queues import waiting
from tests.support.readiness import until_ready
from tests.support.records import stored
from tests.support.waiting import until
from tests.support.workspace import PDF, Workspace, http_client

LIMIT = 5
LATE = 3


@pytest.fixture(scope="module")
def own_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DOCLINK_CONTAINERS", "off")  # it is told by rabbitmqctl
        # Nobody waits that long: what is answered is answered at once.
        env = {"DOCLINK_DEADLINE": "120"}
        with Stack(Infrastructure(tmp_path_factory.mktemp("own")), env=env) as running:
            yield running


@pytest.fixture
def links(own_stack: Stack) -> ServiceProcess:
    [process] = own_stack.named("links")
    return process


@asynccontextmanager
async def _limited(stack: Stack, queue: str, links: ServiceProcess) -> AsyncIterator[None]:
    """A queue of the link service with a small limit; the service is back at the end."""
    broker = stack.infrastructure.broker
    assert isinstance(broker, RabbitMQ)
    pattern, limit = f"^{queue}$".replace(".", r"\."), json.dumps({"max-length": LIMIT})
    policy = ("set_policy", "small", pattern, limit, "--apply-to", "queues")
    await asyncio.to_thread(broker.control, *policy)
    assert links.terminate() == 0
    try:
        yield
    finally:
        links.start()
        await until_ready(stack.url)
        await asyncio.to_thread(broker.control, "clear_policy", "small")


def _told_to_come_back(answer: httpx.Response) -> None:
    assert answer.status_code == 503, answer.text
    assert int(answer.headers["retry-after"]) > 0


async def test_a_full_command_queue_is_503_in_every_dialect_and_what_was_accepted_is_done(
    own_stack: Stack, own_workspace: Workspace, own_outsider: Outsider, links: ServiceProcess
) -> None:
    crm, http = Crm(own_workspace), own_workspace.http
    await crm.connect()
    await crm.put()
    document = await own_workspace.document()
    source, target = await entries(own_workspace, 2)
    contacts = [await own_workspace.entity() for _ in range(4 * LIMIT)]
    accepted: dict[str, str] = {}
    async with _limited(own_stack, command_queue("links"), links):
        for contact in contacts:
            body = {"entity_type": "contact", "entity_id": contact}
            path = f"/v1/documents/{document}/link"
            answer = await http.post(path, json=body, headers=NO_WAIT)
            if answer.status_code != 202:
                break
            accepted[contact] = location_of(answer)
        refused(answer, 503, "unavailable")
        _told_to_come_back(answer)
        answer = await http.post(linked_objects(document), json=DEAL, headers=NO_WAIT)
        _told_to_come_back(answer)
        assert answer.json().keys() == {"type", "detail"}
        path = f"{entries_of(own_workspace)}/{source}/links"
        answer = await http.put(path, json=[{"targetId": target, "linkTypeId": 1}], headers=NO_WAIT)
        _told_to_come_back(answer)
        assert answer.json()["status"] == 503
        with pytest.raises(DeliveryError):
            await own_outsider.publish("link.create", own_workspace.command())
    for operation in accepted.values():
        assert (await outcome(http, operation))["status"] == "done"
    made = stored(own_stack, "links", "links", workspace_id=own_workspace.id)
    assert sorted(link["entity_id"] for link in made) == sorted(accepted)
    assert LIMIT <= len(accepted) < len(contacts)


async def test_a_full_query_queue_is_503_at_once(
    own_stack: Stack,
    own_workspace: Workspace,
    own_outsider: Outsider,
    links: ServiceProcess,
) -> None:
    contact = await own_workspace.entity()
    async with _limited(own_stack, query_queue("links"), links):
        for _ in range(4 * LIMIT):
            try:
                # As the ingress asks, but for longer than it would wait.
                body = own_workspace.command()
                await own_outsider.publish("links.health", body, exchange=QUERIES, expiration=60)
            except DeliveryError:
                break
        else:
            pytest.fail("it is never full")
        answer = await own_workspace.http.get(f"/v1/contacts/{contact}/documents")
        refused(answer, 503, "unavailable")
        _told_to_come_back(answer)
    assert (await own_workspace.listed(contact))["meta"]["total"] == 0


async def test_when_a_dead_consumers_event_queue_is_full_its_publisher_waits_and_loses_nothing(
    own_stack: Stack,
    own_workspace: Workspace,
    own_outsider: Outsider,
    links: ServiceProcess,
    tmp_path: Path,
) -> None:
    paths = [own_workspace.path(f"{ULID()}.pdf") for _ in range(4 * LIMIT)]
    sent: list[str] = []
    late: list[str] = []
    async with (
        one_more_ingress(own_stack, tmp_path, DOCLINK_DEADLINE="2") as (_, url),
        http_client(url, own_workspace.key) as http,
        own_outsider.tap("document.registered") as tap,
    ):
        async with _limited(own_stack, event_queue("links"), links):
            for path in paths:
                answer = await http.post("/v1/documents", json={**PDF, "storage_path": path})
                sent.append(path)
                if answer.status_code != 201:
                    _told_to_come_back(answer)
                    late.append(answer.headers["location"])
                if len(late) == LATE:
                    break
            assert await waiting(own_outsider, event_queue("links")) >= LIMIT
        assert len(late) == LATE
        for operation in late:
            assert (await outcome(http, operation))["status"] == "done"
        documents = stored(own_stack, "registry", "documents", workspace_id=own_workspace.id)
        assert sorted(each["storage_path"] for each in documents) == sorted(sent)
        events = {each["id"].replace("doc_", "evt_") for each in documents}
        await tap.until(lambda _: {each["id"] for each in tap.all()} == events)

    async def known() -> set[str]:
        replica = stored(own_stack, "links", "replica", workspace_id=own_workspace.id)
        return {each["_id"] for each in replica}

    await until(known, lambda ids: len(ids) == len(sent))
