"""`make bench`: measure, print a table, write `.local/bench.json`.

Exit code 0 also when a goal is not met, for it is a measurement; 1 when a request failed or the
system did not start; 130 when it was interrupted.
"""

import argparse
import logging
import sys
from pathlib import Path

from tests.bench.plan import FULL, QUICK, Plan
from tests.bench.profile import profile
from tests.bench.rounds import RequestFailedError
from tests.bench.run import ALL, run
from tests.support.program import complain, exit_code, say

OUT = Path(".local/bench.json")
PROFILE_SECONDS = 15


def main() -> int:
    """Measure as the command line says; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="90 seconds, with a wider spread")
    parser.add_argument("--only", nargs="+", choices=ALL, default=(), help="which measures")
    parser.add_argument("--out", type=Path, default=OUT, help="where the JSON goes")
    parser.add_argument("--profile", type=Path, metavar="DIR", help="only draw flame graphs there")
    options = parser.parse_args()
    plan = QUICK if options.quick else FULL
    # A busy machine tells of a connection that we have closed ourselves as if it were lost.
    logging.getLogger("aiormq.connection").setLevel(logging.ERROR)
    return exit_code(lambda: _run(plan, options), RequestFailedError)


def _run(plan: Plan, options: argparse.Namespace) -> int:
    if options.profile is not None:
        profile(options.profile, plan, PROFILE_SECONDS, say)
        say(f"drawn in {options.profile}")
        return 0
    try:
        _measure(plan, options.only, options.out)
    except TimeoutError:
        return complain(f"Given up after {plan.limit:.0f} s")
    return 0


def _measure(plan: Plan, only: list[str], out: Path) -> None:
    report = run(plan, only, say)
    report.write(out)
    say(report.table())
    say(f"written to {out}")


if __name__ == "__main__":
    sys.exit(main())
