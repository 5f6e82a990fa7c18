"""What is compared with what, and what is to come of it: the table of the benchmark."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.bench import starts
from tests.bench.contenders import FLOOR, MONOLITH, OURS, TEXTBOOK
from tests.bench.figures import Figure, Goal, figure, paired
from tests.bench.measures import (
    HALF_LOAD,
    HUNDRED_LINKS,
    LINK_64,
    LINK_256,
    LIST,
    ONE_LINK,
    PUT,
    QUEUE,
    SCALING,
)
from tests.bench.rounds import Round
from tests.bench.scaling import ONE, TWO

START_SECONDS = 8.0

_NAMES = {OURS: "doclink", TWO: "two processes", ONE: "one process"}
"""Sides that are told by another name."""


def at_least(ratio: float) -> Goal:
    """A goal from below."""
    return Goal("at least", ratio)


def at_most(ratio: float) -> Goal:
    """A goal from above."""
    return Goal("at most", ratio)


def _per_second(measured: Round) -> float:
    return measured.per_second


def _p50(measured: Round) -> float | None:
    return measured.p50_ms


def _p99(measured: Round) -> float | None:
    return measured.p99_ms


def _cpu(measured: Round) -> float | None:
    return measured.cpu_ms_each  # milliseconds for one are seconds for a thousand


def _per_cpu_second(measured: Round) -> float | None:
    return measured.count / measured.cpu_seconds if measured.cpu_seconds else None


@dataclass(frozen=True)
class Comparison:
    """A figure to be had from rounds.

    Attributes:
        name: Of the figure; it stays the same from one release to the next.
        measure: Whose rounds.
        unit: Of the values.
        value: Takes it from a round.
        rival: The other side.
        goal: Of the ratio.
        ours: Our side.
    """

    name: str
    measure: str
    unit: str
    value: Callable[[Round], float | None]
    rival: str
    goal: Goal | None = None
    ours: str = OURS


_64, _256, _CPU = "POST /link, 64 in flight", "POST /link, 256 in flight", "s per 1,000 links"
COMPARISONS = (
    Comparison(_64, LINK_64, "requests/s", _per_second, TEXTBOOK, at_least(5.0)),
    Comparison(_64, LINK_64, "requests/s", _per_second, MONOLITH, at_least(1.3)),
    Comparison(_64, LINK_64, "requests/s", _per_second, FLOOR, at_least(1.0)),
    Comparison(_256, LINK_256, "requests/s", _per_second, MONOLITH, at_least(1.8)),
    Comparison("POST /link, p99 at half load", HALF_LOAD, "ms", _p99, MONOLITH, at_most(1.0)),
    Comparison("queue to link.created", QUEUE, "events/s", _per_second, FLOOR, at_least(1.5)),
    Comparison("CPU, 64 in flight", LINK_64, _CPU, _cpu, MONOLITH, at_most(0.6)),
    Comparison("CPU, 256 in flight", LINK_256, _CPU, _cpu, MONOLITH, at_most(0.6)),
    Comparison(
        "GET documents, 25 of 1,000", LIST, "requests/s", _per_second, MONOLITH, at_least(0.6)
    ),
    Comparison("PUT of 100 links", PUT, "ms", _p50, ONE_LINK, at_most(3.0), HUNDRED_LINKS),
    Comparison(
        "links processes, 1 to 2",
        SCALING,
        "links per CPU s",
        _per_cpu_second,
        ONE,
        at_least(0.9),
        TWO,
    ),
)


def figures(rounds: Sequence[Round]) -> list[Figure]:
    """All figures that the rounds allow: some may be left out, or CPU time not be known."""
    found = []
    for each in COMPARISONS:
        sides = each.ours, each.rival
        if values := paired(rounds, each.measure, sides, each.value):
            told = _NAMES.get(each.ours, each.ours), _NAMES.get(each.rival, each.rival)
            found.append(figure(each.name, each.unit, told, values, each.goal))
    limit = f"{START_SECONDS:.0f} s"
    for name in (starts.NEW, starts.KEPT):
        seconds = [each.seconds for each in rounds if each.measure == name]
        if values := [(each, START_SECONDS) for each in seconds]:
            found.append(figure(name, "s", ("doclink", limit), values, at_most(1.0)))
    return found
