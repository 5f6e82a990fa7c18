"""The channels of the AsyncAPI file: each routing key, the callers' reply queues, each queue.

A channel of the AMQP binding is either a routing key of an exchange or a queue. Callers and
subscribers use the former; the queues stand here so that whoever declares one, or looks into one,
knows its exact arguments: a queue declared with others is refused by the broker.
"""

from contracts.asyncapi_messages import BINDING_VERSION, PARKED
from contracts.catalogue import EVENTS, REQUESTS, RequestType
from contracts.examples.story import Json
from contracts.schemas import reply_name
from contracts.topology import (
    COMMANDS,
    DEAD,
    EVENT_LOG,
    EXCHANGES,
    OUTSIDE,
    QUERIES,
    QUEUES,
    Queue,
    alone_queue,
    matches,
    outside_commands_of,
)
from contracts.topology import EVENTS as EVENT_EXCHANGE

REPLIES = "replies"
ALONE = alone_queue("")
"""How the names end of queues whose messages are handled one at a time."""


def channels() -> dict[str, Json]:
    """Every channel by its id: the routing keys by themselves, queues by their names."""
    found = {REPLIES: _replies()}
    for name, request in REQUESTS.items():
        exchange = COMMANDS if request.is_command else QUERIES
        found[name] = _routing_key(exchange, name, _taken(request))
    for name in EVENTS:
        found[name] = _routing_key(
            EVENT_EXCHANGE,
            name,
            "To subscribe, bind a queue of your own to the exchange with this routing key, or "
            f"with a pattern such as `{name.partition('.')[0]}.*` or `#`.",
        )
    for queue in QUEUES:
        found[queue.name] = _queue(queue)
    return found


def _taken(request: RequestType) -> str:
    taken = f"Taken by {request.owner}"
    if request.name in outside_commands_of(request.owner):
        return f"{taken}, on `{OUTSIDE}` as well: from publishers who are not trusted with all."
    return f"{taken}."


def _routing_key(exchange: str, key: str, description: str) -> Json:
    kind = next(known.type for known in EXCHANGES if known.name == exchange)
    return {
        "address": key,
        "title": f"{key} on {exchange}",
        "description": description,
        "messages": _refs(key),
        "bindings": _binding(
            {
                "is": "routingKey",
                "exchange": {
                    "name": exchange,
                    "type": kind,
                    "durable": True,
                    "autoDelete": False,
                },
            }
        ),
    }


def _replies() -> Json:
    return {
        # Unknown until a caller names it in `replyTo`; the specification asks for null then.
        "address": None,
        "title": "Replies",
        "description": (
            "A caller's own queue, reached by the default exchange: exclusive, classic, one per "
            "process. Best kept for as long as the process lives, with replies matched by "
            "`correlationId`, not one queue per request. A reply to a queue that has gone is lost."
        ),
        "messages": _refs(*(reply_name(name) for name in REQUESTS)),
        "bindings": _binding(
            {"is": "queue", "queue": {"durable": False, "exclusive": True, "autoDelete": True}}
        ),
    }


def _queue(queue: Queue) -> Json:
    arguments = "\n".join(f"- `{name}`: `{value}`" for name, value in queue.arguments.items())
    return {
        "address": queue.name,
        "title": f"Queue {queue.name}",
        "description": f"{_purpose(queue)}\n\nArguments of the queue:\n{arguments}",
        "messages": _refs(*_held(queue)),
        "bindings": _binding(
            {
                "is": "queue",
                "queue": {
                    "name": queue.name,
                    "durable": True,
                    "exclusive": False,
                    "autoDelete": False,
                },
            }
        ),
        # The binding has no place for either.
        "x-doclink-arguments": queue.arguments,
        "x-doclink-bindings": [
            {"exchange": exchange, "routingKey": key} for exchange, key in queue.bindings
        ],
    }


def _purpose(queue: Queue) -> str:
    if queue.name == EVENT_LOG:
        return (
            "A stream: keeps every event until the log is too long or the event too old. Reading "
            "takes nothing off it; consume with a prefetch, with acknowledgements, and with "
            "`x-stream-offset`. An empty body is no event, but marks how far a reader was to read."
        )
    delay = queue.arguments.get("x-message-ttl")
    if delay is not None:
        return (
            f"Holds what met a passing fault for {delay // 1000} s; the broker then moves it back "
            f"to `{queue.arguments['x-dead-letter-routing-key']}`. Nobody consumes it."
        )
    if queue.name.endswith(ALONE):
        return "What may have ended its consumers, worked off one at a time by doclink itself."
    if any(exchange == DEAD for exchange, _ in queue.bindings):
        return "Keeps what could not be handled until an operator sends it again or drops it."
    return "Worked off by doclink itself; publish to the exchange, not to the queue."


def _held(queue: Queue) -> list[str]:
    """The names of the messages that may lie in `queue`."""
    if any(exchange == DEAD for exchange, _ in queue.bindings):
        return [PARKED]
    worked = queue.name.removesuffix(ALONE)
    if "x-message-ttl" in queue.arguments:
        worked = queue.arguments["x-dead-letter-routing-key"]
    bindings = next(known.bindings for known in QUEUES if known.name == worked)
    if not bindings:  # bound to what is wanted, at run time
        return [*EVENTS]
    return [
        name
        for exchange, pattern in bindings
        for name in (EVENTS if exchange == EVENT_EXCHANGE else REQUESTS)
        if matches(pattern, name)
    ]


def _refs(*names: str) -> Json:
    return {name: {"$ref": f"#/components/messages/{name}"} for name in names}


def _binding(binding: Json) -> Json:
    return {"amqp": {**binding, "bindingVersion": BINDING_VERSION}}
