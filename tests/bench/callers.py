"""The callers' process, from the side of the one who measures."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict

from deploy.local.processes import ROOT
from tests.bench.orders import Order, PutOrder, QueueOrder, Result
from tests.bench.workload import Workload

_LINE_LIMIT = 2**20
_END_SECONDS = 5.0


class CallersProcess:
    """A running `tests.bench.load`."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @classmethod
    @asynccontextmanager
    async def started(cls, workload: Workload) -> AsyncIterator["CallersProcess"]:
        """The process for as long as the block lasts; it also ends when we do."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.bench.load"),
            stdin=PIPE,
            stdout=PIPE,
            cwd=ROOT,
            limit=_LINE_LIMIT,
        )
        callers = cls(process)
        try:
            await callers._tell(asdict(workload))
            yield callers
        finally:
            if process.stdin is not None:
                process.stdin.close()
            try:
                await asyncio.wait_for(process.wait(), _END_SECONDS)
            except TimeoutError:
                process.kill()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    async def run(self, order: Order | PutOrder | QueueOrder) -> Result:
        """Have an order carried out.

        Raises:
            RuntimeError: The process has ended; what it has to say is on standard error.
        """
        await self._tell([type(order).__name__, asdict(order)])
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        if not line:
            raise RuntimeError("The callers' process has ended")
        return Result(**json.loads(line))

    async def _tell(self, what: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(what).encode() + b"\n")
        await self._process.stdin.drain()
