"""Broker and database killed and started again under a small load."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import get_args

import pytest

from contracts.catalogue import Service
from deploy.local.infrastructure import Infrastructure
from deploy.local.processes import ServiceProcess
from deploy.local.stack import Stack
from tests.support import commands
from tests.support.bus import Outsider
from tests.support.dead import dead
from tests.support.listener import Listener
from tests.support.load import Load
from tests.support.logbook import times_noted
from tests.support.readiness import until_not_ready, until_ready
from tests.support.records import stored
from tests.support.waiting import until, until_true
from tests.support.workspace import Workspace, new_workspace


@pytest.fixture(scope="module")
def own_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(Infrastructure(tmp_path_factory.mktemp("own"))) as running:
        yield running


@pytest.fixture
async def own_outsider(own_stack: Stack) -> AsyncIterator[Outsider]:
    async with Outsider.connected(own_stack.infrastructure.urls.amqp) as connected:
        yield connected


@pytest.fixture
async def own_workspace(own_stack: Stack, own_outsider: Outsider) -> AsyncIterator[Workspace]:
    async with new_workspace(own_outsider, own_stack.url) as made:
        yield made


async def _all_there(stack: Stack, load: Load, listener: Listener, workspace: Workspace) -> None:
    """Every promised link is stored, once; every stored link has its event, and no other has."""

    def links() -> list[tuple[str, str]]:
        found = stored(stack, "links", "links", workspace_id=workspace.id)
        return [(link["document_id"], link["entity_id"]) for link in found]

    async def missing() -> set[tuple[str, str]]:
        return load.confirmed - set(links())

    await until(missing, lambda pairs: not pairs)
    assert len(links()) == len(set(links()))

    async def unheard() -> set[str]:
        found = stored(stack, "links", "links", workspace_id=workspace.id)
        return {link["id"].replace("dlnk_", "evt_") for link in found} ^ await listener.ids()

    await until(unheard, lambda ids: not ids)
    for service in get_args(Service):
        assert await dead(listener.outsider, service) == []


async def test_the_broker_killed_under_load_loses_and_doubles_nothing(
    own_stack: Stack, own_outsider: Outsider, own_workspace: Workspace
) -> None:
    broker = own_stack.infrastructure.broker
    pids = [service.pid for service in own_stack.services]
    listener = await Listener.bound(own_outsider, "broker.killed", "link.created")
    async with Load.running(own_workspace, own_outsider) as load:
        await load.until_confirmed(50)
        await load.burst(50)
        broker.kill()
        services = await until_not_ready(own_stack.url)
        assert not any(each["ready"] for each in services.values())
        await asyncio.to_thread(broker.start)
        await until_ready(own_stack.url)
        await load.until_confirmed(50)
    assert load.failed
    assert [service.pid for service in own_stack.services] == pids
    await _all_there(own_stack, load, listener, own_workspace)


async def test_the_database_killed_under_load_loses_doubles_and_parks_nothing(
    own_stack: Stack, own_outsider: Outsider, own_workspace: Workspace
) -> None:
    database = own_stack.infrastructure.database
    pids = [service.pid for service in own_stack.services]
    listener = await Listener.bound(own_outsider, "database.killed", "link.created")
    retried = times_noted(own_stack, "links", "message.retry")
    async with Load.running(own_workspace, own_outsider) as load:
        await load.until_confirmed(50)
        await load.burst(50)
        database.kill()
        services = await until_not_ready(own_stack.url)
        assert not any(each["ready"] for each in services.values())
        await load.burst(50)
        await asyncio.to_thread(database.start)
        await until_ready(own_stack.url)
        await load.until_confirmed(50)
    assert [service.pid for service in own_stack.services] == pids
    await _all_there(own_stack, load, listener, own_workspace)
    # They have waited where they were, and not in queues for retries.
    assert times_noted(own_stack, "links", "message.retry") == retried


async def test_a_service_told_to_stop_while_the_database_is_away_stops_and_loses_nothing(
    own_stack: Stack, own_outsider: Outsider, own_workspace: Workspace, tmp_path: Path
) -> None:
    database, urls = own_stack.infrastructure.database, own_stack.infrastructure.urls
    [links] = own_stack.named("links")
    body = await commands.link(own_workspace, own_outsider)
    links.terminate()
    hasty = ServiceProcess(
        "links", urls, log=tmp_path / "log", env={"DOCLINK_SHUTDOWN_GRACE": "0.5"}
    )
    hasty.start()
    try:
        await until_ready(own_stack.url)
        database.kill()
        async with own_outsider.tap("link.created") as tap:
            await own_outsider.publish("link.create", body)
            await until_true(lambda: body["command_id"] in (tmp_path / "log").read_text())
            assert hasty.terminate() == 0
            links.start()
            await asyncio.to_thread(database.start)
            await tap.one(id=commands.event_id(body))
    finally:
        hasty.kill()
        links.start()
        await asyncio.to_thread(database.start)
