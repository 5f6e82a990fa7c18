"""Our links processes: the one that is always there, and a second one for some rounds."""

import asyncio
from time import monotonic
from typing import Final

from aio_pika.abc import AbstractRobustChannel, AbstractRobustConnection

from contracts.topology import command_queue
from deploy.local.errors import LocalError
from deploy.local.processes import ServiceProcess
from deploy.local.stack import Stack
from tests.bench.contenders import Contender, ours

ONE, TWO = "one", "two"
_CONSUMERS: Final = {ONE: 1, TWO: 2}
_READY_SECONDS = 30.0
_PAUSE = 0.1


class LinksProcesses:
    """One or two of them, as a round wants it.

    Args:
        stack: Our system, with one.
        connection: To the broker, which knows how many of them consume.
    """

    def __init__(self, stack: Stack, connection: AbstractRobustConnection) -> None:
        self._stack = stack
        self._connection = connection
        self._second = ServiceProcess(
            "links",
            stack.infrastructure.urls,
            log=stack.infrastructure.folder.log / "links-2.log",
        )

    async def enter(self, side: str) -> Contender:
        """Our system with one or two links processes, all at work.

        Raises:
            LocalError: The second one does not start.
        """
        if side == TWO:
            self._second.start()
        else:
            await asyncio.to_thread(self._second.terminate)
        await self._until_consuming(_CONSUMERS[side])
        return ours(self._stack, side, {"links 2": self._second.pid})

    async def _until_consuming(self, wanted: int) -> None:
        deadline = monotonic() + _READY_SECONDS
        channel = self._connection.channel()
        await channel.initialize()
        try:
            while await _consumers(channel) != wanted:
                if monotonic() > deadline:
                    raise LocalError(
                        f"Not {wanted} links processes at work.\n{self._second.tail()}"
                    )
                await asyncio.sleep(_PAUSE)
        finally:
            await channel.close()


async def _consumers(channel: AbstractRobustChannel) -> int:
    # A robust queue is remembered, with what the broker said of it the first time.
    queue = await channel.declare_queue(command_queue("links"), passive=True, robust=False)
    return queue.declaration_result.consumer_count or 0
