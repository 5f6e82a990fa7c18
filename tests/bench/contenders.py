"""The contenders: our ingress and its rival, side by side on one broker, database and consumers."""

import asyncio
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import monotonic

import httpx

from contracts.broker_users import ADMINISTRATOR
from deploy.local.child import Child
from deploy.local.errors import LocalError
from deploy.local.ports import LOOPBACK, free_port
from deploy.local.processes import GRACE, ROOT, environment
from deploy.local.server import LocalServer
from deploy.local.stack import Stack

READY_SECONDS = 30.0
_PAUSE = 0.1


@dataclass(frozen=True)
class Contender:
    """One side of the comparison.

    Attributes:
        side: `ours` or `rival`.
        url: Where its ingress listens.
        pids: Every process that works for it: its ingress, the consumers, broker and database.
    """

    side: str
    url: str
    pids: frozenset[int]


@asynccontextmanager
async def contenders(stack: Stack) -> AsyncIterator[list[Contender]]:
    """Ours, which runs in `stack`, and the rival, which is started for as long as the block lasts.

    Raises:
        LocalError: The rival does not start.
    """
    port = free_port()
    urls = stack.infrastructure.urls
    rival = Child(
        "rival",
        [sys.executable, "-m", "tests.bench.rival"],
        log=stack.infrastructure.folder.log / "rival.log",
        env=environment(urls, ADMINISTRATOR.name)
        | {"DOCLINK_HTTP_HOST": LOOPBACK, "DOCLINK_HTTP_PORT": str(port)},
        cwd=ROOT,
    )
    rival.start()
    try:
        url = f"http://{LOOPBACK}:{port}"
        await _ready(rival, url)
        servers = [each.pid for each in _servers(stack)]
        consumers = [each.pid for each in stack.services if each.name != "ingress"]
        shared = servers + consumers
        yield [
            Contender("ours", stack.url, _known([*shared, stack.named("ingress")[0].pid])),
            Contender("rival", url, _known([*shared, rival.pid])),
        ]
    finally:
        await asyncio.to_thread(rival.terminate, GRACE)


def unmeasured(stack: Stack) -> list[str]:
    """The servers whose CPU time cannot be read: those that are no process of this machine's."""
    both = stack.infrastructure.broker, stack.infrastructure.database
    return [each.name for each in both if not isinstance(each, LocalServer)]


def _servers(stack: Stack) -> list[LocalServer]:
    both = stack.infrastructure.broker, stack.infrastructure.database
    return [each for each in both if isinstance(each, LocalServer)]


def _known(pids: Iterable[int | None]) -> frozenset[int]:
    return frozenset(pid for pid in pids if pid is not None)


async def _ready(rival: Child, url: str) -> None:
    deadline = monotonic() + READY_SECONDS
    async with httpx.AsyncClient(base_url=url, timeout=5, trust_env=False) as client:
        while not await _answers(client):
            if not rival.running or monotonic() > deadline:
                raise LocalError(f"The rival is not ready.\n{rival.tail()}")
            await asyncio.sleep(_PAUSE)


async def _answers(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/readyz")).is_success
    except httpx.TransportError:
        return False
