"""The report: a table for people, JSON for programs."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench.figures import Figure
from tests.bench.machine import Machine
from tests.bench.rounds import Round


@dataclass(frozen=True)
class Report:
    """All that a run has found.

    Attributes:
        seconds: How long the run took.
        unmeasured: Servers whose CPU time is not in the figures, since it cannot be read.
        left_out: Measures that were not wanted.
    """

    machine: Machine
    seconds: float
    figures: Sequence[Figure]
    rounds: Sequence[Round]
    unmeasured: Sequence[str] = ()
    left_out: Sequence[str] = ()

    def write(self, path: Path) -> None:
        """As JSON, whole or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        told = asdict(self) | {"rounds": [_told(each) for each in self.rounds]}
        new = path.with_suffix(".new")
        new.write_text(json.dumps(told, indent=2) + "\n")
        new.replace(path)

    def table(self) -> str:
        """As text."""
        machine = self.machine
        lines = [
            "",
            f"{machine.cores} cores, {machine.cpu}, {machine.system}, Python {machine.python}",
            f"{machine.broker}; {machine.database}; "
            + ", ".join(f"{name} {number}" for name, number in machine.libraries.items()),
            f"load average before the run: {machine.load_before:.2f}{self._others()}",
            "",
            *_table(self.figures),
            "",
            f"{self.seconds:.0f} s; medians over the rounds; a ratio is ours by theirs",
        ]
        if self.left_out:
            lines.append(f"left out: {', '.join(self.left_out)}")
        if self.unmeasured:
            lines.append(f"CPU is without that of: {', '.join(self.unmeasured)}")
        return "\n".join(lines)

    def _others(self) -> str:
        """How busy the machine was with what is not measured, where that is known."""
        others = [each.others_cores for each in self.rounds if each.others_cores is not None]
        callers = [each.callers_cores for each in self.rounds if each.callers_cores is not None]
        if not others or not callers:
            return ""
        return (
            f"; in the rounds, of a core: callers {median(callers):.2f}, at most"
            f" {max(callers):.2f}; others {median(others):.2f}, at most {max(others):.2f}"
        )


_HEAD = ("", "", "ours", "theirs", "rival", "ratio", "min .. max", "rounds", "goal")


def _table(figures: Sequence[Figure]) -> list[str]:
    rows = [_HEAD, *(_row(each) for each in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    left = {0, 1, 4, 8}
    return [
        "  ".join(
            cell.ljust(width) if column in left else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def _row(figure: Figure) -> tuple[str, ...]:
    goal = ""
    if figure.goal is not None:
        sign = ">=" if figure.direction == "at least" else "<="
        goal = f"{sign} {figure.goal}: {'met' if figure.met else 'NOT met'}"
    return (
        *(figure.name, figure.unit, _number(figure.value), _number(figure.rival_value)),
        *(figure.rival, f"{figure.ratio:.2f}"),
        *(f"{figure.ratio_min:.2f} .. {figure.ratio_max:.2f}", str(figure.rounds), goal),
    )


def _number(value: float) -> str:
    """Three digits that count, or all before the point."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _told(measured: Round) -> dict[str, Any]:
    cpu = measured.cpu_ms_each
    derived = {
        "per_second": round(measured.per_second, 2),
        "cpu_ms_each": None if cpu is None else round(cpu, 3),
    }
    return asdict(measured) | derived
