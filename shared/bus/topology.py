"""Declares the exchanges and queues of the contracts on a live connection.

They are declared on a robust channel, which declares them again after a reconnect: a broker that
comes back empty is whole again.
"""

from aio_pika.abc import AbstractChannel, AbstractQueue

from contracts.topology import EXCHANGES, QUEUES


async def declare(channel: AbstractChannel) -> dict[str, AbstractQueue]:
    """Declare everything in the table; what is there already is left as it is.

    Returns the queues by name.
    """
    queues: dict[str, AbstractQueue] = {}
    for exchange in EXCHANGES:
        await channel.declare_exchange(exchange.name, exchange.type, durable=True)
    for spec in QUEUES:
        queue = await channel.declare_queue(spec.name, durable=True, arguments=spec.arguments)
        for exchange_name, routing_key in spec.bindings:
            await queue.bind(exchange_name, routing_key)
        queues[spec.name] = queue
    return queues
