"""The broker as an outsider sees it: publish anything, hear events, look into dead queues."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aio_pika
from aio_pika.abc import AbstractIncomingMessage, AbstractRobustChannel, AbstractRobustConnection
from ulid import ULID
from yarl import URL

from contracts.catalogue import Service
from contracts.topology import COMMANDS, EVENTS, dead_queue
from shared.ids import new_id

PATIENCE = 15.0
"""Seconds after which a test gives up on something that ought to happen."""


class Tap:
    """Everything that was published on the event exchange since the tap was opened."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self._news = asyncio.Condition()

    async def take(self, message: AbstractIncomingMessage) -> None:
        """Note one event."""
        async with self._news:
            self.events.append(json.loads(message.body))
            self._news.notify_all()

    async def until(
        self, enough: Callable[[list[dict[str, Any]]], bool], timeout: float = PATIENCE
    ) -> list[dict[str, Any]]:
        """The events so far, as soon as they are enough."""
        async with asyncio.timeout(timeout), self._news:
            await self._news.wait_for(lambda: enough(self.events))
        return list(self.events)

    async def one(self, timeout: float = PATIENCE, **wanted: Any) -> dict[str, Any]:
        """The first event whose members, or members of `data`, are as wanted."""
        await self.until(lambda events: any(_matches(e, wanted) for e in events), timeout)
        return next(event for event in self.events if _matches(event, wanted))

    def all(self, **wanted: Any) -> list[dict[str, Any]]:
        """The events so far whose members, or members of `data`, are as wanted."""
        return [event for event in self.events if _matches(event, wanted)]


def _matches(event: dict[str, Any], wanted: Mapping[str, Any]) -> bool:
    missing = object()
    return all(
        value in (event.get(name, missing), event["data"].get(name, missing))
        for name, value in wanted.items()
    )


class Outsider:
    """A program with broker credentials and nothing of ours."""

    def __init__(
        self, connection: AbstractRobustConnection, channel: AbstractRobustChannel
    ) -> None:
        self.connection = connection
        self.channel = channel

    @classmethod
    @asynccontextmanager
    async def connected(cls, url: str) -> AsyncIterator["Outsider"]:
        """An outsider for as long as the block lasts."""
        # Without heartbeats: while synchronous tests run, for minutes, nobody sends any.
        lasting = str(URL(url).update_query(heartbeat=0))
        connection = await aio_pika.connect_robust(lasting, reconnect_interval=0.3)
        async with connection:
            channel = connection.channel(on_return_raises=True)
            await channel.initialize()
            yield cls(connection, channel)

    async def renew(self) -> None:
        """Publish over a new channel from now on."""
        self.channel = self.connection.channel(on_return_raises=True)
        await self.channel.initialize()

    async def publish(
        self,
        type_: str,
        body: Mapping[str, Any] | bytes,
        *,
        exchange: str = COMMANDS,
        **properties: Any,
    ) -> str:
        """Publish a message, confirmed; returns its message id."""
        message_id = properties.pop("message_id", None) or str(ULID())
        options: dict[str, Any] = {"content_type": "application/json", "delivery_mode": 2}
        message = aio_pika.Message(
            body if isinstance(body, bytes) else json.dumps(body).encode(),
            message_id=message_id,
            **(options | properties),
        )
        target = await self.channel.get_exchange(exchange, ensure=False)
        await target.publish(message, type_)
        return message_id

    async def ask(
        self,
        type_: str,
        body: Mapping[str, Any] | bytes,
        *,
        exchange: str = COMMANDS,
        **properties: Any,
    ) -> dict[str, Any]:
        """Publish with `reply_to` and return the reply."""
        replies = await self.channel.declare_queue(exclusive=True, auto_delete=True)
        correlation_id = str(ULID())
        properties |= {"reply_to": replies.name, "correlation_id": correlation_id}
        await self.publish(type_, body, exchange=exchange, **properties)
        async with asyncio.timeout(PATIENCE), replies.iterator(no_ack=True) as incoming:
            async for message in incoming:
                assert message.correlation_id == correlation_id
                reply: dict[str, Any] = json.loads(message.body)
                return reply
        raise AssertionError("the reply queue was closed")

    @asynccontextmanager
    async def tap(self, *routing_keys: str) -> AsyncIterator[Tap]:
        """A tap on the event exchange; all events if no routing key is given."""
        tap = Tap()
        channel = self.connection.channel()
        await channel.initialize()
        queue = await channel.declare_queue(exclusive=True, auto_delete=True)
        for key in routing_keys or ("#",):
            await queue.bind(EVENTS, key)
        await queue.consume(tap.take, no_ack=True)
        try:
            yield tap
        finally:
            await channel.close()

    async def parked(
        self, service: Service, message_id: str, timeout: float = PATIENCE
    ) -> AbstractIncomingMessage:
        """The message with this id from a service's dead queue, taken off it; others stay."""
        channel = self.connection.channel()
        await channel.initialize()
        try:
            queue = await channel.get_queue(dead_queue(service), ensure=False)
            async with asyncio.timeout(timeout), queue.iterator() as incoming:
                async for message in incoming:
                    if message.message_id == message_id:
                        await message.ack()
                        return message
        finally:
            await channel.close()  # gives back what was looked at only
        raise AssertionError("the dead queue was closed")


def command(workspace_id: str, **payload: Any) -> dict[str, Any]:
    """A command as an outside publisher writes it."""
    return {
        "command_id": new_id("cmd"),
        "workspace_id": workspace_id,
        "actor": "usr_01HW0",
        "issued_at": "2026-04-17T10:45:00Z",
        **payload,
    }
