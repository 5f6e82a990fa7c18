"""The dead queues, read without taking anything off them."""

from aio_pika.abc import AbstractIncomingMessage

from contracts.catalogue import Service
from contracts.topology import dead_queue
from tests.support.bus import Outsider


async def dead(outsider: Outsider, service: Service) -> list[AbstractIncomingMessage]:
    """Everything that is parked for a service now."""
    channel = outsider.connection.channel()
    await channel.initialize()
    try:
        queue = await channel.get_queue(dead_queue(service), ensure=False)
        found = []
        while (message := await queue.get(fail=False)) is not None:
            found.append(message)
        return found
    finally:
        await channel.close()  # gives all of them back
