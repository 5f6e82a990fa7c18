"""The table of exchanges and queues keeps the promises of the delivery guarantee."""

from collections import Counter
from typing import get_args

import pytest

from contracts import topology
from contracts.catalogue import EVENTS, REQUESTS, Service, commands_of, queries_of
from contracts.topology import EXCHANGES, QUEUES, RETRY_STEPS_SECONDS, Queue

BY_NAME = {queue.name: queue for queue in QUEUES}
SERVICES: tuple[Service, ...] = get_args(Service)
WORK = [
    (service, name)
    for service in SERVICES
    for name in (topology.command_queue(service), topology.event_queue(service))
    if name in BY_NAME
]
ALONE = [(service, topology.alone_queue(name)) for service, name in WORK]
RETRY = [(name, step) for _, name in WORK for step in range(len(RETRY_STEPS_SECONDS))]


def routed(exchange: str, key: str) -> list[str]:
    """The queues that a message with this exact routing key comes to."""
    if exchange == "":
        return [key] if key in BY_NAME else []
    return [queue.name for queue in QUEUES if (exchange, key) in queue.bindings]


def test_names_are_unique() -> None:
    assert len(BY_NAME) == len(QUEUES)
    assert len({exchange.name for exchange in EXCHANGES}) == len(EXCHANGES)


def test_exchanges_are_of_the_types_that_were_designed() -> None:
    assert {exchange.name: exchange.type for exchange in EXCHANGES} == {
        "doclink.commands": "direct",
        "doclink.commands.outside": "direct",
        "doclink.queries": "direct",
        "doclink.events": "topic",
        "doclink.retry": "direct",
        "doclink.dead": "topic",
    }


@pytest.mark.parametrize("queue", QUEUES, ids=lambda queue: queue.name)
def test_queue_is_bound_to_declared_exchanges(queue: Queue) -> None:
    assert {exchange for exchange, _ in queue.bindings} <= {known.name for known in EXCHANGES}
    assert max(Counter(queue.bindings).values(), default=1) == 1


@pytest.mark.parametrize("name", REQUESTS)
def test_request_comes_to_its_owners_queue_alone(name: str) -> None:
    request = REQUESTS[name]
    if request.is_command:
        expected = topology.command_queue(request.owner)
        assert routed(topology.COMMANDS, name) == [expected]
        assert routed(topology.QUERIES, name) == []
    else:
        expected = topology.query_queue(request.owner)
        assert routed(topology.QUERIES, name) == [expected]
        assert routed(topology.COMMANDS, name) == []


@pytest.mark.parametrize("name", REQUESTS)
def test_publishers_from_outside_send_commands_alone_and_make_no_keys(name: str) -> None:
    request = REQUESTS[name]
    sent = request.is_command and not name.startswith("api_key.")
    expected = [topology.command_queue(request.owner)] if sent else []
    assert routed(topology.OUTSIDE, name) == expected


def test_each_request_is_a_command_or_a_query_of_one_owner() -> None:
    listed = [name for service in SERVICES for name in commands_of(service) + queries_of(service)]
    assert sorted(listed) == sorted(REQUESTS)


def test_no_request_and_event_share_a_name() -> None:
    assert not REQUESTS.keys() & EVENTS.keys()


@pytest.mark.parametrize(("service", "name"), WORK + ALONE)
def test_work_queue_is_durable_bounded_and_loses_nothing(service: Service, name: str) -> None:
    arguments = BY_NAME[name].arguments
    assert arguments["x-queue-type"] == "quorum"
    # Every requeue counts, also of prefetched messages that never ran.
    assert arguments["x-delivery-limit"] >= 20
    assert arguments["x-max-length"] > 0
    # `at-least-once` falls back to `at-most-once` without this overflow.
    assert arguments["x-overflow"] == "reject-publish"
    assert arguments["x-dead-letter-strategy"] == "at-least-once"
    assert arguments["x-dead-letter-exchange"] == topology.DEAD
    assert routed(topology.DEAD, arguments["x-dead-letter-routing-key"]) == [
        topology.dead_queue(service)
    ]
    assert "x-message-ttl" not in arguments, "a command does not expire"


