"""A run: prepare, measure both sides in turn, and report."""

import asyncio
import os
from collections.abc import Callable

from deploy.local.stack import Stack
from tests.bench import workload
from tests.bench.callers import CallersProcess
from tests.bench.contenders import contenders, unmeasured
from tests.bench.figures import figures
from tests.bench.machine import facts
from tests.bench.plan import Plan
from tests.bench.report import Report
from tests.bench.rounds import Contest
from tests.support.bus import Outsider


async def measure(stack: Stack, plan: Plan, say: Callable[[str], None]) -> Report:
    """What a running stack does against its rival.

    Args:
        stack: With at least one of each service.
        plan: How much.
        say: Tells people how far we are.

    Raises:
        RequestFailedError: A request was not answered with a new link.
        TimeoutError: The plan's limit has passed.
        LocalError: The rival does not start.
    """
    load_before = os.getloadavg()[0]
    async with (
        asyncio.timeout(plan.limit),
        Outsider.connected(stack.infrastructure.urls.amqp) as outsider,
        contenders(stack) as sides,
    ):
        say("preparing documents and entities ...")
        prepared = await workload.prepare(outsider, plan)
        async with CallersProcess.started(prepared) as callers:
            say("warming up ...")
            rounds = await Contest(callers, plan, say).run(sides)
        return Report(
            machine=await facts(stack.infrastructure, load_before),
            figures=figures(rounds, plan.callers),
            rounds=rounds,
            unmeasured=unmeasured(stack),
        )
