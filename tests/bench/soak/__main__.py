"""`make bench-soak`: measure as links grow, print a table, write `.local/soak.json`.

Exit code 0 also when a goal is not met, for it is a measurement; 1 when a request failed or the
system did not start; 130 when it was interrupted.
"""

import argparse
import asyncio
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from deploy.local.infrastructure import Infrastructure
from deploy.local.stack import Stack
from tests.bench.rounds import RequestFailedError
from tests.bench.soak.plan import SoakPlan
from tests.bench.soak.run import soak
from tests.support.program import exit_code, say

OUT = Path(".local/soak.json")


def main() -> int:
    """Run on a system of our own, with a data folder that goes when we do; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.soak", description=__doc__)
    parser.add_argument("--links", type=int, default=1_000_000, help="how many in the end")
    parser.add_argument("--minutes", type=float, default=35, help="then it grows no more")
    parser.add_argument(
        "--filled",
        action="store_true",
        help="put links straight into the database: faster, and without figures of memory",
    )
    parser.add_argument("--out", type=Path, default=OUT, help="where the JSON goes")
    options = parser.parse_args()
    plan = SoakPlan.up_to(options.links, options.minutes, filled=options.filled)
    return exit_code(lambda: _run(plan, options.out), RequestFailedError)


def _run(plan: SoakPlan, out: Path) -> int:
    with TemporaryDirectory(prefix="doclink-soak-") as folder:
        say("starting broker, database and services ...")
        with Stack(Infrastructure(Path(folder))) as stack:
            report = asyncio.run(soak(stack, plan, say))
    report.write(out)
    say(report.table())
    say(f"written to {out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
