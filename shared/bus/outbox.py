"""The outbox: messages on their way over one channel, those that come together in one write.

The client's own `basic_publish` is made for one message: a lock, a deadline, three futures and four
layers of coroutines for each, a fifth of what a link cost its process. Here that is once for all
that is published in one turn of the event loop (docs/decisions/0024). The names used are those of
aiormq's channel; none is private.
"""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import uuid4

from aio_pika.abc import AbstractRobustChannel
from aiormq.abc import ChannelFrame
from pamqp.body import ContentBody
from pamqp.commands import Basic
from pamqp.frame import marshal
from pamqp.header import ContentHeader

from shared.batching import Batcher
from shared.bus.faults import publishing
from shared.errors import BrokerUnavailable

_Confirm = asyncio.Future[Any]


@dataclass(frozen=True)
class Sending:
    """A message to send: where to, its body, and what AMQP says of it."""

    exchange: str
    routing_key: str
    body: bytes
    properties: Basic.Properties
    mandatory: bool


class Outbox:
    """Sends over a channel, in the order of the calls.

    Args:
        channel: If it confirms, `send` waits for that.
        deadline: Seconds that a message may take.
    """

    def __init__(self, channel: AbstractRobustChannel, *, deadline: float) -> None:
        self._channel = channel
        self._deadline = deadline
        self._together: Batcher[Sending, _Confirm | None] = Batcher(self._put, distance=0)
        self._underway: set[asyncio.Timeout] = set()
        channel.close_callbacks.add(self._lost)

    async def send(self, sending: Sending) -> None:
        """Return when the broker has confirmed it, if the channel confirms at all.

        Raises:
            BrokerUnavailable: not within the deadline; the broker may have taken it. Or no queue
                takes what is mandatory.
            Overloaded: the queue is full and has refused it.
        """
        async with publishing(sending.routing_key, self._deadline) as limit:
            if self._channel.is_closed:
                raise BrokerUnavailable("The channel is closed")
            with self._ended_by_loss(limit):
                confirm = await self._together(sending)
                if confirm is not None:
                    await confirm

    async def close(self) -> None:
        """Close the channel; what is still under way is not heard of any more."""
        self._channel.close_callbacks.discard(self._lost)
        await self._channel.close()

    async def _put(self, batch: list[Sending]) -> Sequence[_Confirm | Exception | None]:
        # The client's type of channel says little; all used here are public names of aiormq's.
        channel: Any = await self._channel.get_underlay_channel()
        payloads = [_marshalled(channel, each) for each in batch]
        async with asyncio.timeout(self._deadline) as limit, channel.lock:
            whole = b"".join(each for each in payloads if isinstance(each, bytes))
            with self._ended_by_loss(limit):
                await channel.write_queue.put(ChannelFrame(whole, should_close=False))
            # From here on nothing is awaited: no confirm can come before it is expected.
            return [
                _expected(channel, each) if isinstance(payload, bytes) else payload
                for each, payload in zip(batch, payloads, strict=True)
            ]

    @contextmanager
    def _ended_by_loss(self, limit: asyncio.Timeout) -> Iterator[None]:
        self._underway.add(limit)
        try:
            yield
        finally:
            self._underway.discard(limit)

    def _lost(self, *_: Any) -> None:
        """No confirm comes any more, and the client does not tell all who wait for one."""
        for limit in self._underway:
            if not limit.expired():
                limit.reschedule(0)


def _marshalled(channel: Any, sending: Sending) -> bytes | Exception:
    """The message as the connection takes it, or why it cannot be written."""
    number, size = channel.number, channel.max_content_size
    sending.properties.message_id = sending.properties.message_id or uuid4().hex
    header = ContentHeader(properties=sending.properties, body_size=len(sending.body))
    pieces = (sending.body[start : start + size] for start in range(0, len(sending.body), size))
    try:
        method = _method(sending.exchange, sending.routing_key, number, mandatory=sending.mandatory)
        body = b"".join(marshal(ContentBody(each), number) for each in pieces)
        return method + marshal(header, number) + body
    except Exception as error:  # noqa: BLE001 - what cannot be written is no other message's fault
        return error


@lru_cache(maxsize=256)
def _method(exchange: str, routing_key: str, number: int, *, mandatory: bool) -> bytes:
    method = Basic.Publish(exchange=exchange, routing_key=routing_key, mandatory=mandatory)
    return marshal(method, number)


def _expected(channel: Any, sending: Sending) -> _Confirm | None:
    """The confirm of the message that was sent last: the broker numbers them as they come."""
    if not channel.publisher_confirms:
        return None
    confirm: _Confirm = channel.create_future()
    channel.delivery_tag += 1
    channel.confirmations[channel.delivery_tag] = confirm
    if sending.mandatory:  # should it come back, it comes back under this name
        message_id, ids = sending.properties.message_id, channel.message_id_delivery_tag
        number = ids[message_id] = channel.delivery_tag

        def forget(_: _Confirm) -> None:
            if ids.get(message_id) == number:
                del ids[message_id]

        confirm.add_done_callback(forget)
    return confirm
