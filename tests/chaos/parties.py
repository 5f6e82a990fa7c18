"""The parties of a phase: their processes, and what their journals say so far."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Any

from contracts.broker_users import PUBLISHER, SUBSCRIBER
from deploy.local.infrastructure import Urls
from tests.chaos import subscriber
from tests.chaos.attempts import Attempt, Attempts
from tests.chaos.compare import Subscriber
from tests.chaos.effects import Heard
from tests.chaos.journal import HEARD, Note, Reader
from tests.chaos.order import Order, Party
from tests.chaos.plan import Load
from tests.chaos.workload import World

CALLERS, PUBLISHERS = "tests.chaos.callers", "tests.chaos.publishers"
LISTENERS = "tests.chaos.subscriber"
PATTERNS = {"subscriber": "#", "subscriber-of-links": "link.*"}
PROBES = "probes"
_LOOK = 0.1
_BEGIN_SECONDS = 60.0


class Audience:
    """The subscribers.

    Args:
        order: What they have in common.
        urls: The broker, for each of its users.
        folder: Where their journals go.
    """

    def __init__(self, order: Order, urls: Urls, folder: Path) -> None:
        self._orders = [
            replace(
                order,
                party=name,
                pattern=pattern,
                amqp=urls.broker_users.get(SUBSCRIBER.name, urls.amqp),
                journal=str(folder / f"{name}.jsonl"),
            )
            for name, pattern in PATTERNS.items()
        ]
        self._readers = {each.party: Reader(Path(each.journal)) for each in self._orders}
        self._heard: dict[str, set[Heard]] = {each.party: set() for each in self._orders}

    @property
    def queues(self) -> list[str]:
        """Their queues."""
        return [subscriber.queue_of(each) for each in self._orders]

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """They hear everything from now on, for as long as the block lasts."""
        for each in self._orders:
            await subscriber.declare(each)
        async with _at_work([(LISTENERS, each) for each in self._orders]):
            yield
        for each in self._orders:
            await subscriber.delete(each)

    def subscribers(self) -> list[Subscriber]:
        """What each has heard so far."""
        for name, reader in self._readers.items():
            self._heard[name].update(_heard(n) for n in reader.news() if n["what"] == HEARD)
        return [Subscriber(name, PATTERNS[name], heard) for name, heard in self._heard.items()]


class Crowd:
    """The callers and publishers, and the one who probes.

    Args:
        order: What they have in common.
        urls: The broker, for each of its users.
        world: What there is to work with.
        folder: Where their journals go.
        load: How many there are.
    """

    def __init__(self, order: Order, urls: Urls, world: World, load: Load, folder: Path) -> None:
        publishers = [f"publisher-{number + 1}" for number in range(load.publishers)]
        names = [PROBES, "no-keys", "keys", *publishers]
        orders = {
            name: replace(
                order,
                party=name,
                world=world,
                share=(position, len(names)),
                amqp=urls.broker_users.get(PUBLISHER.name, urls.amqp),
                journal=str(folder / f"{name}.jsonl"),
                pace=load.pace,
            )
            for position, name in enumerate(names)
        }
        self._folder = folder
        self.probing = orders.pop(PROBES)
        self._orders = orders
        journals = [self.probing.journal, *(each.journal for each in orders.values())]
        self._journals = [(Reader(Path(each)), Attempts()) for each in journals]

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """They ask and publish for as long as the block lasts, and then finish what they began."""
        modules = {name: PUBLISHERS if "publisher" in name else CALLERS for name in self._orders}
        async with _at_work([(modules[name], each) for name, each in self._orders.items()]):
            yield

    def accepted(self) -> int:
        """How many commands were accepted so far."""
        for reader, attempts in self._journals:
            attempts.read(reader.news())
        return sum(attempts.accepted for _, attempts in self._journals)

    async def begun(self) -> None:
        """Return when each of them has begun.

        Raises:
            RuntimeError: One has not; what it said is beside its journal.
        """
        deadline = monotonic() + _BEGIN_SECONDS
        while not all(attempts.all() for _, attempts in self._journals):
            if monotonic() > deadline:
                raise RuntimeError(f"A party has not begun: {self._folder}")
            await asyncio.sleep(_LOOK)
            self.accepted()

    def attempts(self) -> list[Attempt]:
        """All that were begun so far."""
        self.accepted()
        return [each for _, attempts in self._journals for each in attempts.all()]


@asynccontextmanager
async def _at_work(orders: list[tuple[str, Order]]) -> AsyncIterator[None]:
    parties = [await Party.started(module, order) for module, order in orders]
    try:
        yield
        for each in parties:
            each.close()
        for each in parties:
            await each.end()
    finally:
        for each in parties:
            await each.kill()


def _heard(note: Note) -> Heard:
    facts: dict[str, Any] = {name: note[name] for name in ("id", "type", "subject", "version")}
    return Heard(**facts)
