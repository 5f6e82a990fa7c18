"""The report: a table for people, JSON for programs."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from tests.bench.figures import OURS, RIVAL, Figure
from tests.bench.machine import Machine
from tests.bench.rounds import Round


@dataclass(frozen=True)
class Report:
    """All that a run has found.

    Attributes:
        unmeasured: Servers whose CPU time is not in the figure, since it cannot be read.
    """

    machine: Machine
    figures: Sequence[Figure]
    rounds: Sequence[Round]
    unmeasured: Sequence[str] = ()

    def write(self, path: Path) -> None:
        """As JSON, whole or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_suffix(".new")
        new.write_text(json.dumps(asdict(self), indent=2) + "\n")
        new.replace(path)

    def table(self) -> str:
        """As text."""
        machine = self.machine
        width = max(len(_label(each)) for each in self.figures)
        lines = [
            "",
            f"{machine.cores} cores, {machine.cpu}, {machine.system}, Python {machine.python}",
            f"{machine.broker}; {machine.database}; "
            + ", ".join(f"{name} {number}" for name, number in machine.libraries.items()),
            f"load average before the run: {machine.load_before:.2f}{self._others()}",
            "",
            f"{'':{width}}  {'ours':>9}  {'rival':>9}  {'ratio':>6}  {'min .. max':>14}  goal",
            *(self._line(each, width) for each in self.figures),
            "",
            f"ours: {OURS}; rival: {RIVAL}; medians over the rounds",
        ]
        if self.unmeasured:
            lines.append(f"CPU is without that of: {', '.join(self.unmeasured)}")
        return "\n".join(lines)

    def _others(self) -> str:
        """How busy the machine was with what is not ours, where that is known."""
        cores = [each.others_cores for each in self.rounds if each.others_cores is not None]
        if not cores:
            return ""
        return f"; others in the rounds: {median(cores):.2f} cores, at most {max(cores):.2f}"

    @staticmethod
    def _line(figure: Figure, width: int) -> str:
        spread = f"{figure.ratio_min:.2f} .. {figure.ratio_max:.2f}"
        line = (
            f"{_label(figure):{width}}  {figure.value:9,.2f}  {figure.rival_value:9,.2f}"
            f"  {figure.ratio:6.2f}  {spread:>14}"
        )
        if figure.goal is None:
            return line
        return f"{line}  >= {figure.goal}: {'met' if figure.met else 'NOT met'}"


def _label(figure: Figure) -> str:
    return f"{figure.name}, {figure.unit}"
