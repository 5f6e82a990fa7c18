"""The soak's report."""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.bench.report import Report
from tests.bench.soak.memory import Sample


@dataclass(frozen=True)
class SoakReport(Report):
    """All that a soak has found.

    Attributes:
        memory: Of each service, as the links grew.
    """

    memory: Sequence[Sample] = ()
