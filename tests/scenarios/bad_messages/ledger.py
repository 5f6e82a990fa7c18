"""The ledger: where each message has ended, from all places where one can."""

import json
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, get_args

from aio_pika.abc import AbstractConnection, AbstractIncomingMessage

from contracts.catalogue import Service
from contracts.messages import CommandRefused
from contracts.topology import EVENTS, dead_queue
from deploy.local.stack import Stack
from shared.bus.parked import Parked
from tests.scenarios.bad_messages.message import BadMessage, own_id

SERVICES: tuple[Service, ...] = get_args(Service)
DEFECTS = {"handler.broken", "settlement.broken", "dispatcher.broken"}


class Ledger:
    """Notes what comes out, by the id of the message.

    Attributes:
        ends: How each has ended, once for each time.
        strange: What was found and is none of ours, and defects.
    """

    def __init__(self, stack: Stack, messages: Sequence[BadMessage]) -> None:
        self._messages = {message.id: message for message in messages}
        self._by_command = {message.command_id: message for message in messages}
        self._logs = [stack.infrastructure.folder.log / f"{name}.log" for name in SERVICES]
        self._read = {log.name: log.stat().st_size for log in self._logs}
        self.ends: defaultdict[str, list[str]] = defaultdict(list)
        self.strange: list[str] = []

    @asynccontextmanager
    async def kept(self, connection: AbstractConnection, answers: str) -> AsyncIterator[None]:
        """Note all that comes out while the block lasts: parked, as answers, as events.

        `answers` is the name of the queue that answers are to come to.
        """
        async with connection.channel() as channel:
            replies = await channel.declare_queue(answers, exclusive=True)
            refused = await channel.declare_queue(exclusive=True)
            await refused.bind(EVENTS, CommandRefused.type)
            await replies.consume(self._answered, no_ack=True)
            await refused.consume(self._refused, no_ack=True)
            for service in SERVICES:
                dead = await channel.get_queue(dead_queue(service), ensure=False)
                await dead.consume(partial(self._took_off, service))
            yield

    def returned(self, message: BadMessage) -> None:
        """Note that no queue takes a message."""
        self.ends[message.id].append("returned")

    def unsettled(self) -> list[BadMessage]:
        """Those of which it is not known yet, in all places, what has become of them."""
        self._read_logs()
        return [m for m in self._messages.values() if len(self.ends[m.id]) < m.ends]

    async def _answered(self, message: AbstractIncomingMessage) -> None:
        kind = "refusal" if b'{"refusal"' in message.body[:20] else "result"
        self._note(message.correlation_id, f"answered: {kind}")

    async def _refused(self, message: AbstractIncomingMessage) -> None:
        command_id = json.loads(message.body)["data"]["command_id"]
        known = self._by_command.get(command_id)
        self._note(known.id if known else command_id, "announced")

    async def _took_off(self, service: Service, message: AbstractIncomingMessage) -> None:
        await message.ack()
        parked = Parked(message, service)
        if own_id(message.message_id) or not own_id(message.correlation_id):
            self._note(message.message_id, f"parked: {parked.reason}: {parked.error}")
        # Else it is an answer, sent to one of our queues as if it were somebody's who waits.

    def _note(self, text: str | None, end: str) -> None:
        found = own_id(text)
        if found is not None and found in self._messages:
            self.ends[found].append(end)
        else:
            self.strange.append(f"{text}: {end}")

    def _read_logs(self) -> None:
        for note in self._notes():
            event, message_id = note["event"], own_id(note.get("message_id"))
            if event in DEFECTS or "exception" in note:
                self.strange.append(f"{message_id}: {note}"[:2000])
            if message_id is None or message_id not in self._messages:
                continue
            draft = self._messages[message_id].draft
            for_nobody = "reply_to" in draft.properties
            if (event == "message.handled" and not draft.answered) or (
                event == "message.refused" and for_nobody
            ):
                self.ends[message_id].append(event)

    def _notes(self) -> Iterator[dict[str, Any]]:
        for log in self._logs:
            with log.open("rb") as file:
                file.seek(self._read[log.name])
                for line in file:
                    if not line.endswith(b"\n"):
                        break
                    self._read[log.name] += len(line)
                    if line.startswith(b"{"):
                        yield json.loads(line)
                    elif b"Traceback" in line:
                        self.strange.append(line.decode())
