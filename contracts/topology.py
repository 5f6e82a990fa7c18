"""Every exchange and queue, in one table; services and outside subscribers declare from it.

| exchange | type | carries |
|---|---|---|
| `doclink.commands` | direct | commands: persistent, confirmed, mandatory |
| `doclink.commands.outside` | direct | the same, from publishers who are not trusted with all |
| `doclink.queries` | direct | queries: transient, expire with the caller's deadline |
| `doclink.events` | topic | events, as CloudEvents |
| `doclink.retry` | direct | what is to be delivered again: after a delay, or alone |
| `doclink.dead` | topic | what could not be handled, one parking queue per service |

Every event is also kept for a while, in the stream `doclink.events.log`.
"""

from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from contracts.catalogue import Service, commands_of, queries_of

COMMANDS = "doclink.commands"
OUTSIDE = "doclink.commands.outside"
QUERIES = "doclink.queries"
EVENTS = "doclink.events"
RETRY = "doclink.retry"
DEAD = "doclink.dead"

RETRY_STEPS_SECONDS = (1, 5, 30, 120, 600)
"""The delays before a message that met a passing fault is tried again; then it is parked."""

DELIVERY_LIMIT = 20
"""Redeliveries (each crash, each deploy) before the broker parks a message."""

COMMAND_LIMIT = 100_000
"""Messages that a command or event queue holds before publishes are refused."""

DEAD_LIMIT = 1_000_000

DEAD_READS = 2**31 - 1
"""How often a parked message may be looked at: each look is a delivery, and RabbitMQ 4 drops what
was delivered 20 times unless the queue says otherwise. With a limit of its own, a quorum queue also
puts what was only looked at back in front, where it was; without one, at its end
(https://www.rabbitmq.com/docs/quorum-queues#repeated-requeues)."""

QUERY_LIMIT = 10_000

EVENT_LOG = "doclink.events.log"
"""The stream that keeps every event, to be read again from any point in time."""

LOG_BYTES = 10 * 1024**3
LOG_AGE = "90D"
"""What the log keeps at most. A policy can only keep less: of both, the smaller one counts."""

LOG_SEGMENT_BYTES = 64 * 1024**2
"""Old events go by whole segments, so this is how finely size and age are kept to."""

NOT_FROM_OUTSIDE = ("api_key.",)
"""How the commands begin that no publisher from outside may send: nobody lets himself in."""

SUBSCRIPTIONS: dict[Service, tuple[str, ...]] = {
    "registry": ("document.deleted",),
    "links": ("document.*", "entity.*"),
    # It binds those that some webhook is sent, when the webhook is made: the others cost nothing.
    "webhooks": (),
}
"""The events that a service itself lives on."""


@dataclass(frozen=True)
class Exchange:
    """An exchange; all are durable."""

    name: str
    type: Literal["direct", "topic"]


@dataclass(frozen=True)
class Queue:
    """A durable queue, its arguments, and what it is bound to as (exchange, routing key)."""

    name: str
    arguments: dict[str, Any] = field(default_factory=dict)
    bindings: tuple[tuple[str, str], ...] = ()


EXCHANGES = (
    Exchange(COMMANDS, "direct"),
    Exchange(OUTSIDE, "direct"),
    Exchange(QUERIES, "direct"),
    Exchange(EVENTS, "topic"),
    Exchange(RETRY, "direct"),
    Exchange(DEAD, "topic"),
)


def _quorum(limit: int, dead_exchange: str | None = None, dead_key: str = "") -> dict[str, Any]:
    """Arguments of a quorum queue that refuses publishes when full.

    `at-least-once` needs `reject-publish` (https://www.rabbitmq.com/docs/quorum-queues).
    """
    arguments: dict[str, Any] = {
        "x-queue-type": "quorum",
        "x-max-length": limit,
        "x-overflow": "reject-publish",
    }
    if dead_exchange is not None:
        arguments |= {
            "x-dead-letter-exchange": dead_exchange,
            "x-dead-letter-routing-key": dead_key,
            "x-dead-letter-strategy": "at-least-once",
        }
    return arguments


