"""A soak: prepare, grow, measure on the way, and report."""

import os
from collections.abc import Callable
from time import monotonic

from deploy.local.stack import Stack
from tests.bench import plan as bench
from tests.bench import workload
from tests.bench.callers import CallersProcess
from tests.bench.contenders import unmeasured
from tests.bench.machine import facts
from tests.bench.rounds import Contest
from tests.bench.soak.comparisons import costs, memory
from tests.bench.soak.filler import Filler
from tests.bench.soak.growth import GROW, Growth, links_of
from tests.bench.soak.plan import SoakPlan
from tests.bench.soak.report import SoakReport
from tests.support.bus import Outsider


async def soak(stack: Stack, plan: SoakPlan, say: Callable[[str], None]) -> SoakReport:
    """What a running stack costs as its links grow.

    Args:
        stack: With one of each service.
        plan: How far.
        say: Tells people how far we are.

    Raises:
        RequestFailedError: A request was not answered as it must be.
    """
    began, load_before = monotonic(), os.getloadavg()[0]
    before = links_of(stack)
    prepared = bench.Plan(documents=plan.documents, entities=plan.entities, listed=plan.listed)
    async with Outsider.connected(stack.infrastructure.urls.amqp) as outsider:
        say("preparing documents and entities ...")
        work = await workload.prepare(outsider, prepared)
        async with CallersProcess.started(work) as callers:
            filler = Filler(stack.infrastructure.urls.mongo, work.workspace)
            contest = Contest(callers, plan.warm_up, _unless_growing(say))
            growth = Growth(stack, contest, plan, filler, before, say)
            await growth.run()
    left_out = [f"{size:,} links" for size in plan.sizes if size not in growth.reached]
    return SoakReport(
        machine=await facts(stack.infrastructure, load_before),
        seconds=round(monotonic() - began, 1),
        figures=costs(growth.rounds, list(growth.reached))
        + ([] if plan.filled else memory(growth.reached)),
        rounds=growth.rounds,
        unmeasured=unmeasured(stack),
        left_out=left_out,
        memory=growth.samples,
    )


def _unless_growing(say: Callable[[str], None]) -> Callable[[str], None]:
    """`say`, but for the hundreds of rounds that only make links."""

    def told(line: str) -> None:
        if not line.startswith(GROW):
            say(line)

    return told
