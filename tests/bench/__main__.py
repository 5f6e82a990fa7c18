"""`make bench`: measure, print a table, write `.local/bench.json`.

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
from tests.bench.plan import FULL, QUICK
from tests.bench.rounds import RequestFailedError
from tests.bench.run import measure

OUT = Path(".local/bench.json")


def main() -> int:
    """Run on a system of our own, with a data folder that goes when we do; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="30 seconds, with a wider spread")
    parser.add_argument("--out", type=Path, default=OUT, help="where the JSON goes")
    options = parser.parse_args()
    plan = QUICK if options.quick else FULL
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that all is stopped and tidied
    try:
        with TemporaryDirectory(prefix="doclink-bench-") as folder:
            _say("starting broker, database and services ...")
            with Stack(Infrastructure(Path(folder))) as stack:
                report = asyncio.run(measure(stack, plan, _say))
    except (RequestFailedError, LocalError) as error:
        print(error, file=sys.stderr)  # noqa: T201 - the terminal is who it is for
        return 1
    except TimeoutError:
        print(f"Given up after {plan.limit:.0f} s", file=sys.stderr)  # noqa: T201
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
