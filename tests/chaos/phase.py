"""A phase: load on a stack, its parts killed, everything at rest again, and all compared."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from deploy.local.stack import Stack
from shared.ids import new_id
from tests.chaos import seeds, state
from tests.chaos.compare import Findings, compare
from tests.chaos.killer import Killer, Struck, script
from tests.chaos.order import Order
from tests.chaos.parties import Audience, Crowd
from tests.chaos.plan import Goal, Load
from tests.chaos.probe import Prober
from tests.chaos.victims import Victim
from tests.chaos.workload import World
from tests.support.bus import Outsider
from tests.support.workspace import make_key

LOOK = 1.0
SURE_SECONDS = 240.0
"""What is missing when everything has been at rest for so long is lost.

A message that waited in a retry queue when its leader died comes back after three minutes only: so
long RabbitMQ waits for a confirm of its own. Meanwhile no count of messages shows it.
"""


@dataclass(frozen=True)
class Result:
    """What a phase has shown.

    Attributes:
        name: The phase.
        asked: Commands that were asked for, be they accepted or not.
        accepted: Those that were confirmed, or answered with 2xx.
        findings: What is wrong.
        parked: Messages that came into dead queues.
        struck: Who was killed, and how long it took until everything worked again.
        seconds: How long the load lasted.
        settling: Seconds from the end of the load until everything was at rest.
        left: The queues that never came to rest, and what is in them.
        reached: Whether as much was accepted and killed as it had to be.
    """

    name: str
    asked: int
    accepted: int
    findings: Findings
    parked: int
    struck: Sequence[Struck]
    seconds: float
    settling: float
    left: dict[str, int]
    reached: bool

    @property
    def kills(self) -> int:
        """How many processes were killed."""
        return sum(each.kills for each in self.struck)


class Phase:
    """One phase on a running stack.

    Args:
        name: For people, and for the folder with its journals.
        stack: With all services.
        victims: Who may be killed.
        seed: Decides what is asked for and who is killed.
        load: How much there is to do.
        folder: Where the journals go.
        say: Tells people how far we are.
    """

    def __init__(
        self,
        name: str,
        stack: Stack,
        victims: Sequence[Victim],
        *,
        seed: int,
        load: Load,
        folder: Path,
        say: Callable[[str], None],
    ) -> None:
        self._name = name
        self._stack = stack
        self._urls = stack.infrastructure.urls
        self._victims = victims
        self._seed = seed
        self._load = load
        self._folder = folder / name
        self._say = say

    async def run(self, goal: Goal, settling: float, sure: float = SURE_SECONDS) -> Result:
        """Everything, from the seeds to the comparison; see `Plan` for `settling`.

        What is missing when everything has been at rest for `sure` seconds is lost.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        workspace_id = new_id("ws")
        async with self._outsider() as outsider:
            parked = await state.parked(outsider)
            key, _ = await make_key(outsider, workspace_id)
        order = self._order(workspace_id, key)
        audience = Audience(order, self._urls, self._folder)
        async with audience.listening():
            self._say(f"{self._name}: making documents, entities and links to work with ...")
            async with self._outsider() as outsider:
                world = await seeds.sow(outsider, workspace_id, self._load)
            crowd = Crowd(order, self._urls, world, self._load, self._folder)
            began = monotonic()
            struck = await self._chaos(crowd, goal)
            ended = monotonic()
            self._say(f"{self._name}: {crowd.accepted():,} accepted; waiting until all is done ...")
            async with self._outsider() as outsider:
                findings, left = await self._settled(
                    outsider, audience, crowd, world, (settling, sure)
                )
                parked = await state.parked(outsider) - parked
        kills = sum(each.kills for each in struck)
        return Result(
            name=self._name,
            asked=len(crowd.attempts()),
            accepted=crowd.accepted(),
            findings=findings,
            parked=parked,
            struck=struck,
            seconds=round(ended - began, 1),
            settling=round(monotonic() - ended, 1),
            left=left,
            reached=crowd.accepted() >= goal.accepted and kills >= goal.kills,
        )

    async def _chaos(self, crowd: Crowd, goal: Goal) -> list[Struck]:
        """Load and kills, until the goal is reached or its time is over."""
        began = monotonic()
        strikes = script(self._victims, f"{self._seed} {self._name}")
        async with Prober.probing(crowd.probing) as prober, crowd.at_work():
            killer = Killer(prober, self._say)
            await crowd.begun()
            while True:
                passed = monotonic() - began
                reached = crowd.accepted() >= goal.accepted and killer.kills >= goal.kills
                if (passed >= goal.seconds and reached) or passed >= goal.limit:
                    return killer.struck
                await killer.strike(next(strikes))

    async def _settled(
        self,
        outsider: Outsider,
        audience: Audience,
        crowd: Crowd,
        world: World,
        limits: tuple[float, float],
    ) -> tuple[Findings, dict[str, int]]:
        """What is wrong when all is at rest, and the queues that are not; soon if nothing is."""
        settling, sure = limits
        deadline = monotonic() + settling
        rest_since = monotonic()
        while True:
            await asyncio.sleep(LOOK)
            left = await state.waiting(outsider, *audience.queues)
            looked = monotonic()
            if left and looked < deadline:
                rest_since = looked
                continue
            findings = compare(
                crowd.attempts(),
                await state.effects_in(self._stack, world.workspace_id),
                audience.subscribers(),
            )
            if findings.clean:
                return findings, left
            if looked - rest_since > sure or looked > deadline:
                return findings, left or await state.in_hand(self._stack)

    def _order(self, workspace_id: str, key: str) -> Order:
        return Order(
            party="",
            share=(0, 1),
            seed=self._seed,
            journal="",
            urls=self._stack.urls,
            key=key,
            world=World(workspace_id, [], [], [], [], []),
        )

    def _outsider(self) -> AbstractAsyncContextManager[Outsider]:
        return Outsider.connected(self._urls.amqp)
