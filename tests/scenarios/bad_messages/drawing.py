"""Draws messages: for every queue, the same ones for the same seed."""

import os
from random import Random
from typing import Any, get_args

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from contracts import headers as h
from contracts.catalogue import EVENTS, REQUESTS, Service
from contracts.examples import EXAMPLES
from contracts.messages import EVENT_CONTENT_TYPE, JSON_CONTENT_TYPE
from contracts.topology import (
    COMMANDS,
    OUTSIDE,
    QUERIES,
    RETRY,
    SUBSCRIPTIONS,
    command_queue,
    event_queue,
    matches,
    query_queue,
    retry_queue,
)
from contracts.topology import EVENTS as EVENTS_EXCHANGE
from tests.scenarios.bad_messages.bodies import Bodies, Json, numbered, values
from tests.scenarios.bad_messages.message import BadMessage, Draft, Wire
from tests.scenarios.bad_messages.properties import names, odd_headers, odd_properties

SEED = int(os.environ.get("DOCLINK_BAD_MESSAGES_SEED", "4"))
COUNT = int(os.environ.get("DOCLINK_BAD_MESSAGES", "10000"))
POOL = 300
WORKSPACE = "ws_bad"

_TYPES = (*REQUESTS, *EVENTS)
_SERVICES: tuple[Service, ...] = get_args(Service)
_HEARD = [
    name
    for name in EVENTS
    if any(matches(key, name) for keys in SUBSCRIPTIONS.values() for key in keys)
]
_EVENT_QUEUES = [event_queue(service) for service in SUBSCRIPTIONS]
_QUEUES = [
    *(command_queue(service) for service in _SERVICES),
    *(query_queue(service) for service in _SERVICES),
    *_EVENT_QUEUES,
]
_RETRY_QUEUES = [
    retry_queue(queue, step)
    for queue in (*(command_queue(service) for service in _SERVICES), *_EVENT_QUEUES)
    for step in (0, 1)  # the others keep a message for longer than a test takes
]
_NOWHERE = ["", "#", "*", "link", "link.create.x", "LINK.CREATE", "link.created", "x" * 255, "é"]


class _Drawing:
    """Draws one message after the other.

    Args:
        random: Decides which.
        foreign: Ids of another workspace's records, by field.
    """

    def __init__(self, random: Random, foreign: Json) -> None:
        self._random = random
        self._foreign = foreign
        self._bodies = Bodies(random, _pool(values, random))
        self._names = _pool(names, random)

    def draft(self) -> Draft:
        """Anything, for anybody."""
        random = self._random
        name = random.choice(_TYPES)
        kind, body = self._bodies.broken(self._example(name))
        exchange, key = self._place(name)
        headers, properties = odd_headers(random, self._names), odd_properties(random)
        if exchange == EVENTS_EXCHANGE:
            headers = _for_the_log(headers)
        if exchange == RETRY and isinstance(headers, dict):
            headers.pop("x-death", None)  # only the broker and we send there
        if not exchange and isinstance(headers, dict) and random.random() < 1 / 2:
            headers = {h.ROUTING_KEY: name, **headers}
        if exchange == OUTSIDE:
            properties.pop("reply_to", None)  # nobody outside is answered
        usual = EVENT_CONTENT_TYPE if name in EVENTS else JSON_CONTENT_TYPE
        return Draft(
            f"{kind} {name}",
            exchange,
            key,
            body,
            {"content_type": usual, "delivery_mode": 2, **properties},
            headers,
            answered=exchange != OUTSIDE
            and "reply_to" not in properties
            and random.random() < 1 / 2,
        )

    def _example(self, name: str) -> Json:
        example = EXAMPLES[name]
        if name in EVENTS:
            return example
        others = self._foreign if self._random.random() < 1 / 3 else {}
        return numbered(
            {field: others.get(field, value) for field, value in example.items()},
            **({"workspace_id": WORKSPACE} if "workspace_id" in example else {}),
        )

    def _place(self, name: str) -> tuple[str, str]:
        """An exchange and a routing key: mostly where such a message belongs."""
        match self._random.randrange(20):
            case 0:
                exchange = self._random.choice([COMMANDS, QUERIES, RETRY])
                return exchange, self._random.choice(_NOWHERE)
            case 1:
                return RETRY, self._random.choice(_RETRY_QUEUES)
            case 2 | 3 | 4:
                return "", self._random.choice(_QUEUES)
            case 5 | 6 if name in REQUESTS:
                return OUTSIDE, name
            case _:
                return _home(name)


def _home(name: str) -> tuple[str, str]:
    """Where messages of this type belong."""
    if name in REQUESTS:
        return COMMANDS if REQUESTS[name].is_command else QUERIES, name
    return (EVENTS_EXCHANGE, name) if name in _HEARD else ("", event_queue("webhooks"))


def _for_the_log(headers: dict[str, Any] | Wire) -> dict[str, Any]:
    """Those that a stream takes: over others RabbitMQ 3 closes the connection."""
    given = {} if isinstance(headers, Wire) else headers
    return {name: value for name, value in given.items() if isinstance(value, str | int)}


def drawn(foreign: Json) -> list[BadMessage]:
    """All messages of a run."""
    drawing = _Drawing(Random(SEED), foreign)
    return [BadMessage(number, drawing.draft()) for number in range(COUNT)]


def _pool(strategy: st.SearchStrategy[str], random: Random) -> list[str]:
    """Examples that hypothesis has drawn; drawing whole messages would take it minutes."""
    found: list[str] = []

    @seed(random.randrange(2**32))
    @settings(
        max_examples=POOL,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def take(text: str) -> None:
        found.append(text)

    take()
    return list(dict.fromkeys(found))
