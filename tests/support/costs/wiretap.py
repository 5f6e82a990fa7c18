"""A wiretap: forwards between clients and one server, and shows each message to a listener.

What the server says may be held back for a while. Then a client that asks for several things side
by side has asked for all of them before it hears of the first, on however slow a machine.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from tests.support.relay import Relay

Read = Callable[[asyncio.StreamReader], Awaitable[bytes]]
"""Reads one whole message; raises `IncompleteReadError` when there is none any more."""


class Listener(Protocol):
    """Hears both sides of one connection."""

    def sent(self, message: bytes) -> None:
        """The client has sent it."""

    def received(self, message: bytes) -> None:
        """The client is about to get it."""


class Wiretap(Relay):
    """A relay that listens.

    Args:
        server: The URL of what the clients mean to talk to.
        read: Reads a message of the protocol.
        listener: Makes a listener for each connection.

    Attributes:
        delay: Seconds for which everything that comes from the server is held back.
    """

    def __init__(self, server: str, read: Read, listener: Callable[[], Listener]) -> None:
        super().__init__(server)
        self._read = read
        self._listener = listener
        self.delay = 0.0
        self._connections: set[asyncio.Task[None]] = set()

    async def _end(self) -> None:
        for each in self._connections:
            each.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        server_reader, server_writer = await self._connect()
        listener = self._listener()
        late: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        ways = [
            asyncio.create_task(each)
            for each in (
                self._up(reader, server_writer, listener),
                self._down(server_reader, late),
                self._deliver(late, writer, listener),
            )
        ]
        try:
            # The end of one is the end of all.
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            pass  # nobody waits for what is served
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            for each in (writer, server_writer):
                each.transport.abort()
            self._connections.discard(task)

    async def _up(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, listener: Listener
    ) -> None:
        while True:
            message = await self._read(reader)
            listener.sent(message)
            writer.write(message)
            await writer.drain()

    async def _down(
        self, reader: asyncio.StreamReader, late: asyncio.Queue[tuple[float, bytes]]
    ) -> None:
        while True:
            message = await self._read(reader)
            late.put_nowait((asyncio.get_running_loop().time() + self.delay, message))

    async def _deliver(
        self,
        late: asyncio.Queue[tuple[float, bytes]],
        writer: asyncio.StreamWriter,
        listener: Listener,
    ) -> None:
        while True:
            due, message = await late.get()
            await asyncio.sleep(max(0.0, due - asyncio.get_running_loop().time()))
            listener.received(message)
            writer.write(message)
            await writer.drain()
