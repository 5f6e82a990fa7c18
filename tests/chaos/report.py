"""The report: one table for people, JSON for programs."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.bench.machine import Machine
from tests.chaos.compare import counts
from tests.chaos.killer import RECOVERY_LIMIT
from tests.chaos.phase import Result

EVIDENCE = 20
"""Faults of a kind that are told; there may be thousands in a broken run."""

_ROWS = {
    "accepted": "commands accepted",
    "kills": "processes killed",
    "effects_missing": "effects missing",
    "effects_doubled": "effects doubled",
    "events_missing": "events missing",
    "events_wrong_id": "events under a wrong or second id",
    "refused_without_need": "refused without need",
    "parked": "in dead queues",
    "recovery_seconds_max": "longest time to recover, s",
}
_MUST_BE_0 = (
    *("effects_missing", "effects_doubled", "events_missing", "events_wrong_id"),
    *("refused_without_need", "parked"),
)
LOSSES = ("effects_missing", "events_missing")
"""What services that acknowledge first must come to."""

Figures = dict[str, Any]


@dataclass(frozen=True)
class Report:
    """All that a run has found.

    Attributes:
        phases: The honest ones.
        broken: The one with services that are broken on purpose.
    """

    seed: int
    machine: Machine
    phases: Sequence[Result]
    broken: Result | None

    @property
    def faults(self) -> list[str]:
        """Why the run has not shown what it must; empty when it has."""
        faults = [fault for each in self.phases for fault in _faults(each)]
        if self.broken is not None and not any(figures(self.broken)[name] for name in LOSSES):
            faults.append("broken: nothing was lost, so this run could not have found a loss")
        return faults

    def write(self, path: Path) -> None:
        """As JSON, whole or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        told = {
            **total(self.phases),
            "seed": self.seed,
            "faults": self.faults,
            "phases": {each.name: _told(each) for each in self.phases},
            "broken_run": None if self.broken is None else _told(self.broken),
            "machine": asdict(self.machine),
        }
        new = path.with_suffix(".new")
        new.write_text(json.dumps(told, indent=2) + "\n")
        new.replace(path)

    def table(self) -> str:
        """As text: a column for each phase, their sum, and the broken run apart."""
        columns = {each.name: figures(each) for each in self.phases}
        columns["all"] = total(self.phases)
        if self.broken is not None:
            columns["broken on purpose"] = figures(self.broken)
        machine = self.machine
        lines = [
            "",
            f"{machine.cores} cores, {machine.cpu}, Python {machine.python}; {machine.database}",
            f"load average before the run: {machine.load_before:.2f}; seed {self.seed}",
            "",
            f"{'':34}" + "".join(f"{name:>{_width(name)}}" for name in columns),
        ]
        for name, label in _ROWS.items():
            cells = "".join(f"{c[name]:>{_width(n)},}" for n, c in columns.items())
            lines.append(f"{label:34}{cells}")
        return "\n".join([*lines, "", *(f"NOT shown: {fault}" for fault in self.faults)])


def figures(result: Result) -> Figures:
    """The figures of one phase."""
    recoveries = [each.recovery or RECOVERY_LIMIT for each in result.struck]
    return {
        "accepted": result.accepted,
        "kills": result.kills,
        **counts(result.findings),
        "parked": result.parked,
        "recovery_seconds_max": round(max(recoveries, default=0.0), 1),
    }


def total(results: Sequence[Result]) -> Figures:
    """The sum over phases; of the times to recover, the longest."""
    of_each = [figures(each) for each in results]
    return {
        name: (max if name == "recovery_seconds_max" else sum)(each[name] for each in of_each)
        for name in _ROWS
    }


def _faults(result: Result) -> list[str]:
    found = figures(result)
    faults = [
        f"{result.name}: {_ROWS[name]}: {found[name]:,}" for name in _MUST_BE_0 if found[name]
    ]
    if not result.reached:
        faults.append(f"{result.name}: too few commands or kills in its time")
    if result.left:
        faults.append(f"{result.name}: not at rest in the end: {result.left}")
    faults += [
        f"{result.name}: never worked again after {each.what} was killed"
        for each in result.struck
        if each.recovery is None
    ]
    return faults


def _told(result: Result) -> Figures:
    evidence = {name: found[:EVIDENCE] for name, found in vars(result.findings).items() if found}
    return {
        **figures(result),
        "asked": result.asked,
        "seconds": result.seconds,
        "settling_seconds": result.settling,
        "left": result.left,
        "struck": [asdict(each) for each in result.struck],
        "evidence": evidence,
    }


def _width(name: str) -> int:
    return max(10, len(name) + 2)
