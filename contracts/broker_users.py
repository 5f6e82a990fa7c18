"""The broker's users: each with what it needs on the broker, and nothing else.

RabbitMQ knows three rights, each a regular expression of the names it holds for: to declare and
delete (`configure`), to publish to or bind (`write`), to consume or bind from (`read`); a queue
that replies come to is published to by way of the default exchange, `amq.default`.
https://www.rabbitmq.com/docs/access-control#authorisation
"""

import re
from dataclasses import dataclass
from typing import get_args

from contracts.api_keys import ApiKeyRevoked
from contracts.catalogue import Service
from contracts.topology import (
    COMMANDS,
    DEAD,
    EVENT_LOG,
    EVENTS,
    OUTSIDE,
    QUERIES,
    RETRY,
    SUBSCRIPTIONS,
    dead_queue,
    event_queue,
    queues_of,
)

DEFAULT_EXCHANGE = "amq.default"
NOTHING = "^$"
EVERYTHING = ".*"

_SENDS: dict[Service, tuple[str, ...]] = {
    "links": (QUERIES,),  # asks for documents and entities that it has not heard of yet
    "webhooks": (COMMANDS,),  # switches a webhook off that nobody answers at
}


@dataclass(frozen=True)
class TopicRight:
    """With which routing keys a topic exchange may be published to, and bound from."""

    exchange: str
    write: str = NOTHING
    read: str = NOTHING


@dataclass(frozen=True)
class BrokerUser:
    """A user and its rights, as regular expressions of names."""

    name: str
    configure: str = NOTHING
    write: str = NOTHING
    read: str = NOTHING
    topics: tuple[TopicRight, ...] = ()
    tags: tuple[str, ...] = ()


def broker_user(process: str) -> str:
    """As whom a service, the ingress or the operator logs in, e.g. `doclink-crm-sync`."""
    return f"doclink-{process.replace('_', '-')}"


def _exactly(*names: str) -> str:
    return f"^({'|'.join(re.escape(name) for name in names)})$"


def _either(*patterns: str) -> str:
    return "|".join(patterns)


def _replies(process: str) -> str:
    """The queues on which a process waits for replies: its own, so that nobody else reads them."""
    return rf"^doclink\.replies\.{process}\."


_NOTICES = r"^doclink\.ingress\.notices\."
_DEAD_QUEUES = tuple(dead_queue(service) for service in get_args(Service))
_READERS = _exactly(*(f"{queue}.reader" for queue in _DEAD_QUEUES))
"""What whoever opens a dead queue holds meanwhile, see `shared.bus.dead_queue`."""


def _service(service: Service) -> BrokerUser:
    # A service whose bindings are not in the topology makes them itself.
    binds = (event_queue(service),) if SUBSCRIPTIONS.get(service) == () else ()
    sends = (EVENTS, RETRY, DEAD, DEFAULT_EXCHANGE, *_SENDS.get(service, ()))
    # What waits for a retry, and what is parked, it does not read.
    takes = (
        queue.name
        for queue in queues_of(service)
        if "x-message-ttl" not in queue.arguments and queue.name != dead_queue(service)
    )
    return BrokerUser(
        broker_user(service),
        configure=_replies(service),
        write=_exactly(*sends, *binds),
        read=_either(_exactly(*takes, *((EVENTS,) if binds else ())), _replies(service)),
        topics=(TopicRight(DEAD, write=_exactly(service)),),
    )


INGRESS = BrokerUser(
    broker_user("ingress"),
    configure=_either(_replies("ingress"), _NOTICES, _READERS),
    # The default exchange: `/admin/v1/dead` sends parked messages again.
    write=_either(_exactly(COMMANDS, QUERIES, DEFAULT_EXCHANGE), _NOTICES),
    read=_either(_exactly(EVENTS, *_DEAD_QUEUES), _replies("ingress"), _NOTICES),
    topics=(TopicRight(EVENTS, read=_exactly(ApiKeyRevoked.type)),),
)
OPERATOR = BrokerUser(
    broker_user("operator"),
    configure=_either(_replies("operator"), _READERS),
    write=_exactly(COMMANDS, QUERIES, DEFAULT_EXCHANGE),
    read=_either(_exactly(EVENT_LOG, *_DEAD_QUEUES), _replies("operator")),
)
PUBLISHER = BrokerUser(broker_user("publisher"), write=_exactly(OUTSIDE))
"""A program of somebody else's that sends commands; it reads nothing, not even replies."""

_OWN = r"^(amq\.gen-|subscriber\.)"
SUBSCRIBER = BrokerUser(
    broker_user("subscriber"),
    configure=_OWN,
    write=_OWN,  # to bind them
    read=_either(_exactly(EVENTS), _OWN),
)
"""A program of somebody else's that hears events, on queues of its own."""

ADMINISTRATOR = BrokerUser("doclink", EVERYTHING, EVERYTHING, EVERYTHING, tags=("administrator",))

BROKER_USERS: tuple[BrokerUser, ...] = (
    *(_service(service) for service in get_args(Service)),
    INGRESS,
    OPERATOR,
    PUBLISHER,
    SUBSCRIBER,
    ADMINISTRATOR,
)
