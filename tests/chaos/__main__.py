"""`make chaos`: kill everything under load, count, print a table, write `.local/chaos.json`.

Exit code 0 only if nothing was lost, doubled, refused or parked, and if the broken run found
losses; 1 if not, or if the system did not start; 130 when it was interrupted.
"""

import argparse
import shutil
import sys
from pathlib import Path
from random import randrange
from tempfile import TemporaryDirectory

from tests.chaos.plan import ACCEPTED, KILLS, LIMIT, SECONDS, Plan, setting
from tests.chaos.run import Run
from tests.support.program import exit_code, say

OUT = Path(".local/chaos.json")
PHASES = ("cluster", "broken")


def main() -> int:
    """Run on systems of our own, with data folders that go when we do; the exit code."""
    options = _options()
    plan = Plan.of(
        options.seconds, options.seed, options.accepted, options.kills, options.limit
    ).without(*options.without)
    return exit_code(lambda: _run(plan, options.out))


def _run(plan: Plan, out: Path) -> int:
    journals = out.with_suffix("")
    shutil.rmtree(journals, ignore_errors=True)
    with TemporaryDirectory(prefix="doclink-chaos-") as folder:
        report = Run(plan, Path(folder), journals, say).all()
        if report.faults:
            for log in Path(folder).glob("*/log"):
                shutil.copytree(log, journals / f"log-{log.parent.name}")
    report.write(out)
    say(report.table())
    also = " and all logs" if report.faults else ""
    say(f"written to {out}; the journals{also} are in {journals}")
    return 1 if report.faults else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seconds", type=float, default=setting("SECONDS", SECONDS))
    parser.add_argument("--accepted", type=int, default=setting("ACCEPTED", ACCEPTED))
    parser.add_argument("--kills", type=int, default=setting("KILLS", KILLS))
    parser.add_argument("--limit", type=float, default=setting("LIMIT", LIMIT))
    parser.add_argument("--seed", type=int, default=setting("SEED", randrange(10**6)))
    parser.add_argument("--without", action="append", choices=PHASES, default=[])
    parser.add_argument("--out", type=Path, default=OUT, help="where the JSON goes")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
