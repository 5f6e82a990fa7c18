"""An order: what a party of the run, a process of its own, is told at its start."""

import asyncio
import json
import logging
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import uvloop

from deploy.local.processes import ROOT
from tests.chaos.workload import World

_END_SECONDS = 60.0


@dataclass(frozen=True)
class Order:
    """What to do, until standard input is closed.

    Attributes:
        party: Its name.
        share: Which of the parties it is, and how many there are.
        journal: Where its journal goes.
        urls: The ingresses.
        key: An API key.
        world: What there is to work with.
        amqp: The broker, for a user who may do what the party does.
        pattern: What a subscriber wants to hear.
        pace: Commands a second that a publisher sends at most.
    """

    party: str
    share: tuple[int, int]
    seed: int
    journal: str
    urls: list[str]
    key: str
    world: World
    amqp: str = ""
    pattern: str = "#"
    pace: float = 0.0

    @classmethod
    def read(cls, text: str) -> Self:
        """The order of a line of JSON."""
        fields: dict[str, Any] = json.loads(text)
        world = World(**fields.pop("world"))
        return cls(**fields | {"world": world, "share": tuple(fields["share"])})


class Party:
    """A running party, from the side of the one who has started it."""

    def __init__(self, order: Order, process: Process) -> None:
        self.order = order
        self._process = process

    @classmethod
    async def started(cls, module: str, order: Order) -> Self:
        """A party at work; its errors go beside its journal."""
        with Path(order.journal).with_suffix(".log").open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", module),
                stdin=PIPE,
                stdout=DEVNULL,
                stderr=log,
                cwd=ROOT,
            )
        assert process.stdin is not None
        process.stdin.write(json.dumps(asdict(order)).encode() + b"\n")
        await process.stdin.drain()
        return cls(order, process)

    def close(self) -> None:
        """Tell it to finish what it has begun, and to end."""
        assert self._process.stdin is not None
        self._process.stdin.close()

    async def end(self) -> None:
        """Return when it has ended.

        Raises:
            RuntimeError: It has failed; what it said is in the error.
        """
        try:
            code = await asyncio.wait_for(self._process.wait(), _END_SECONDS)
        except TimeoutError:
            await self.kill()
            code = await self._process.wait()
        if code:
            said = Path(self.order.journal).with_suffix(".log").read_text()
            raise RuntimeError(f"{self.order.party} ended with {code}: {said[-2000:]}")

    async def kill(self) -> None:
        """End it at once, if it has not ended."""
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()


def carry_out(work: Callable[[Order, asyncio.Event], Awaitable[None]]) -> None:
    """Be a party: work by the order on standard input, until it is closed."""
    # The client tells at length of every connection that is lost, and they are lost on purpose.
    logging.disable(logging.CRITICAL)

    async def main() -> None:
        order = Order.read(await asyncio.to_thread(sys.stdin.readline))
        stop = asyncio.Event()

        async def listen() -> None:
            await asyncio.to_thread(sys.stdin.read)
            stop.set()

        listening = asyncio.create_task(listen())
        await work(order, stop)
        listening.cancel()

    uvloop.run(main())
