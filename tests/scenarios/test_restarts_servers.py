"""Broker and database killed and started again under a small load."""

import asyncio
import shutil
from pathlib import Path

from contracts.topology import EVENTS, event_queue
from deploy.local.processes import ServiceProcess
from deploy.local.rabbitmq import RabbitMQ
from deploy.local.server import Server
from deploy.local.stack import Stack
from tests.support import commands
from tests.support.bus import Outsider
from tests.support.listener import Listener
from tests.support.load import Load
from tests.support.logbook import times_noted
from tests.support.promises import all_kept
from tests.support.readiness import until_not_ready, until_ready
from tests.support.waiting import until_true
from tests.support.workspace import PDF, Workspace


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
    await all_kept(own_stack, load, listener, own_workspace)


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
    await all_kept(own_stack, load, listener, own_workspace)
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
            await until_true(lambda: "consumer.paused" in (tmp_path / "log").read_text())
            assert hasty.terminate() == 0
            links.start()
            await asyncio.to_thread(database.start)
            await tap.one(id=commands.event_id(body))
    finally:
        hasty.kill()
        links.start()
        await asyncio.to_thread(database.start)


def bound_to(broker: Server, queue: str) -> set[str]:
    """The routing keys with which a queue hears events."""
    assert isinstance(broker, RabbitMQ)
    columns = ("source_name", "destination_name", "routing_key")
    lines = broker.control("list_bindings", *columns, "--silent").splitlines()
    rows = [line.split("\t") for line in lines]
    return {key for source, destination, key in rows if (source, destination) == (EVENTS, queue)}


async def test_a_broker_that_comes_back_empty_is_whole_again(
    own_stack: Stack, own_workspace: Workspace
) -> None:
    broker, folder = own_stack.infrastructure.broker, own_stack.infrastructure.folder.path
    path = own_workspace.path("again.pdf")
    hook = {"url": "https://example.com/hook", "events": ["link.created"]}
    assert (await own_workspace.http.post("/v1/webhooks", json=hook)).status_code == 201
    broker.kill()
    shutil.rmtree(folder / "rabbitmq" / "data")
    await asyncio.to_thread(broker.start)
    await until_ready(own_stack.url)
    register = {**PDF, "storage_path": path}
    assert (await own_workspace.http.post("/v1/documents", json=register)).status_code == 201
    # What the topology does not bind, the service has bound again.
    heard = await asyncio.to_thread(bound_to, broker, event_queue("webhooks"))
    assert "link.created" in heard
