"""The state of a stack, read past its services: databases, queues, dead queues."""

import asyncio
from typing import Any, get_args

import pymongo

from contracts.catalogue import Service
from contracts.topology import QUEUES, dead_queue
from deploy.local.cluster import Cluster
from deploy.local.rabbitmq import RabbitMQ
from deploy.local.stack import Stack
from tests.chaos import effects
from tests.chaos.effects import Effect
from tests.support.bus import Outsider

_WORK = tuple(
    queue.name
    for queue in QUEUES
    if queue.arguments.get("x-queue-type") == "quorum" and not queue.name.endswith(".dead")
)
"""Command, event and retry queues."""


async def effects_in(stack: Stack, workspace_id: str) -> list[Effect]:
    """Everything that commands have done in a workspace."""
    return await asyncio.to_thread(_effects_in, stack, workspace_id)


def _effects_in(stack: Stack, workspace_id: str) -> list[Effect]:
    with pymongo.MongoClient[dict[str, Any]](
        stack.infrastructure.urls.mongo, tz_aware=True
    ) as client:

        def held(service: Service, collection: str) -> list[dict[str, Any]]:
            found = client[f"doclink_{service}"][collection].find({"workspace_id": workspace_id})
            return list(found)

        return [
            *effects.of_documents(held("registry", "documents")),
            *effects.of_entities(held("crm_sync", "entities")),
            *effects.of_links(held("links", "links")),
            *effects.of_relations(held("links", "link_set_changes"), held("links", "link_sets")),
            *effects.of_link_types(held("links", "link_types")),
        ]


async def waiting(outsider: Outsider, *more: str) -> dict[str, int]:
    """The queues for work, and `more`, that are not empty."""
    found = {name: await _length(outsider, name) for name in (*_WORK, *more)}
    return {name: count for name, count in found.items() if count}


async def in_hand(stack: Stack) -> dict[str, int]:
    """The queues with messages that somebody has taken and not settled, as the broker counts."""
    broker = stack.infrastructure.broker
    if not isinstance(broker, Cluster | RabbitMQ):
        return {}
    held = await asyncio.to_thread(broker.held)
    return {f"{name}, in hand": count for name, count in held.items() if name in _WORK}


async def parked(outsider: Outsider) -> int:
    """How many messages are in all dead queues together."""
    return sum([await _length(outsider, dead_queue(each)) for each in get_args(Service)])


async def _length(outsider: Outsider, name: str) -> int:
    # Not robust: a robust channel answers the second time from memory.
    queue = await outsider.channel.declare_queue(name, passive=True, robust=False)
    return queue.declaration_result.message_count or 0
