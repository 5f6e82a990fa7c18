"""A message put straight into the connection's queue: the least that a publish needs.

The client's own `basic_publish` is made for every case: a lock, a deadline, three futures and four
layers of coroutines for each message, a fifth of what a link cost its process. An event that fits
into one frame and that nobody need take can do without (docs/decisions/0024). The names used here
are those of aiormq's channel; none is private.
"""

import asyncio
from functools import lru_cache
from typing import Any

from aiormq.abc import ChannelFrame
from pamqp.body import ContentBody
from pamqp.commands import Basic
from pamqp.frame import marshal
from pamqp.header import ContentHeader


def hand_over(
    channel: Any, exchange: str, routing_key: str, body: bytes, properties: Basic.Properties
) -> asyncio.Future[Any] | None:
    """Send a message without `mandatory`; the future is done when the broker has confirmed it.

    None, and nothing is sent, if the channel is closed, the connection's queue is full, or the
    body too long for a frame: then the client's own way is the right one. Here nothing is awaited
    between taking the message's number and queueing it, so that numbers are in the order of the
    messages, as the protocol has it. The caller sees to it that nobody is within `basic_publish`
    meanwhile: there that may be a while apart.

    Args:
        channel: A channel of aiormq with publisher confirms.
        exchange: Where to.
        routing_key: At most 255 bytes.
        body: Not empty.
        properties: Of the message.
    """
    unable = channel.is_closed or channel.write_queue.full()
    if unable or len(body) >= channel.max_content_size:
        return None
    number = channel.number
    header = ContentHeader(properties=properties, body_size=len(body))
    frames = (
        _method(exchange, routing_key, number),
        marshal(header, number),
        marshal(ContentBody(body), number),
    )
    confirmation: asyncio.Future[Any] = channel.create_future()
    channel.delivery_tag += 1
    channel.confirmations[channel.delivery_tag] = confirmation
    channel.write_queue.put_nowait(ChannelFrame(b"".join(frames), should_close=False))
    return confirmation


@lru_cache(maxsize=256)
def _method(exchange: str, routing_key: str, number: int) -> bytes:
    return marshal(Basic.Publish(exchange=exchange, routing_key=routing_key), number)
