"""A consumer: the messages of one queue, each parsed, handed to its handler, and settled."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from contracts.messages import Event
from shared.bus.delivery import Delivery
from shared.bus.dependency import Dependency
from shared.bus.frame import CONTENT_TYPE, Frame, Incoming, Part
from shared.bus.parsing import Parse
from shared.bus.settlement import Settlement, Verdict
from shared.errors import Crashed, InvalidMessage, Passing, Suspect
from shared.logs import bind, logger
from shared.outcome import Outcome

log = logger(__name__)

SUSPECT_AFTER = 2
"""How often a message may come back unsettled before it is handled alone.

Whatever a consumer holds when it ends comes back, also what it had not begun: in the main queue
nobody can tell which of them ended it.
"""

RUNS_ALONE = 3
"""How often a consumer may end with a message in its hands that was the only one there."""

PAUSE_SECONDS = 0.1
TRIES = 5
"""How often a message may fail for want of something that is there: then it is its own fault."""

Handler = Callable[[Any], Awaitable[Outcome]]
Handlers = Mapping[str, Handler]
"""From a message's type to what handles it."""
Needs = Mapping[type[Passing], Dependency]
"""From a fault to what is away, if it is away for everybody."""


class Consumer:
    """Works off one queue. Handlers know neither AMQP nor FastStream.

    `at_once` bounds the messages in hand: the broker bounds what it delivers, but counts a frame
    as one.
    """

    def __init__(
        self,
        queue: str,
        parse: Parse,
        handlers: Handlers,
        settlement: Settlement,
        *,
        at_once: int,
        retried: bool = True,
        needs: Needs | None = None,
    ) -> None:
        self.queue = queue
        self.retried = retried
        self._parse = parse
        self._handlers = handlers
        self._settlement = settlement
        self._needs = needs or {}
        self._places = asyncio.Semaphore(at_once)

    async def take(self, raw: Incoming, *, alone: bool = False) -> None:
        """Handle and settle one message, or a frame of them; `alone`: no other is at hand."""
        if isinstance(raw, Part) or raw.content_type != CONTENT_TYPE:
            await self._take(raw, alone=alone)
            return
        try:
            frame = Frame(raw)
        except InvalidMessage as invalid:
            delivery = Delivery(raw, self.queue, retried=self.retried)
            await self._settlement.settle(delivery, Verdict(None, invalid))
            return
        await asyncio.gather(*(self._take(part, alone=alone) for part in frame.parts))

    async def _take(self, raw: Incoming, *, alone: bool) -> None:
        delivery = Delivery(raw, self.queue, retried=self.retried)
        # Each message has a task of its own, so what is bound here ends with it.
        bind(request_id=delivery.request_id, message_id=raw.message_id)
        async with self._places:
            verdict = await self._judge(delivery, alone=alone)
            await self._settlement.settle(delivery, verdict)
        if verdict.error is None:
            again = {"returned": delivery.returned} if delivery.returned else {}
            log.info("message.handled", type=delivery.type, **again)

    async def _judge(self, delivery: Delivery, *, alone: bool) -> Verdict:
        message = None
        try:
            self._require_harmless(delivery, alone=alone)
            message = self._parse(delivery)
            bind(**_facts(message))
            handler = self._handlers.get(delivery.type)
            if handler is None:
                raise InvalidMessage(f"{self.queue} does not handle {delivery.type}")  # noqa: TRY301
            return Verdict(await self._handle(handler, message, delivery), None, message)
        except Exception as error:  # noqa: BLE001 - the type decides, in `settlement`
            return Verdict(None, error, message)

    def _require_harmless(self, delivery: Delivery, *, alone: bool) -> None:
        """Raise if the message seems to end its consumers; before it does so once more."""
        if any(each.away for each in self._needs.values()):
            return  # what waits for long comes back too: the broker loses patience after 30 min
        if alone and delivery.returned >= RUNS_ALONE:
            raise Crashed(f"Its consumer has ended {delivery.crashes} times with it in hand")
        if not alone and self.retried and delivery.returned >= SUSPECT_AFTER:
            raise Suspect(f"It has come back {delivery.returned} times")

    async def _handle(self, handler: Handler, message: Any, delivery: Delivery) -> Outcome:
        """Run the handler; while what it needs is away for everybody, wait for that right here.

        No further messages are taken than are prefetched, and none goes to a retry queue.
        """
        tries = TRIES
        while True:
            try:
                return await handler(message)
            except Passing as fault:
                needed = self._needs.get(type(fault))
                if needed is None or delivery.lost or tries == 0:
                    raise
                # It may answer and take no writes, for as long as it elects a primary.
                await asyncio.sleep(PAUSE_SECONDS)
                was_away = await needed.until_back()
                tries = TRIES if was_away else tries - 1


def _facts(message: Any) -> dict[str, str | None]:
    if isinstance(message, Event):
        return {"workspace_id": message.workspaceid}
    return {"command_id": message.command_id, "workspace_id": message.workspace_id}
