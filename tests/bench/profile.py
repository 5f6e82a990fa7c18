"""Flame graphs: where the ingress and the links process spend their time under load."""

import asyncio
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from deploy.local.errors import LocalError
from deploy.local.infrastructure import Infrastructure
from deploy.local.processes import ServiceName
from deploy.local.stack import Stack
from tests.bench.callers import CallersProcess
from tests.bench.orders import Order
from tests.bench.plan import Plan
from tests.bench.rounds import RequestFailedError
from tests.bench.run import prepared

SERVICES: tuple[ServiceName, ...] = ("ingress", "links")
RATE = 200
"""Samples a second."""

_MORE_SECONDS = 3.0
"""How much longer the load lasts than the recording."""


def profile(folder: Path, plan: Plan, seconds: int, say: Callable[[str], None]) -> None:
    """Record `<service>.svg` of each, with links made over HTTP as in the benchmark.

    Raises:
        LocalError: There is no py-spy, or it may not look into other processes.
        RequestFailedError: A request was not answered as it must be.
    """
    spy = shutil.which("py-spy", path=str(Path(sys.executable).parent)) or shutil.which("py-spy")
    if spy is None:
        raise LocalError("py-spy is not installed: run `make install`.")
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="doclink-profile-") as data:
        say("starting broker, database and services ...")
        with Stack(Infrastructure(Path(data))) as stack:
            asyncio.run(_record(stack, plan, spy, folder, seconds))


async def _record(stack: Stack, plan: Plan, spy: str, folder: Path, seconds: int) -> None:
    async with prepared(stack, plan) as (_, work), CallersProcess.started(work) as callers:
        warm_up = await callers.run(Order(stack.url, plan.few, plan.seconds, first=0))
        order = Order(stack.url, plan.few, seconds + _MORE_SECONDS, first=warm_up.requests)
        load = asyncio.create_task(callers.run(order))
        await asyncio.gather(*(_spy(stack, spy, name, folder, seconds) for name in SERVICES))
        if failures := (await load).failures:
            raise RequestFailedError("\n".join(failures))


async def _spy(stack: Stack, spy: str, name: ServiceName, folder: Path, seconds: int) -> None:
    [service] = stack.named(name)
    process = await asyncio.create_subprocess_exec(
        *(spy, "record", "--pid", str(service.pid), "--duration", str(seconds)),
        *("--rate", str(RATE), "--format", "flamegraph", "--output", folder / f"{name}.svg"),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, told = await process.communicate()
    if process.returncode != 0:
        raise LocalError(f"py-spy: {told.decode().strip()}")
