"""Publishers: they publish commands until the broker has confirmed each, some of them twice.

They use the client library as it is and nothing of ours, as any outside program would: after a
fault they connect anew and publish what is not confirmed again, under the same command id.
"""

import asyncio
import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractExchange
from aio_pika.exceptions import DeliveryError

from contracts.broker_users import PUBLISHER
from contracts.topology import COMMANDS, OUTSIDE, command_queue
from tests.chaos.effects import ulid
from tests.chaos.journal import BEGUN, CONFIRMED, UNKNOWN, Journal
from tests.chaos.order import Order, carry_out
from tests.chaos.workload import CRM_LINK, Workload
from tests.support.bus import command

AT_ONCE = 40
CONFIRM_SECONDS = 5.0
LAST_SECONDS = 40.0
TWICE = 0.05
"""How many are published twice on purpose."""
BACKLOG = 150
"""Messages in a queue from which on a publisher holds back, as a considerate one does."""
PAUSE = 0.2
AWAY = (Exception, asyncio.CancelledError)
"""How the client says that the broker is: in all kinds of ways, among them a bare `Exception`, and
the cancellation of what waits for an answer. Nobody else cancels anything here."""

KINDS = {
    "link.create": 57,
    CRM_LINK: 3,
    "entity.upsert": 15,
    "document.register": 10,
    "relations.replace": 5,
    "link.delete": 5,
    "document.update": 3,
    "link_type.define": 1,
}
WATCHED = tuple(command_queue(service) for service in ("registry", "links", "crm_sync"))


@dataclass(frozen=True)
class Letter:
    """A command on its way."""

    number: str
    id: str
    command: str
    body: bytes
    copies: int


class Publisher:
    """Publishes what it is given, each until it is confirmed."""

    def __init__(self, order: Order, journal: Journal) -> None:
        self._order = order
        self._journal = journal
        self._user = urlsplit(order.amqp).username
        # A broker of others may have one user for all, who needs no door of his own.
        self._exchange = OUTSIDE if self._user == PUBLISHER.name else COMMANDS
        self._waiting: list[Letter] = []
        self._letters = self._written()

    async def work(self, stop: asyncio.Event) -> None:
        """Connect, publish, and connect again, until told to stop and nothing is left."""
        loop = asyncio.get_running_loop()
        deadline: float | None = None
        while not stop.is_set() or self._waiting:
            if stop.is_set():
                deadline = deadline or loop.time() + LAST_SECONDS
                if loop.time() > deadline:
                    return
            with suppress(*AWAY):
                connection = await aio_pika.connect(self._order.amqp, timeout=CONFIRM_SECONDS)
                try:
                    await self._publish(await connection.channel(on_return_raises=True), stop)
                finally:
                    with suppress(*AWAY):
                        await asyncio.wait_for(connection.close(), CONFIRM_SECONDS)
            await asyncio.sleep(PAUSE)

    async def _publish(self, channel: AbstractChannel, stop: asyncio.Event) -> None:
        exchange = await channel.get_exchange(self._exchange, ensure=False)
        while not stop.is_set() or self._waiting:
            if not stop.is_set() and not await self._held_back(channel):
                self._waiting += islice(self._letters, max(0, AT_ONCE - len(self._waiting)))
            pause = asyncio.create_task(asyncio.sleep(AT_ONCE / self._order.pace))
            faults = await asyncio.gather(*(self._send(exchange, each) for each in self._waiting))
            self._waiting = [
                letter
                for letter, fault in zip(self._waiting, faults, strict=True)
                if fault is not None
            ]
            await pause
            # Refused by a full queue is no reason to connect anew.
            if any(fault and not isinstance(fault, DeliveryError) for fault in faults):
                return

    async def _send(self, exchange: AbstractExchange, letter: Letter) -> BaseException | None:
        """What went wrong, if anything did."""
        try:
            async with asyncio.timeout(CONFIRM_SECONDS):
                for _ in range(letter.copies):
                    message = aio_pika.Message(
                        letter.body,
                        content_type="application/json",
                        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
                        message_id=letter.id,
                        user_id=self._user,
                    )
                    await exchange.publish(message, letter.command)
        except AWAY as error:
            self._journal.note(UNKNOWN, number=letter.number, why=repr(error))
            return error
        self._journal.note(CONFIRMED, number=letter.number)
        return None

    @staticmethod
    async def _held_back(channel: AbstractChannel) -> bool:
        for name in WATCHED:
            queue = await channel.declare_queue(name, passive=True, timeout=CONFIRM_SECONDS)
            if (queue.declaration_result.message_count or 0) > BACKLOG:
                return True
        return False

    def _written(self) -> Iterator[Letter]:
        order = self._order
        random = Random(f"{order.seed} twice {order.party}")
        wishes = Workload(order.world, order.party, order.share, order.seed).wishes(KINDS)
        for number in count(1):
            wish = next(wishes)
            body = command(order.world.workspace_id, **wish.payload)
            letter = Letter(
                number=f"{order.party}-{number}",
                id=body["command_id"],
                command=wish.command,
                body=json.dumps(body).encode(),
                copies=2 if random.random() < TWICE else 1,
            )
            cause = ulid(body["command_id"])
            # A set of relations has no key but its command: the next one is to replace it.
            key = body["command_id"] if wish.command == "relations.replace" else wish.key
            self._journal.note(
                BEGUN, number=letter.number, command=wish.command, key=key, cause=cause
            )
            yield letter


async def _work(order: Order, stop: asyncio.Event) -> None:
    await Publisher(order, Journal(Path(order.journal))).work(stop)


if __name__ == "__main__":
    carry_out(_work)
