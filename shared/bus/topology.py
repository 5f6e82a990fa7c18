"""Declares the exchanges and queues of the contracts on a live connection, or looks for them there.

They are declared on a robust channel, which declares them again after a reconnect: a broker that
comes back empty is whole again. A broker that loads them itself (`deploy/broker`) has no need of
that, and services no right to it.
"""

from collections.abc import Set as AbstractSet

from aio_pika.abc import AbstractChannel, AbstractQueue
from aio_pika.exceptions import ChannelNotFoundEntity, ChannelPreconditionFailed

from contracts.catalogue import Service
from contracts.topology import EXCHANGES, QUEUES, queues_of


class QueueFinding(Exception):  # noqa: N818 - a finding, not an error
    """A queue is not as the table has it; `queue` is its name."""

    def __init__(self, queue: str) -> None:
        super().__init__(queue)
        self.queue = queue


class OtherArguments(QueueFinding):
    """The queue is there, with other arguments: an earlier release declared it."""


class Missing(QueueFinding):
    """The queue is not there."""


async def given(channel: AbstractChannel, service: Service) -> dict[str, AbstractQueue]:
    """The service's own queues by name, as the broker has them.

    Raises:
        Missing: the broker has one of them not; the channel is closed.
    """
    queues: dict[str, AbstractQueue] = {}
    for spec in queues_of(service):
        try:
            queues[spec.name] = await channel.declare_queue(spec.name, passive=True)
        except ChannelNotFoundEntity as error:
            raise Missing(spec.name) from error
    return queues


async def declare(
    channel: AbstractChannel, older: AbstractSet[str] = frozenset()
) -> dict[str, AbstractQueue]:
    """Declare everything in the table; what is there already is left as it is.

    The queues in `older` are taken with whatever arguments they have. Returns all by name.

    Raises:
        OtherArguments: a queue has other arguments than the table's; the channel is closed.
    """
    queues: dict[str, AbstractQueue] = {}
    for exchange in EXCHANGES:
        await channel.declare_exchange(exchange.name, exchange.type, durable=True)
    for spec in QUEUES:
        try:
            queue = await channel.declare_queue(
                spec.name,
                durable=True,
                arguments=spec.arguments,
                passive=spec.name in older,
            )
        except ChannelPreconditionFailed as error:
            raise OtherArguments(spec.name) from error
        for exchange_name, routing_key in spec.bindings:
            await queue.bind(exchange_name, routing_key)
        queues[spec.name] = queue
    return queues
