"""The measures of a run, one after another, each in rounds of its own."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from contracts.topology import COMMANDS, EVENTS
from tests.bench.contenders import FLOOR, MONOLITH, OURS, TEXTBOOK, Contender
from tests.bench.orders import Order, PutOrder, QueueOrder
from tests.bench.plan import Plan
from tests.bench.rivals import common
from tests.bench.rounds import AnyOrder, Contest, Measure, Round
from tests.bench.scaling import ONE, TWO, LinksProcesses

LINK_64, LINK_256, HALF_LOAD = "link-64", "link-256", "half-load"
LIST, PUT, QUEUE, SCALING = "list", "put", "queue", "scaling"
MEASURES = (LINK_64, LINK_256, HALF_LOAD, LIST, PUT, QUEUE, SCALING)
ONE_LINK, HUNDRED_LINKS = "one link", "100 links"
_LINKS = {ONE_LINK: 1, HUNDRED_LINKS: 100}


@dataclass(frozen=True)
class Measures:
    """All that is measured while the system runs.

    Attributes:
        contest: Measures rounds.
        plan: How many, and how long.
        sides: Who can take part.
        links: Our links processes.
        broker_url: Where the broker is.
    """

    contest: Contest
    plan: Plan
    sides: Mapping[str, Contender]
    links: LinksProcesses
    broker_url: str

    async def run(self, wanted: Collection[str]) -> list[Round]:
        """The rounds of the wanted ones of `MEASURES`.

        Raises:
            RequestFailedError: A request failed.
        """
        rounds: list[Round] = []
        ways = {
            LINK_64: lambda: self._link(LINK_64, self.plan.few, (OURS, TEXTBOOK, MONOLITH, FLOOR)),
            LINK_256: lambda: self._link(LINK_256, self.plan.many, (OURS, MONOLITH)),
            HALF_LOAD: lambda: self._half_load(rounds),
            LIST: self._list,
            PUT: self._put,
            QUEUE: self._queue,
            SCALING: self._scaling,
        }
        for name in MEASURES:
            if name in wanted:
                rounds += await ways[name]()
        return rounds

    async def _link(self, name: str, callers: int, sides: Sequence[str]) -> list[Round]:
        """Links over HTTP, as many as these callers get."""

        def order(side: Contender, first: int, size: float) -> Order:
            return Order(side.url, callers, self.plan.seconds * size, first)

        return await self._run(name, sides, order)

    async def _half_load(self, rounds: Sequence[Round]) -> list[Round]:
        """Links over HTTP by the clock, at half of what the monolith has reached at most."""
        rate = highest(rounds, MONOLITH) / 2

        def order(side: Contender, first: int, size: float) -> Order:
            return Order(side.url, self.plan.many, self.plan.seconds * size, first, rate=rate)

        return await self._run(HALF_LOAD, (OURS, MONOLITH), order)

    async def _list(self) -> list[Round]:
        """A contact's documents over HTTP."""

        def order(side: Contender, first: int, size: float) -> Order:
            return Order(side.url, self.plan.few, self.plan.seconds * size, first, what="list")

        return await self._run(LIST, (OURS, MONOLITH), order)

    async def _put(self) -> list[Round]:
        """Sets of relations over HTTP, one caller."""

        async def enter(side: str) -> Contender:
            ours = self.sides[OURS]
            return Contender(side, ours.url, ours.processes)

        def order(side: Contender, first: int, size: float) -> PutOrder:
            del first
            return PutOrder(side.url, _LINKS[side.side], round(self.plan.puts * size))

        sides = (HUNDRED_LINKS, ONE_LINK)
        return await self.contest.run(Measure(PUT, sides, self.plan.rounds, enter, order))

    async def _queue(self) -> list[Round]:
        """Commands through the queue, to their events at a subscriber."""
        return await self._run(QUEUE, (OURS, FLOOR), self._commands)

    async def _scaling(self) -> list[Round]:
        """The same with one and with two links processes."""
        rounds = self.plan.scaling
        measure = Measure(SCALING, (TWO, ONE), rounds, self.links.enter, self._commands)
        try:
            return await self.contest.run(measure)
        finally:
            await self.links.enter(ONE)

    def _commands(self, side: Contender, first: int, size: float) -> QueueOrder:
        exchange, key, events = COMMANDS, "link.create", EVENTS
        if side.side == FLOOR:
            exchange, key, events = "", common.FLOOR_QUEUE, common.EVENTS
        count = round(self.plan.commands * size)
        return QueueOrder(self.broker_url, exchange, key, events, count, first)

    async def _run(
        self,
        name: str,
        sides: Sequence[str],
        order: Callable[[Contender, int, float], AnyOrder],
    ) -> list[Round]:
        async def enter(side: str) -> Contender:
            return self.sides[side]

        return await self.contest.run(Measure(name, sides, self.plan.rounds, enter, order))


def highest(rounds: Sequence[Round], side: str) -> float:
    """The links a second that a side has reached at most: of the measures, the best median.

    Raises:
        ValueError: It has not been measured.
    """
    return max(
        median(rates)
        for name in (LINK_64, LINK_256)
        if (rates := [e.per_second for e in rounds if (e.measure, e.side) == (name, side)])
    )
