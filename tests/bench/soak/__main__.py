"""`make bench-soak`: measure as links grow, print a table, write `.local/soak.json`.

Exit code 0 also when a goal is not met, for it is a measurement; 1 when a request failed or the
system did not start; 130 when it was interrupted.
"""

import argparse
import asyncio
import signal
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from deploy.local.errors import LocalError
from deploy.local.infrastructure import Infrastructure
from deploy.local.stack import Stack
from tests.bench.rounds import RequestFailedError
from tests.bench.soak.plan import SoakPlan
from tests.bench.soak.run import soak

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
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that all is stopped and tidied
    try:
        with TemporaryDirectory(prefix="doclink-soak-") as folder:
            _say("starting broker, database and services ...")
            with Stack(Infrastructure(Path(folder))) as stack:
                report = asyncio.run(soak(stack, plan, _say))
    except (RequestFailedError, LocalError) as error:
        print(error, file=sys.stderr)  # noqa: T201 - the terminal is who it is for
        return 1
    except KeyboardInterrupt:
        return 130
    report.write(options.out)
    _say(report.table())
    _say(f"written to {options.out}")
    return 0


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - the terminal is who it is for


if __name__ == "__main__":
    sys.exit(main())
