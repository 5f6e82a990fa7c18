"""A run: its phases, one after the other, each on a stack that is there for it alone."""

import asyncio
import json
import os
from collections.abc import Callable
from pathlib import Path

from contracts.broker_users import PUBLISHER
from deploy.local.infrastructure import Infrastructure
from deploy.local.processes import ServiceName
from deploy.local.stack import Stack
from shared.bus.publishers import EVERY_WORKSPACE
from tests.bench.machine import facts
from tests.chaos.phase import SURE_SECONDS, Phase, Result
from tests.chaos.plan import Goal, Plan
from tests.chaos.report import Report
from tests.chaos.victims import servers_of, services_of

COPIES: dict[ServiceName, int] = {"links": 2}
BROKEN: tuple[ServiceName, ...] = ("registry", "links", "crm_sync")
NODES = 3
BROKEN_SURE_SECONDS = 8.0
ENV = {"DOCLINK_PUBLISHERS": json.dumps({PUBLISHER.name: [EVERY_WORKSPACE]})}


class Run:
    """A run in a folder of its own.

    Args:
        plan: How much.
        folder: For data and logs.
        journals: For the journals.
        say: Tells people how far we are.
    """

    def __init__(
        self, plan: Plan, folder: Path, journals: Path, say: Callable[[str], None]
    ) -> None:
        self._plan = plan
        self._folder = folder
        self._journals = journals
        self._say = say

    def all(self) -> Report:
        """All phases of the plan.

        Raises:
            LocalError: A stack does not start.
        """
        load_before = os.getloadavg()[0]
        plan = self._plan
        results, broken = [], None
        self._say(f"seed {plan.seed}; starting broker, database and services ...")
        with Infrastructure(self._folder / "single") as single:
            machine = asyncio.run(facts(single, load_before))
            with Stack(single, copies=COPIES, env=ENV) as stack:
                results.append(self._phase("services", stack, plan.services))
            if plan.broken is not None:
                self._say("starting services that acknowledge before they write ...")
                programs = {each: ("tests.chaos.broken_service", each) for each in BROKEN}
                with Stack(single, copies=COPIES, env=ENV, programs=programs) as stack:
                    broken = self._phase("broken", stack, plan.broken)
        if plan.cluster is not None:
            self._say(f"starting a broker of {NODES} nodes ...")
            cluster = Infrastructure(self._folder / "cluster", broker_nodes=NODES)
            with Stack(cluster, copies=COPIES, env=ENV) as stack:
                results.append(self._phase("cluster", stack, plan.cluster))
        return Report(plan.seed, machine, results, broken)

    def _phase(self, name: str, stack: Stack, goal: Goal) -> Result:
        services = services_of(stack)
        victims = [*services, *servers_of(stack)]
        if name == "broken":
            # Those that are broken: each time, what they had in hand is gone.
            victims = [each for each in services if each.service in BROKEN]
        phase = Phase(
            name,
            stack,
            victims,
            seed=self._plan.seed,
            load=self._plan.load,
            folder=self._journals,
            say=self._say,
        )
        # Of the broken ones all is expected to be missing that is: no use to wait for it.
        sure = BROKEN_SURE_SECONDS if name == "broken" else SURE_SECONDS
        return asyncio.run(phase.run(goal, self._plan.settling, sure))
