"""Programs that log in at the broker as one of its users."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection
from ulid import ULID

from contracts.broker_users import PUBLISHER
from contracts.topology import OUTSIDE
from deploy.local.stack import Stack
from shared.ids import new_id
from tests.support.bus import command
from tests.support.records import stored

ME = PUBLISHER.name
WORKSPACE = "ws_of_the_publisher"
PUBLISHERS = json.dumps({PUBLISHER.name: [WORKSPACE]})
"""For whom the stack's outside publisher may act."""


class BrokerLogin:
    """A program that has logged in as a user."""

    def __init__(self, connection: AbstractConnection) -> None:
        self._connection = connection

    @classmethod
    @asynccontextmanager
    async def of(cls, stack: Stack, user: str) -> AsyncIterator["BrokerLogin"]:
        """A login for as long as the block lasts."""
        url = stack.infrastructure.urls.broker_users[user]
        async with await aio_pika.connect(url) as connection:
            yield cls(connection)

    async def channel(self) -> AbstractChannel:
        """A new one: the broker closes it with the first thing that it refuses."""
        return await self._connection.channel(on_return_raises=True)

    async def publish(
        self, key: str, body: bytes = b"{}", *, exchange: str = OUTSIDE, **properties: Any
    ) -> str:
        """Publish a message, confirmed; returns its message id."""
        channel = await self.channel()
        message_id = str(ULID())
        message = aio_pika.Message(
            body,
            message_id=message_id,
            content_type="application/json",
            delivery_mode=2,
            **properties,
        )
        target = (
            await channel.get_exchange(exchange, ensure=False)
            if exchange
            else channel.default_exchange
        )
        await target.publish(message, key)
        await channel.close()
        return message_id


def upsert(workspace_id: str, **more: Any) -> dict[str, Any]:
    """`entity.upsert` of a new deal."""
    body = {"entity_type": "deal", "entity_id": new_id("deal")}
    return command(workspace_id, **body, **more)


async def send(publisher: BrokerLogin, type_: str, body: dict[str, Any], **properties: Any) -> str:
    """Publish a command as `ME`, unless the properties say otherwise; returns its message id."""
    return await publisher.publish(
        type_, json.dumps(body).encode(), **({"user_id": ME} | properties)
    )


def entities(stack: Stack, body: dict[str, Any]) -> list[dict[str, Any]]:
    """What is stored of an `upsert`, in any workspace."""
    return stored(stack, "crm_sync", "entities", **{"record.entity_id": body["entity_id"]})
