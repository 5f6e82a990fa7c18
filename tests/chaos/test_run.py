"""A very short run, so that the harness itself does not rot."""

import json
from pathlib import Path

from tests.chaos.compare import Findings, counts
from tests.chaos.plan import Goal, Load, Plan
from tests.chaos.run import Run

SHORT = Plan(
    seed=394,  # strikes a link service first, then broker and database together
    # No links to CRMs: those that meet a service that is away may wait for minutes.
    load=Load(publishers=1, pace=60.0, documents=11, entities=100, links=20, sources=3, crms=0),
    services=Goal(seconds=3.0, accepted=100, kills=3, limit=60.0),
    cluster=None,
    broken=None,
    settling=60.0,
)


def test_a_short_run_loses_nothing_and_says_so(tmp_path: Path) -> None:
    said: list[str] = []
    report = Run(SHORT, tmp_path / "data", tmp_path / "journals", said.append).all()
    report.write(tmp_path / "chaos.json")
    written = json.loads((tmp_path / "chaos.json").read_text())
    assert report.faults == [], (said, written)
    assert written["accepted"] >= SHORT.services.accepted
    assert written["kills"] >= SHORT.services.kills
    assert written["recovery_seconds_max"] > 0
    assert written["seed"] == SHORT.seed
    assert all(written[kind] == 0 for kind in counts(Findings()))
