"""A receiver of webhooks: a real HTTP server that keeps what it is sent."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from deploy.local.ports import LOOPBACK
from tests.support.bus import PATIENCE
from tests.support.waiting import until_true

NEVER = 0
"""In place of a status: an answer that does not come while the receiver is open."""


@dataclass(frozen=True)
class Received:
    """One request."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def id(self) -> str:
        """The id of the event."""
        return self.headers["webhook-id"]

    @property
    def payload(self) -> dict[str, Any]:
        """The body, read."""
        payload: dict[str, Any] = json.loads(self.body)
        return payload


@dataclass
class Receiver:
    """Answers each path by its own script of statuses, and with 200 when that is over."""

    port: int
    requests: list[Received] = field(default_factory=list)
    scripts: dict[str, list[int]] = field(default_factory=dict)
    always: dict[str, int] = field(default_factory=dict)
    released: asyncio.Event = field(default_factory=asyncio.Event)

    def url(self, path: str = "/hook") -> str:
        """Where a webhook is sent to."""
        return f"http://{LOOPBACK}:{self.port}{path}"

    def at(self, path: str = "/hook") -> list[Received]:
        """What came to a path so far."""
        return [each for each in self.requests if each.path == path]

    async def until(
        self, count: int, path: str = "/hook", timeout: float = PATIENCE
    ) -> list[Received]:
        """What came to a path, as soon as there is so much of it."""
        await until_true(lambda: len(self.at(path)) >= count, timeout)
        return self.at(path)

    async def take(self, request: web.Request) -> web.Response:
        """Keep a request, and answer as the script says."""
        path = request.raw_path
        self.requests.append(Received(path, dict(request.headers), await request.read()))
        script = self.scripts.get(path, [])
        status = script.pop(0) if script else self.always.get(path, 200)
        if status == NEVER:
            await self.released.wait()
            return web.Response(status=503)
        return web.Response(status=status, headers={"Location": self.url("/elsewhere")})


@asynccontextmanager
async def receiver(port: int = 0, **options: Any) -> AsyncIterator[Receiver]:
    """A receiver for as long as the block lasts, on a free port unless one is given."""
    application = web.Application()
    made = Receiver(port)
    application.router.add_route("*", "/{path:.*}", made.take)
    runner = web.AppRunner(application, shutdown_timeout=0)
    await runner.setup()
    try:
        await web.TCPSite(runner, LOOPBACK, port, **options).start()
        made.port = runner.addresses[0][1]
        yield made
    finally:
        made.released.set()
        await runner.cleanup()