@pytest.mark.parametrize("name", [name for _, name in ALONE])
def test_nothing_but_a_consumer_of_ours_has_a_message_handled_alone(name: str) -> None:
    assert BY_NAME[name].bindings == ((topology.RETRY, name),)


@pytest.mark.parametrize(("name", "step"), RETRY)
def test_retry_queue_leads_back_after_its_delay(name: str, step: int) -> None:
    queue = BY_NAME[topology.retry_queue(name, step)]
    arguments = queue.arguments
    assert queue.bindings == ((topology.RETRY, queue.name),)
    assert arguments["x-message-ttl"] == RETRY_STEPS_SECONDS[step] * 1000
    assert arguments["x-queue-type"] == "quorum"
    assert arguments["x-overflow"] == "reject-publish"
    assert arguments["x-dead-letter-strategy"] == "at-least-once"
    back = routed(arguments["x-dead-letter-exchange"], arguments["x-dead-letter-routing-key"])
    assert back == [name]


def test_backoff_grows_to_ten_minutes() -> None:
    assert RETRY_STEPS_SECONDS == (1, 5, 30, 120, 600)


@pytest.mark.parametrize("service", SERVICES)
def test_query_queue_outlives_a_node_and_is_bounded(service: Service) -> None:
    arguments = BY_NAME[topology.query_queue(service)].arguments
    assert arguments["x-queue-type"] == "quorum"
    assert arguments["x-overflow"] == "reject-publish"
    assert "x-dead-letter-exchange" not in arguments, "nobody waits for an expired query"


@pytest.mark.parametrize("service", SERVICES)
def test_parked_messages_stay(service: Service) -> None:
    queue = BY_NAME[topology.dead_queue(service)]
    assert queue.arguments["x-queue-type"] == "quorum"
    assert queue.arguments["x-overflow"] == "reject-publish"
    assert not queue.arguments.keys() & {"x-message-ttl", "x-expires", "x-dead-letter-exchange"}
    # RabbitMQ 4 drops what was looked at 20 times, unless the queue says otherwise.
    assert queue.arguments["x-delivery-limit"] > 2**30


@pytest.mark.parametrize(
    ("pattern", "key", "expected"),
    [
        ("link.create", "link.create", True),
        ("link.*", "link.create", True),
        ("link.*", "link", False),
        ("*", "link.create", False),
        ("link.create", "link.created", False),
        ("#", "link.created", True),
        ("#", "", True),
        ("link.#", "link", True),
        ("link.#", "links.created", False),
        ("#.created", "api_key.created", True),
        ("#.created", "api_key.revoked", False),
    ],
)
def test_binding_patterns_match_word_by_word(pattern: str, key: str, *, expected: bool) -> None:
    assert topology.matches(pattern, key) is expected


@pytest.mark.parametrize("name", EVENTS)
def test_the_log_keeps_every_event_for_a_bounded_time_in_a_bounded_space(name: str) -> None:
    log = BY_NAME[topology.EVENT_LOG]
    assert any(ex == topology.EVENTS and topology.matches(key, name) for ex, key in log.bindings)
    assert log.arguments["x-queue-type"] == "stream"
    assert log.arguments["x-max-age"]
    # Whole segments go: one that is not much smaller than the whole would take all with it.
    segment = log.arguments["x-stream-max-segment-size-bytes"]
    assert segment * 10 <= log.arguments["x-max-length-bytes"]


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_queues_for_all_that_it_takes(service: Service) -> None:
    names = {queue.name for queue in topology.queues_of(service)}
    assert {topology.command_queue(service), topology.query_queue(service)} <= names
    assert (topology.event_queue(service) in names) == (service in topology.SUBSCRIPTIONS)
