"""Figures: two sides of a measure, as a ratio with its spread and its goal."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from tests.bench.rounds import Round

Direction = Literal["at least", "at most"]


@dataclass(frozen=True)
class Goal:
    """What a ratio is to reach, or not to exceed."""

    direction: Direction
    ratio: float

    def is_met(self, ratio: float) -> bool:
        """Whether `ratio` does."""
        return ratio >= self.ratio if self.direction == "at least" else ratio <= self.ratio


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
        goal: What the ratio is to be at least, or at most; None where there is no goal.
        met: Whether it is; None where there is no goal.
        direction: `at least` or `at most`; None where there is no goal.
        rounds: How many pairs of rounds the ratio comes from.
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
    direction: Direction | None = None
    rounds: int = 1


def figure(
    name: str,
    unit: str,
    sides: tuple[str, str],
    values: Sequence[tuple[float, float]],
    goal: Goal | None = None,
) -> Figure:
    """The figure of some pairs of values, ours and the rival's.

    Args:
        name: What was measured.
        unit: Of the values.
        sides: Who we are, and who the rival is.
        values: A pair for each round.
        goal: What the ratio is to be.
    """
    ratios = [ours / rival for ours, rival in values]
    ratio = round(median(ratios), 3)
    return Figure(
        name=name,
        ours=sides[0],
        rival=sides[1],
        value=round(median(ours for ours, _ in values), 3),
        rival_value=round(median(rival for _, rival in values), 3),
        unit=unit,
        ratio=ratio,
        ratio_min=round(min(ratios), 3),
        ratio_max=round(max(ratios), 3),
        goal=None if goal is None else goal.ratio,
        met=None if goal is None else goal.is_met(ratio),
        direction=None if goal is None else goal.direction,
        rounds=len(values),
    )


def paired(
    rounds: Sequence[Round],
    measure: str,
    sides: tuple[str, str],
    value: Callable[[Round], float | None],
) -> list[tuple[float, float]]:
    """The values of two sides in rounds of one number; none where one could not be read."""
    ours, rival = (
        {e.number: value(e) for e in rounds if (e.measure, e.side) == (measure, side)}
        for side in sides
    )
    return _complete(ours, rival)


def _complete(
    ours: Mapping[int, float | None], rival: Mapping[int, float | None]
) -> list[tuple[float, float]]:
    found = []
    for number in ours.keys() & rival.keys():
        one, other = ours[number], rival[number]
        if one is not None and other:
            found.append((one, other))
    return found
