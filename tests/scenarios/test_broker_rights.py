"""What each of the broker's users may not do; that they may do their work, all other tests show."""

from collections.abc import AsyncIterator, Awaitable
from typing import Any, get_args

import pytest
from aiormq.exceptions import ChannelAccessRefused, ChannelLockedResource

from contracts.broker_users import ADMINISTRATOR, BROKER_USERS, broker_user
from contracts.catalogue import Service
from contracts.topology import (
    COMMANDS,
    DEAD,
    EVENT_LOG,
    EVENTS,
    EXCHANGES,
    OUTSIDE,
    QUERIES,
    QUEUES,
    RETRY,
    alone_queue,
    command_queue,
    dead_queue,
    event_queue,
    query_queue,
)
from deploy.local.stack import Stack
from tests.support.broker_users import BrokerLogin
from tests.support.bus import Outsider

SERVICES: tuple[Service, ...] = get_args(Service)
USERS = [user.name for user in BROKER_USERS if user != ADMINISTRATOR]
DEFAULT = ""

OWN = {"doclink-publisher": {OUTSIDE}, "doclink-subscriber": set[str]()} | {
    broker_user(service): {EVENTS, RETRY, DEAD, DEFAULT} for service in SERVICES
}
PUBLISHES: dict[str, set[str]] = OWN | {
    "doclink-links": {EVENTS, RETRY, DEAD, DEFAULT, QUERIES},
    "doclink-webhooks": {EVENTS, RETRY, DEAD, DEFAULT, COMMANDS},
    "doclink-ingress": {COMMANDS, QUERIES, DEFAULT},
    "doclink-operator": {COMMANDS, QUERIES, DEFAULT},
}
DEAD_QUEUES = {dead_queue(service) for service in SERVICES}
READS: dict[str, set[str]] = {
    "doclink-publisher": set(),
    "doclink-subscriber": set(),
    "doclink-ingress": DEAD_QUEUES,
    "doclink-operator": DEAD_QUEUES | {EVENT_LOG},
} | {
    broker_user(service): {
        query_queue(service),
        *(
            queue
            for main in (command_queue(service), event_queue(service))
            for queue in (main, alone_queue(main))
        ),
    }
    for service in SERVICES
}


@pytest.fixture
async def subscriber(stack: Stack) -> AsyncIterator[BrokerLogin]:
    async with BrokerLogin.of(stack, "doclink-subscriber") as login:
        yield login


async def refused(attempt: Awaitable[Any]) -> bool:
    """Whether the broker says that it is not allowed."""
    try:
        await attempt
    except ChannelAccessRefused:
        return True
    return False


@pytest.mark.parametrize("user", USERS)
async def test_a_user_publishes_where_it_has_to_and_nowhere_else(stack: Stack, user: str) -> None:
    names = {exchange.name for exchange in EXCHANGES} | {DEFAULT, "amq.topic", "amq.fanout"}
    async with BrokerLogin.of(stack, user) as login:
        let_in = {
            name
            for name in names - PUBLISHES[user]
            if not await refused(login.publish("tests.nobody", exchange=name))
        }
    assert let_in == set()


@pytest.mark.parametrize("user", USERS)
async def test_a_user_reads_its_own_queues_and_no_others(stack: Stack, user: str) -> None:
    let_in = set()
    async with BrokerLogin.of(stack, user) as login:
        for name in {queue.name for queue in QUEUES} - READS[user]:
            channel = await login.channel()
            queue = await channel.get_queue(name, ensure=False)
            if not await refused(queue.get(fail=False)):
                let_in.add(name)
    assert let_in == set()


@pytest.mark.parametrize("user", USERS)
async def test_a_user_declares_no_queue_of_the_topology_and_so_deletes_none(
    stack: Stack, user: str
) -> None:
    let_in = set()
    async with BrokerLogin.of(stack, user) as login:
        for each in QUEUES:
            channel, arguments = await login.channel(), dict[str, Any](each.arguments)
            declared = channel.declare_queue(each.name, durable=True, arguments=arguments)
            if not await refused(declared):
                let_in.add(each.name)
    assert let_in == set()


@pytest.mark.parametrize("user", ["doclink-publisher", "doclink-subscriber"])
async def test_who_is_outside_binds_no_queue_of_ours(stack: Stack, user: str) -> None:
    async with BrokerLogin.of(stack, user) as login:
        for name in (event_queue("webhooks"), command_queue("registry")):
            queue = await (await login.channel()).get_queue(name, ensure=False)
            assert await refused(queue.bind(EVENTS, "#"))


@pytest.mark.parametrize("exchange", [COMMANDS, OUTSIDE, QUERIES, RETRY, DEAD])
async def test_a_subscriber_taps_events_alone(subscriber: BrokerLogin, exchange: str) -> None:
    queue = await (await subscriber.channel()).declare_queue(exclusive=True)
    await queue.bind(EVENTS, "#")
    assert await refused(queue.bind(exchange, "link.create"))


@pytest.mark.parametrize("target", [DEFAULT, COMMANDS, OUTSIDE, RETRY, DEAD])
async def test_a_subscriber_has_the_broker_publish_nothing_for_it(
    subscriber: BrokerLogin, target: str
) -> None:
    # What expires in a queue, or fits no binding, is sent on by the broker: with whose right?
    expiring: dict[str, Any] = {"x-dead-letter-exchange": target, "x-message-ttl": 0}
    channel = await subscriber.channel()
    assert await refused(channel.declare_queue("subscriber.expiring", arguments=expiring))
    channel = await subscriber.channel()
    alternate: dict[str, Any] = {"alternate-exchange": target}
    assert await refused(channel.declare_exchange("subscriber.odd", arguments=alternate))


async def test_a_publisher_makes_no_queue_and_reads_no_reply(
    publisher: BrokerLogin, outsider: Outsider
) -> None:
    assert await refused((await publisher.channel()).declare_queue(exclusive=True))
    [replies, shared] = [
        await outsider.channel.declare_queue(exclusive=exclusive, auto_delete=True)
        for exclusive in (True, False)
    ]
    queue = await (await publisher.channel()).get_queue(shared.name, ensure=False)
    assert await refused(queue.get(fail=False))
    with pytest.raises((ChannelAccessRefused, ChannelLockedResource)):
        await (await publisher.channel()).get_queue(replies.name)
    await shared.delete()


async def test_a_service_parks_in_its_own_dead_queue(stack: Stack) -> None:
    async with BrokerLogin.of(stack, broker_user("registry")) as registry:
        assert await refused(registry.publish("links", exchange=DEAD))


async def test_the_ingress_hears_of_revoked_keys_alone(stack: Stack) -> None:
    async with BrokerLogin.of(stack, broker_user("ingress")) as ingress:
        channel = await ingress.channel()
        queue = await channel.declare_queue("doclink.ingress.notices.tests", exclusive=True)
        await queue.bind(EVENTS, "api_key.revoked")
        assert await refused(queue.bind(EVENTS, "#"))


async def test_nobody_reads_anothers_replies(stack: Stack) -> None:
    async with (
        BrokerLogin.of(stack, broker_user("ingress")) as ingress,
        BrokerLogin.of(stack, broker_user("links")) as links,
    ):
        await (await ingress.channel()).declare_queue("doclink.replies.ingress.x")
        queue = await (await links.channel()).get_queue("doclink.replies.ingress.x", ensure=False)
        assert await refused(queue.get(fail=False))
        await (await ingress.channel()).queue_delete("doclink.replies.ingress.x")
