"""Commands into a queue, and the events that follow: publisher and subscriber in one."""

import asyncio
import json
from time import perf_counter
from typing import Any

import aiormq
from aiormq.abc import DeliveredMessage

from shared.ids import new_id
from tests.bench.orders import QueueOrder, Result
from tests.bench.workload import Workload

UNCONFIRMED = 256
"""Publishes that may wait for their confirm at once."""

PATIENCE = 120.0


class Pipeline:
    """Publishes the commands of one order, and hears `link.created` for each.

    Args:
        workload: What is linked.
        order: How many, and where.
    """

    def __init__(self, workload: Workload, order: QueueOrder) -> None:
        self._workload = workload
        self._order = order
        self._heard: list[bytes] = []
        self._done = asyncio.Event()

    async def run(self) -> Result:
        """From the first publish to the last event."""
        pairs = [self._workload.pair(self._order.first + n) for n in range(self._order.count)]
        commands = [self._command(*pair) for pair in pairs]
        publishing = await aiormq.connect(self._order.url)
        hearing = await aiormq.connect(self._order.url)
        try:
            await self._subscribe(hearing)
            confirmed = await publishing.channel(publisher_confirms=True)
            began = perf_counter()
            try:
                async with asyncio.timeout(PATIENCE):
                    await self._publish_all(confirmed, commands)
                    await self._done.wait()
            except TimeoutError:
                told = f"{len(self._heard)} of {len(commands)} events after {PATIENCE:.0f} s"
                return Result(len(self._heard), perf_counter() - began, None, None, [told])
            seconds = perf_counter() - began
        finally:
            await publishing.close()
            await hearing.close()
        return Result(len(pairs), seconds, None, None, self._missing(pairs))

    def _command(self, document: str, entity: str) -> dict[str, str]:
        return {
            "command_id": new_id("cmd"),
            "workspace_id": self._workload.workspace,
            "actor": "usr_bench",
            "issued_at": "2026-04-17T10:45:00Z",
            "document_id": document,
            "entity_type": "contact",
            "entity_id": entity,
        }

    async def _subscribe(self, connection: aiormq.abc.AbstractConnection) -> None:
        channel = await connection.channel()
        declared = await channel.queue_declare(exclusive=True, auto_delete=True)
        assert declared.queue is not None
        await channel.queue_bind(declared.queue, self._order.events, "link.created")
        await channel.basic_consume(declared.queue, self._hear, no_ack=True)

    async def _hear(self, message: DeliveredMessage) -> None:
        self._heard.append(message.body)
        if len(self._heard) == self._order.count:
            self._done.set()

    async def _publish_all(self, channel: Any, commands: list[dict[str, str]]) -> None:
        messages = iter([(each["command_id"], json.dumps(each).encode()) for each in commands])

        async def publish() -> None:
            for command_id, body in messages:
                await channel.basic_publish(
                    body,
                    exchange=self._order.exchange,
                    routing_key=self._order.routing_key,
                    properties=aiormq.spec.Basic.Properties(
                        content_type="application/json", delivery_mode=2, message_id=command_id
                    ),
                )

        await asyncio.gather(*(publish() for _ in range(UNCONFIRMED)))

    def _missing(self, pairs: list[tuple[str, str]]) -> list[str]:
        """Told when not every pair has its event; looked at when the clock has stopped."""
        told = [json.loads(body)["data"] for body in self._heard]
        missing = set(pairs) - {(each["document_id"], each["entity_id"]) for each in told}
        return [f"no event for {len(missing)} links, e.g. {min(missing)}"] if missing else []
