"""A broker of three nodes: one may die, and the others go on."""

import asyncio
from collections.abc import Iterator

import pytest
from aio_pika import Message

from contracts.topology import command_queue
from deploy.local.cluster import Cluster
from deploy.local.infrastructure import Infrastructure
from deploy.local.stack import Stack
from tests.support.bus import Outsider
from tests.support.listener import Listener
from tests.support.load import Load
from tests.support.promises import all_kept
from tests.support.readiness import until_not_ready, until_ready
from tests.support.waiting import until
from tests.support.workspace import Workspace


@pytest.fixture(scope="module")
def own_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(Infrastructure(tmp_path_factory.mktemp("cluster"), broker_nodes=3)) as running:
        yield running


@pytest.fixture(scope="module")
def cluster(own_stack: Stack) -> Cluster:
    broker = own_stack.infrastructure.broker
    assert isinstance(broker, Cluster)
    return broker


async def test_each_node_killed_in_turn_under_load_and_nothing_is_lost_or_doubled(
    own_stack: Stack, cluster: Cluster, own_outsider: Outsider, own_workspace: Workspace
) -> None:
    pids = [service.pid for service in own_stack.services]
    listener = await Listener.bound(
        own_outsider, "nodes.killed", "link.created", x_queue_type="quorum"
    )
    leader = await asyncio.to_thread(cluster.leader_of, command_queue("links"))
    async with Load.running(own_workspace, own_outsider) as load:
        for node in sorted(cluster.running_nodes, key=lambda number: number != leader):
            await load.until_confirmed(20)
            await load.burst(20)
            cluster.kill_node(node)
            await load.until_confirmed(20)
            await load.burst(20)
            assert await asyncio.to_thread(cluster.leader_of, command_queue("links")) != node
            cluster.start_node(node)
            await asyncio.to_thread(cluster.await_node, node)
        await load.until_confirmed(20)
    await until_ready(own_stack.url)
    assert [service.pid for service in own_stack.services] == pids
    await all_kept(own_stack, load, listener, own_workspace)


async def test_without_a_majority_callers_are_told_to_come_back_and_what_was_accepted_is_there(
    own_stack: Stack, cluster: Cluster, own_outsider: Outsider, own_workspace: Workspace
) -> None:
    listener = await Listener.bound(
        own_outsider, "majority.lost", "link.created", x_queue_type="quorum"
    )
    document, contact = await own_workspace.document(), await own_workspace.entity()
    async with Load.running(own_workspace, own_outsider) as load:
        await load.until_confirmed(20)
        await load.burst(20)
        away = cluster.running_nodes[:2]
        for node in away:
            cluster.kill_node(node)
        await until_not_ready(own_stack.url)
        answer = await own_workspace.link(document, contact)
        assert answer.status_code == 503, answer.text
        assert int(answer.headers["retry-after"]) > 0
        for node in away:
            cluster.start_node(node)
        for node in away:
            await asyncio.to_thread(cluster.await_node, node)
        await until_ready(own_stack.url)
        await load.until_confirmed(20)
    assert (await own_workspace.link(document, contact)).is_success
    await all_kept(own_stack, load, listener, own_workspace)


async def test_the_broker_counts_what_a_consumer_has_in_hand(
    cluster: Cluster, own_outsider: Outsider
) -> None:
    queue = await own_outsider.channel.declare_queue(
        "in.hand", durable=True, arguments={"x-queue-type": "quorum"}
    )
    for _ in range(3):
        await own_outsider.channel.default_exchange.publish(Message(b"{}"), queue.name)
    taken = await queue.get()
    await until(lambda: asyncio.to_thread(cluster.held), lambda held: held.get(queue.name) == 3)
    await taken.ack()
    await until(lambda: asyncio.to_thread(cluster.held), lambda held: held.get(queue.name) == 2)
