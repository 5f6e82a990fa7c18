"""Figures: what the rounds come to, as ratios with their spread."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from tests.bench.rounds import Round

OURS, RIVAL = "doclink", "broker.request()"
RATE_GOAL = 2.5


@dataclass(frozen=True)
class Figure:
    """One comparison.

    Attributes:
        name: What was measured.
        ours: Who we are.
        rival: Whom we are compared with.
        value: Ours, the median over the rounds.
        rival_value: The rival's, the median over the rounds.
        unit: Of both values.
        ratio: Ours by the rival's, the median over the pairs of rounds of one number.
        ratio_min: The smallest of those ratios.
        ratio_max: The largest of those ratios.
        goal: What the ratio is to reach at least; None where there is no goal.
        met: Whether it does; None where there is no goal.
    """

    name: str
    ours: str
    rival: str
    value: float
    rival_value: float
    unit: str
    ratio: float
    ratio_min: float
    ratio_max: float
    goal: float | None
    met: bool | None


def figures(rounds: Sequence[Round], callers: int) -> list[Figure]:
    """All figures; that of CPU time only where it could be read."""
    what = f"HTTP link creation, {callers} in flight"
    found = [
        _compare(rounds, what, "requests/s", lambda each: each.per_second, RATE_GOAL),
        _compare(rounds, f"{what}, p50", "ms", lambda each: each.p50_ms),
        _compare(rounds, f"{what}, p99", "ms", lambda each: each.p99_ms),
    ]
    if all(each.cpu_ms_per_link is not None for each in rounds):
        name, unit = "CPU of all processes, broker and database", "s per 1,000 links"
        # Milliseconds for one link are seconds for a thousand.
        found.append(_compare(rounds, name, unit, lambda each: each.cpu_ms_per_link or 0.0))
    return found


def _compare(
    rounds: Sequence[Round],
    name: str,
    unit: str,
    value: Callable[[Round], float],
    goal: float | None = None,
) -> Figure:
    ours = {each.number: value(each) for each in rounds if each.side == "ours"}
    rival = {each.number: value(each) for each in rounds if each.side == "rival"}
    ratios = [ours[number] / rival[number] for number in ours]
    ratio = round(median(ratios), 3)
    return Figure(
        name=name,
        ours=OURS,
        rival=RIVAL,
        value=round(median(ours.values()), 2),
        rival_value=round(median(rival.values()), 2),
        unit=unit,
        ratio=ratio,
        ratio_min=round(min(ratios), 3),
        ratio_max=round(max(ratios), 3),
        goal=goal,
        met=None if goal is None else ratio >= goal,
    )
