"""`make bench`: measure, print a table, write `.local/bench.json`.

Exit code 0 also when a goal is not met, for it is a measurement; 1 when a request failed or the
system did not start; 130 when it was interrupted.
"""

import argparse
import logging
import signal
import sys
from pathlib import Path

from deploy.local.errors import LocalError
from tests.bench.plan import FULL, QUICK, Plan
from tests.bench.profile import profile
from tests.bench.rounds import RequestFailedError
from tests.bench.run import ALL, run

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
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that all is stopped and tidied
    try:
        if options.profile is not None:
            profile(options.profile, plan, PROFILE_SECONDS, _say)
            _say(f"drawn in {options.profile}")
        else:
            _measure(plan, options.only, options.out)
    except (RequestFailedError, LocalError) as error:
        print(error, file=sys.stderr)  # noqa: T201 - the terminal is who it is for
        return 1
    except TimeoutError:
        print(f"Given up after {plan.limit:.0f} s", file=sys.stderr)  # noqa: T201
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _measure(plan: Plan, only: list[str], out: Path) -> None:
    report = run(plan, only, _say)
    report.write(out)
    _say(report.table())
    _say(f"written to {out}")


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - the terminal is who it is for


if __name__ == "__main__":
    sys.exit(main())
