"""The contenders: our system and its rivals, side by side on one broker and database."""

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import monotonic

import httpx
from aio_pika.abc import AbstractRobustConnection

from contracts.broker_users import ADMINISTRATOR
from contracts.topology import EVENT_LOG, QUEUES
from deploy.local.child import Child
from deploy.local.errors import LocalError
from deploy.local.ports import LOOPBACK, free_port
from deploy.local.processes import GRACE, ROOT, environment
from deploy.local.server import LocalServer
from deploy.local.stack import Stack
from tests.bench.rivals.common import EVENTS

READY_SECONDS = 30.0
_PAUSE = 0.1

OURS, TEXTBOOK, MONOLITH, FLOOR = "ours", "textbook", "monolith", "floor"
_PARTS = {TEXTBOOK: ("consumer", "http"), MONOLITH: ("http",), FLOOR: ("consumer", "http")}
"""The processes of each rival."""


@dataclass(frozen=True)
class Contender:
    """One side of a comparison.

    Attributes:
        side: Its name.
        url: Where its HTTP process listens.
        processes: Every process that works for it, broker and database among them: name and id.
    """

    side: str
    url: str
    processes: Mapping[str, int]


def ours(stack: Stack, side: str = OURS, more: Mapping[str, int | None] | None = None) -> Contender:
    """Our system as it runs in `stack`, with `more` processes than are in it."""
    services: dict[str, int | None] = {each.name: each.pid for each in stack.services}
    return Contender(side, stack.url, _known(_servers(stack), services, more or {}))


@asynccontextmanager
async def contenders(
    stack: Stack, connection: AbstractRobustConnection, key: str
) -> AsyncIterator[Mapping[str, Contender]]:
    """Ours, which runs in `stack`, and all rivals, which run for as long as the block lasts.

    Args:
        stack: With broker and database for all.
        connection: To the broker, for what the rivals find there.
        key: The API key that all take.

    Raises:
        LocalError: A rival does not start.
    """
    await _declare_event_log(connection)
    rivals = {side: _Rival(side, stack, key) for side in _PARTS}
    try:
        for each in rivals.values():
            each.start()
        for each in rivals.values():
            await each.await_ready()
        yield {OURS: ours(stack)} | {side: each.contender for side, each in rivals.items()}
    finally:
        for each in rivals.values():
            await asyncio.to_thread(each.stop)


def unmeasured(stack: Stack) -> list[str]:
    """The servers whose CPU time cannot be read: those that are no process of this machine's."""
    both = stack.infrastructure.broker, stack.infrastructure.database
    return [each.name for each in both if not isinstance(each, LocalServer)]


class _Rival:
    """The processes of one rival."""

    def __init__(self, side: str, stack: Stack, key: str) -> None:
        port = free_port()
        env = environment(stack.infrastructure.urls, ADMINISTRATOR.name) | {
            "DOCLINK_HTTP_HOST": LOOPBACK,
            "DOCLINK_HTTP_PORT": str(port),
            "BENCH_KEY": key,
        }
        self._side = side
        self._url = f"http://{LOOPBACK}:{port}"
        self._servers = _servers(stack)
        self._children = [
            Child(
                f"{side} {part}",
                [sys.executable, "-m", f"tests.bench.rivals.{side}", part],
                log=stack.infrastructure.folder.log / f"{side}-{part}.log",
                env=env,
                cwd=ROOT,
            )
            for part in _PARTS[side]
        ]

    @property
    def contender(self) -> Contender:
        """What is measured, once it runs."""
        own = {each.name: each.pid for each in self._children}
        return Contender(self._side, self._url, _known(self._servers, own))

    def start(self) -> None:
        """Start all; returns at once."""
        for each in self._children:
            each.start()

    async def await_ready(self) -> None:
        """Return when it serves HTTP; where it has a consumer, that will have its queue."""
        deadline = monotonic() + READY_SECONDS
        async with httpx.AsyncClient(base_url=self._url, timeout=5, trust_env=False) as client:
            while not await _answers(client):
                for each in self._children:
                    if not each.running or monotonic() > deadline:
                        raise LocalError(f"The {each.name} is not ready.\n{each.tail()}")
                await asyncio.sleep(_PAUSE)

    def stop(self) -> None:
        """End all."""
        for each in self._children:
            each.ask_to_end()
        for each in self._children:
            each.end_within(GRACE)


async def _declare_event_log(connection: AbstractRobustConnection) -> None:
    """Keep the rivals' events as ours are kept: the same kind of stream hears them all."""
    [log] = [each for each in QUEUES if each.name == EVENT_LOG]
    channel = connection.channel()
    await channel.initialize()
    exchange = await channel.declare_exchange(EVENTS, "topic", durable=True)
    queue = await channel.declare_queue(f"{EVENTS}.log", durable=True, arguments=log.arguments)
    await queue.bind(exchange, "#")
    await channel.close()


def _servers(stack: Stack) -> dict[str, int | None]:
    both = stack.infrastructure.broker, stack.infrastructure.database
    return {each.name: each.pid for each in both if isinstance(each, LocalServer)}


def _known(*processes: Mapping[str, int | None]) -> dict[str, int]:
    return {name: pid for some in processes for name, pid in some.items() if pid is not None}


async def _answers(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/readyz")).is_success
    except httpx.TransportError:
        return False
