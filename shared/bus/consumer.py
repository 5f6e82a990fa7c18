"""A consumer: the messages of one queue, each parsed, handed to its handler, and settled."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aio_pika.abc import AbstractIncomingMessage

from contracts.messages import Event
from shared.bus.delivery import Delivery
from shared.bus.parsing import Parse
from shared.bus.settlement import Settlement, Verdict
from shared.errors import InvalidMessage, StoreUnavailable
from shared.logs import bind, logger
from shared.outcome import Outcome

log = logger(__name__)
STORE_PAUSE_SECONDS = 0.1

Handler = Callable[[Any], Awaitable[Outcome]]
Handlers = Mapping[str, Handler]
"""From a message's type to what handles it."""


class Consumer:
    """Works off one queue. Handlers know neither AMQP nor FastStream."""

    def __init__(
        self,
        queue: str,
        parse: Parse,
        handlers: Handlers,
        settlement: Settlement,
        *,
        retried: bool = True,
        store_back: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self.queue = queue
        self._parse = parse
        self._handlers = handlers
        self._settlement = settlement
        self._retried = retried
        self._store_back = store_back

    async def take(self, raw: AbstractIncomingMessage) -> None:
        """Handle and settle one message."""
        delivery = Delivery(raw, self.queue, retried=self._retried)
        # Each message has a task of its own, so what is bound here ends with it.
        bind(request_id=delivery.request_id, message_id=raw.message_id)
        verdict = await self._judge(delivery)
        await self._settlement.settle(delivery, verdict)
        if verdict.error is None:
            log.info("message.handled", type=delivery.type)

    async def _judge(self, delivery: Delivery) -> Verdict:
        message = None
        try:
            message = self._parse(delivery)
            bind(**_facts(message))
            handler = self._handlers.get(delivery.type)
            if handler is None:
                raise InvalidMessage(f"{self.queue} does not handle {delivery.type}")  # noqa: TRY301
            return Verdict(await self._handle(handler, message, delivery), None, message)
        except Exception as error:  # noqa: BLE001 - the type decides, in `settlement`
            return Verdict(None, error, message)

    async def _handle(self, handler: Handler, message: Any, delivery: Delivery) -> Outcome:
        """Run the handler; while the database is away for everybody, wait for it right here.

        No further messages are taken than are prefetched, and none goes to a retry queue.
        """
        while True:
            try:
                return await handler(message)
            except StoreUnavailable as error:
                if self._store_back is None or delivery.lost:
                    raise
                log.warning("store.away", error=str(error))
                # It may answer pings and take no writes, for as long as it elects a primary.
                await asyncio.sleep(STORE_PAUSE_SECONDS)
                await self._store_back()


def _facts(message: Any) -> dict[str, str | None]:
    if isinstance(message, Event):
        return {"workspace_id": message.workspaceid}
    return {"command_id": message.command_id, "workspace_id": message.workspace_id}
