"""How many messages wait in a queue."""

from tests.support.bus import Outsider


async def waiting(outsider: Outsider, queue: str) -> int:
    """The messages that no consumer has been given."""
    channel = outsider.connection.channel()
    await channel.initialize()
    try:
        declared = await channel.declare_queue(queue, passive=True)
        return declared.declaration_result.message_count or 0
    finally:
        await channel.close()
