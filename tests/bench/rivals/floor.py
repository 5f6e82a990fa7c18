"""The floor: no framework; the least that could do this work one message at a time.

Raw ASGI, aio-pika, JSON by hand, one insert and one confirmed event for each message.
`python -m tests.bench.rivals.floor http` serves, `... consumer` consumes.
"""

import asyncio
import json
import sys
from itertools import count
from typing import Any

import aio_pika
import uvloop
from aio_pika.abc import AbstractIncomingMessage
from pymongo import AsyncMongoClient

from tests.bench.rivals import common

QUEUE = common.FLOOR_QUEUE
PREFETCH = 256
TYPES = {"contact", "company", "deal", "event", "matter", "task"}


async def consume() -> None:
    """Insert and announce one link for each message, and answer."""
    client: Any = AsyncMongoClient(common.MONGO_URL, tz_aware=True)
    links = client["rival_floor"].get_collection("links", write_concern=common.DURABLE)
    await common.ensure_indexes(client["rival_floor"])
    publishing = await aio_pika.connect_robust(common.AMQP_URL)
    confirmed = await publishing.channel(publisher_confirms=True)
    events = await confirmed.declare_exchange(common.EVENTS, "topic", durable=True)
    replies = await publishing.channel(publisher_confirms=False)
    consuming = await aio_pika.connect_robust(common.AMQP_URL)
    channel = await consuming.channel()
    await channel.set_qos(prefetch_count=PREFETCH)
    queue = await channel.declare_queue(QUEUE, durable=True, arguments=common.QUORUM)

    async def take(message: AbstractIncomingMessage) -> None:
        command = json.loads(message.body)
        link = common.new_link(
            command["document_id"],
            command["entity_type"],
            command["entity_id"],
            command.get("role"),
        )
        await links.insert_one(link)
        event = common.event_of(link)
        await events.publish(
            common.message_of(event),
            routing_key="link.created",
            mandatory=False,
        )
        if message.reply_to:
            await replies.default_exchange.publish(
                aio_pika.Message(
                    json.dumps(event["data"]).encode(), correlation_id=message.correlation_id
                ),
                routing_key=message.reply_to,
                mandatory=False,
            )
        await message.ack()

    await queue.consume(take)
    await asyncio.Future()


class Floor:
    """An ASGI application."""

    def __init__(self) -> None:
        self._pending: dict[str, asyncio.Future[bytes]] = {}
        self._numbers = count()
        self._exchange: Any = None
        self._replies = ""
        self._connection: Any = None

    async def start(self) -> None:
        """Connect."""
        self._connection = await aio_pika.connect_robust(common.AMQP_URL)
        channel = await self._connection.channel(publisher_confirms=True, on_return_raises=True)
        await channel.declare_queue(QUEUE, durable=True, arguments=common.QUORUM)
        self._exchange = channel.default_exchange
        consuming = await self._connection.channel()
        queue = await consuming.declare_queue(exclusive=True, auto_delete=True)
        self._replies = queue.name
        await queue.consume(self._take, no_ack=True)

    async def _take(self, message: AbstractIncomingMessage) -> None:
        self._pending.pop(message.correlation_id or "").set_result(message.body)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one request."""
        if scope["type"] == "lifespan":
            await receive()
            await self.start()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await self._connection.close()
            await send({"type": "lifespan.shutdown.complete"})
            return
        status, body = await self._answer(scope, receive)
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, scope: Any, receive: Any) -> tuple[int, bytes]:
        if scope["path"] == "/readyz":
            return 200, b"{}"
        if dict(scope["headers"]).get(b"authorization", b"").decode() != common.KEY:
            return 401, b"{}"
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        given = json.loads(body)
        if given.get("entity_type") not in TYPES or not isinstance(given.get("entity_id"), str):
            return 400, b"{}"
        given["document_id"] = scope["path"].split("/")[3]
        number = str(next(self._numbers))
        future = self._pending[number] = asyncio.get_running_loop().create_future()
        await self._exchange.publish(
            aio_pika.Message(
                json.dumps(given).encode(),
                delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
                reply_to=self._replies,
                correlation_id=number,
            ),
            routing_key=QUEUE,
        )
        return 201, b'{"data":' + await future + b"}"


if __name__ == "__main__":
    if sys.argv[1:] == ["consumer"]:
        uvloop.run(consume())
    else:
        common.serve(Floor())
