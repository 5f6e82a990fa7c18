"""A run: prepare, measure all sides in turn, and report."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from deploy.local.infrastructure import Infrastructure
from deploy.local.stack import Stack
from tests.bench import starts, workload
from tests.bench.callers import CallersProcess
from tests.bench.comparisons import figures
from tests.bench.contenders import contenders, unmeasured
from tests.bench.machine import facts
from tests.bench.measures import HALF_LOAD, LINK_64, LINK_256, MEASURES, SCALING, Measures
from tests.bench.plan import Plan
from tests.bench.report import Report
from tests.bench.rivals import monolith
from tests.bench.rounds import Contest, Round
from tests.bench.scaling import LinksProcesses
from tests.bench.workload import Workload
from tests.support.bus import Outsider

START = "start"
ALL = (START, *MEASURES)
Say = Callable[[str], None]


def run(plan: Plan, only: Collection[str], say: Say) -> Report:
    """Measure on a system of our own, whose data go when we do.

    Args:
        plan: How much.
        only: Which of `ALL`; empty: all that are in the plan.
        say: Tells people how far we are.

    Raises:
        RequestFailedError: A request was not answered as it must be.
        TimeoutError: The plan's limit has passed.
        LocalError: Something does not start.
    """
    began, load_before = monotonic(), os.getloadavg()[0]
    wanted = chosen(plan, only)
    rounds: list[Round] = []
    if START in wanted:
        say("starting with `make run` ...")
        rounds += starts.measure(plan.starts)
    with TemporaryDirectory(prefix="doclink-bench-") as folder:
        say("starting broker, database and services ...")
        with Stack(Infrastructure(Path(folder))) as stack:
            rounds += asyncio.run(measure(stack, plan, wanted, say))
            machine = asyncio.run(facts(stack.infrastructure, load_before))
            without = unmeasured(stack)
    left_out = [each for each in ALL if each not in wanted]
    seconds = round(monotonic() - began, 1)
    return Report(machine, seconds, figures(rounds), rounds, without, left_out)


def chosen(plan: Plan, only: Collection[str]) -> set[str]:
    """The measures of a run: of those in the plan the wanted ones, and what they build on."""
    absent = {name for name, times in ((START, plan.starts), (SCALING, plan.scaling)) if not times}
    wanted = set(only or ALL) - absent
    if HALF_LOAD in wanted and not wanted & {LINK_64, LINK_256}:
        wanted.add(LINK_64)
    return wanted


@asynccontextmanager
async def prepared(stack: Stack, plan: Plan) -> AsyncIterator[tuple[Outsider, Workload]]:
    """A connection to the broker, and documents and entities to link."""
    async with Outsider.connected(stack.infrastructure.urls.amqp) as outsider:
        yield outsider, await workload.prepare(outsider, plan)


async def measure(stack: Stack, plan: Plan, wanted: Collection[str], say: Say) -> list[Round]:
    """The rounds of a running stack, which has one of each service, and its rivals.

    Raises:
        As `run`.
    """
    urls, until = stack.infrastructure.urls, monotonic() + plan.enough
    async with (
        asyncio.timeout(plan.limit),
        prepared(stack, plan) as (outsider, work),
        contenders(stack, outsider.connection, work.key) as sides,
        CallersProcess.started(work) as callers,
    ):
        listed = work.documents[: plan.listed]
        await asyncio.to_thread(monolith.fill, urls.mongo, workload.LISTED, listed)
        links = LinksProcesses(stack, outsider.connection)
        contest = Contest(callers, plan.warm_up, say, until)
        return await Measures(contest, plan, sides, links, urls.amqp).run(wanted)
