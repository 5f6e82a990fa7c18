"""A proxy between one process and the broker, which can hold back what the process sends.

It is how a test kills a process at a chosen moment: the proxy forwards whole AMQP frames until it
sees the one it waits for, and from then on keeps all that this connection sends to the broker.
AMQP 0-9-1, section 4.2.2: https://www.rabbitmq.com/resources/specs/amqp0-9-1.pdf
"""

import asyncio
from collections.abc import Callable

from contracts.topology import EVENTS
from tests.support.relay import Relay

_PROTOCOL_HEADER = 8
_FRAME_HEADER = 7
_FRAME_END = 1
_METHOD = 1
_BASIC_PUBLISH = (60, 40)
_BASIC_ACK = (60, 80)

Frame = bytes
"""One frame from its type to its end octet."""


def publishes_event(frame: Frame) -> bool:
    """Whether the frame is a `basic.publish` to the event exchange."""
    exchange = frame[_FRAME_HEADER + 6 :]  # after class, method and a reserved short
    return _method(frame) == _BASIC_PUBLISH and exchange[1 : 1 + exchange[0]] == EVENTS.encode()


def acknowledges(frame: Frame) -> bool:
    """Whether the frame is a `basic.ack`."""
    return _method(frame) == _BASIC_ACK


def never(_frame: Frame) -> bool:
    """Nothing is held back."""
    return False


def _method(frame: Frame) -> tuple[int, int] | None:
    if frame[0] != _METHOD:
        return None
    return int.from_bytes(frame[7:9]), int.from_bytes(frame[9:11])


class Proxy(Relay):
    """Forwards to the broker.

    Args:
        amqp_url: The broker.
        hold_at: The first frame for which it is true is kept, with all that follows it on the
            same connection; other connections go on.

    Attributes:
        holds: Set when something is held back.
    """

    def __init__(self, amqp_url: str, hold_at: Callable[[Frame], bool] = never) -> None:
        super().__init__(amqp_url)
        self._hold_at = hold_at
        self._connections: set[asyncio.StreamWriter] = set()
        self._held: list[tuple[asyncio.StreamWriter, list[Frame]]] = []
        self.holds = asyncio.Event()

    def release(self) -> None:
        """Send on what was held back, and hold nothing any more."""
        self._hold_at = never
        for upstream, frames in self._held:
            upstream.writelines(frames)
            frames.clear()
        self._held.clear()

    def cut(self) -> None:
        """Break all connections, without a word to either side."""
        for writer in list(self._connections):
            writer.transport.abort()

    async def _end(self) -> None:
        self.cut()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream_reader, upstream = await self._connect()
        self._connections |= {writer, upstream}
        down = asyncio.create_task(_copy(upstream_reader, writer))
        try:
            await self._send_up(reader, upstream)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client has gone, however it went
        finally:
            for each in (writer, upstream):
                each.transport.abort()
                self._connections.discard(each)
            await down

    async def _send_up(self, reader: asyncio.StreamReader, upstream: asyncio.StreamWriter) -> None:
        upstream.write(await reader.readexactly(_PROTOCOL_HEADER))
        kept = upstream, list[Frame]()
        while True:
            frame = await _frame(reader)
            if kept in self._held or self._hold_at(frame):
                self._hold(kept, frame)
            else:
                upstream.write(frame)
                await upstream.drain()

    def _hold(self, kept: tuple[asyncio.StreamWriter, list[Frame]], frame: Frame) -> None:
        kept[1].append(frame)
        if kept not in self._held:
            self._held.append(kept)
        self.holds.set()


async def _frame(reader: asyncio.StreamReader) -> Frame:
    header = await reader.readexactly(_FRAME_HEADER)
    size = int.from_bytes(header[3:7])
    return header + await reader.readexactly(size + _FRAME_END)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        return
    finally:
        writer.transport.abort()
