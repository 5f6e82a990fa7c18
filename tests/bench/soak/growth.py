"""Growth: links are made until there are enough, and at some sizes one is measured."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import monotonic

import pymongo

from contracts.broker_users import ADMINISTRATOR
from contracts.topology import COMMANDS, EVENTS
from deploy.local.stack import Stack
from tests.bench.contenders import Contender, ours
from tests.bench.orders import Order, QueueOrder
from tests.bench.rounds import Contest, Measure, Round
from tests.bench.soak.filler import Filler
from tests.bench.soak.memory import Sample, resident
from tests.bench.soak.plan import SoakPlan

LINK, LIST, GROW = "link", "list", "grow"
_QUEUE, _HTTP = "queue", "http"


@dataclass
class Growth:
    """One run.

    Args:
        stack: What is measured.
        contest: Measures rounds.
        plan: How far.
        filler: Puts links straight into the database, where that is planned.
        before: Links that were there before the run; they do not count.
        say: Tells people how far we are.

    Attributes:
        rounds: Of links and lists, with the number of links for a side; and those of the growing.
        samples: Of memory, after each stretch.
        reached: The sizes that were measured, the last one perhaps smaller than was planned, each
            with the memory after it.
    """

    stack: Stack
    contest: Contest
    plan: SoakPlan
    filler: Filler
    before: int
    say: Callable[[str], None]
    rounds: list[Round] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    reached: dict[int, list[Sample]] = field(default_factory=dict)
    _told: int = 0

    async def run(self) -> None:
        """Grow to each size and measure there; to what is reached when the time is over.

        Raises:
            RequestFailedError: A request failed.
        """
        end = monotonic() + self.plan.limit
        for size in self.plan.sizes:
            while (links := self._links()) < size and monotonic() < end:
                await self._stretch(size - links)
            reached = min(size, links)
            await self._measure(reached)
            if reached < size:
                break

    async def _stretch(self, missing: int) -> None:
        """Some more links: most through the queue, some over HTTP, so that all services work."""
        if self.plan.filled:
            await asyncio.to_thread(self.filler.fill, min(missing, self.plan.stretch))
            self._tell(self._links(), [])
            return
        part = min(1.0, missing / self.plan.stretch)

        def order(side: Contender, first: int, size: float) -> Order | QueueOrder:
            if side.side == _HTTP:
                return self._over_http(LINK, side, first, self.plan.over_http * part * size)
            urls = self.stack.infrastructure.urls
            url = urls.broker_users.get(ADMINISTRATOR.name, urls.amqp)
            count = max(1, round(self.plan.stretch * part * size))
            return QueueOrder(url, COMMANDS, "link.create", EVENTS, count, first)

        measure = Measure(GROW, (_QUEUE, _HTTP), 1, self._enter, order)
        self.rounds += await self.contest.run(measure)
        samples = resident(self.stack, links := self._links())
        self._tell(links, samples)
        self.samples += samples

    def _tell(self, links: int, samples: Sequence[Sample]) -> None:
        """Say how far we are, at every tenth of the way."""
        tenth = links * 10 // self.plan.sizes[-1]
        if tenth > self._told:
            self._told = tenth
            held = ", ".join(f"{each.service} {each.mib:.0f}" for each in samples)
            self.say(f"{links:,} links" + (f"; MiB: {held}" if held else ""))

    async def _measure(self, links: int) -> None:
        self.say(f"{links:,} links:")
        for what in (LINK, LIST):

            def order(side: Contender, first: int, size: float, what: str = what) -> Order:
                return self._over_http(what, side, first, self.plan.seconds * size)

            sides = (side_of(links),)
            measure = Measure(what, sides, self.plan.rounds, self._enter, order)
            self.rounds += await self.contest.run(measure)
        self.reached[links] = resident(self.stack, self._links())
        self.samples += self.reached[links]

    def _over_http(self, what: str, side: Contender, first: int, seconds: float) -> Order:
        return Order(
            side.url, self.plan.callers, seconds, first, what="list" if what == LIST else "link"
        )

    async def _enter(self, side: str) -> Contender:
        return ours(self.stack, side)

    def _links(self) -> int:
        return links_of(self.stack) - self.before


def links_of(stack: Stack) -> int:
    """How many links there are."""
    with pymongo.MongoClient[dict[str, object]](stack.infrastructure.urls.mongo) as client:
        return int(client["doclink_links"]["links"].estimated_document_count())


def side_of(links: int) -> str:
    """How rounds at a size are called."""
    return f"{links:,} links"