def command_queue(service: Service) -> str:
    """The queue of the commands that `service` owns."""
    return f"doclink.{service}.commands"


def query_queue(service: Service) -> str:
    """The queue of the queries that `service` answers."""
    return f"doclink.{service}.queries"


def event_queue(service: Service) -> str:
    """The queue of the events that `service` lives on."""
    return f"doclink.{service}.events"


def dead_queue(service: Service) -> str:
    """The parking queue of what `service` could not handle."""
    return f"doclink.{service}.dead"


def retry_queue(queue: str, step: int) -> str:
    """Where a message of `queue` waits for its attempt number `step` + 2 (steps count from 0)."""
    return f"{queue}.retry.{RETRY_STEPS_SECONDS[step]}s"


def alone_queue(queue: str) -> str:
    """Where messages of `queue` go that may have ended their consumers: handled one at a time."""
    return f"{queue}.alone"


def frame_key(service: Service) -> str:
    """The routing key of frames: several requests of one of our own processes to `service`."""
    return f"{service}.frame"


def _worked(service: Service, queue: str, bindings: tuple[tuple[str, str], ...]) -> list[Queue]:
    """A quorum queue for work, one for its suspects, and a retry queue for each step."""
    work = _quorum(COMMAND_LIMIT, DEAD, service) | {"x-delivery-limit": DELIVERY_LIMIT}
    return [
        Queue(queue, work, bindings),
        Queue(alone_queue(queue), work, ((RETRY, alone_queue(queue)),)),
        *(
            Queue(
                retry_queue(queue, step),
                # The default exchange routes by queue name: straight back to the one consumer.
                _quorum(COMMAND_LIMIT, "", queue) | {"x-message-ttl": seconds * 1000},
                ((RETRY, retry_queue(queue, step)),),
            )
            for step, seconds in enumerate(RETRY_STEPS_SECONDS)
        ),
    ]


def outside_commands_of(service: Service) -> tuple[str, ...]:
    """The routing keys of the commands that `service` also takes from outside."""
    return tuple(key for key in commands_of(service) if not key.startswith(NOT_FROM_OUTSIDE))


def queues_of(service: Service) -> list[Queue]:
    """All queues of one service."""
    queues = _worked(
        service,
        command_queue(service),
        (
            *((COMMANDS, key) for key in (*commands_of(service), frame_key(service))),
            *((OUTSIDE, key) for key in outside_commands_of(service)),
        ),
    )
    if service in SUBSCRIPTIONS:
        queues += _worked(
            service,
            event_queue(service),
            tuple((EVENTS, key) for key in SUBSCRIPTIONS[service]),
        )
    # A classic queue lives on one node of a cluster, and is out of reach while that node is away.
    asking = _quorum(QUERY_LIMIT) | {"x-delivery-limit": DELIVERY_LIMIT}
    queues.append(
        Queue(
            query_queue(service),
            asking,
            tuple((QUERIES, key) for key in (*queries_of(service), frame_key(service))),
        )
    )
    parking = _quorum(DEAD_LIMIT) | {"x-delivery-limit": DEAD_READS}
    queues.append(Queue(dead_queue(service), parking, ((DEAD, service),)))
    return queues


_LOG = Queue(
    EVENT_LOG,
    {
        "x-queue-type": "stream",
        "x-max-length-bytes": LOG_BYTES,
        "x-max-age": LOG_AGE,
        "x-stream-max-segment-size-bytes": LOG_SEGMENT_BYTES,
    },
    ((EVENTS, "#"),),
)

QUEUES: tuple[Queue, ...] = (
    *(queue for service in get_args(Service) for queue in queues_of(service)),
    _LOG,
)


def matches(pattern: str, key: str) -> bool:
    """Whether a binding takes `key`; `*` is exactly one word, `#` any number of words."""
    return _fits(pattern.split("."), key.split("."))


def _fits(pattern: list[str], words: list[str]) -> bool:
    if not pattern:
        return not words
    want, *rest = pattern
    if want == "#":
        return any(_fits(rest, words[taken:]) for taken in range(len(words) + 1))
    return bool(words) and want in {"*", words[0]} and _fits(rest, words[1:])
