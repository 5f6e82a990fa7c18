"""Publishes bad messages as they are, past what the client library would make of them."""

import asyncio
from collections.abc import Iterable
from typing import Any, cast

from aio_pika.abc import AbstractChannel
from aio_pika.exceptions import DeliveryError, PublishError
from pamqp.commands import Basic
from pamqp.common import FieldTable

from tests.scenarios.bad_messages.ledger import Ledger
from tests.scenarios.bad_messages.message import BadMessage, Wire

AT_ONCE = 100


class WiredProperties(Basic.Properties):
    """Properties of which some go over the wire as they are."""

    def encode_property(self, name: str, value: Any) -> bytes:
        """The bytes of one."""
        return value.data if isinstance(value, Wire) else super().encode_property(name, value)

    def validate(self) -> None:
        """Nothing: the broker is asked, not the library."""


class BadPublisher:
    """Sends messages, each confirmed.

    Args:
        channel: With confirms, on which what is returned is an error.
        answers: The queue for answers.
        ledger: Notes what comes back.
    """

    def __init__(self, channel: AbstractChannel, answers: str, ledger: Ledger) -> None:
        self._channel = channel
        self._answers = answers
        self._ledger = ledger

    async def publish(self, messages: Iterable[BadMessage]) -> None:
        """Return when the broker has confirmed or returned all of them."""
        slots = asyncio.Semaphore(AT_ONCE)

        async def one(message: BadMessage) -> None:
            async with slots:
                try:
                    await self._publish(message)
                except (PublishError, DeliveryError):
                    self._ledger.returned(message)

        await asyncio.gather(*(one(message) for message in messages))

    async def _publish(self, message: BadMessage) -> None:
        draft, headers = message.draft, cast("FieldTable", message.draft.headers)
        waiting = {"reply_to": self._answers} if draft.answered else {}
        channel: Any = await self._channel.get_underlay_channel()
        await channel.basic_publish(
            message.body,
            exchange=draft.exchange,
            routing_key=draft.routing_key,
            properties=WiredProperties(
                message_id=message.id,
                correlation_id=message.id,
                headers=headers,
                **{**draft.properties, **waiting},
            ),
            mandatory=True,
            wait=False,
        )
