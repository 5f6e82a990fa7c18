"""Runs a service: connects, consumes, and ends cleanly when told to."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from contracts.catalogue import Service
from contracts.health import HealthResult
from contracts.messages import Command
from contracts.operations import OperationResult
from contracts.topology import command_queue, event_queue, query_queue
from shared.bus.consumer import Consumer, Handler, Handlers, Needs
from shared.bus.dependency import Dependency
from shared.bus.outcomes import Outcomes
from shared.bus.parsing import parse_event, parse_request
from shared.bus.publisher import Publisher
from shared.bus.publishers import Publishers
from shared.bus.requester import Requester
from shared.bus.settlement import Settlement
from shared.bus.subscription import Subscriptions
from shared.errors import StoreUnavailable
from shared.logs import configure, logger
from shared.outcome import Outcome
from shared.settings import Settings, load
from shared.store.client import Database
from shared.store.idempotency import Claims
from shared.store.operations import Operations
from shared.store.records import Records

log = logger(__name__)


@dataclass(frozen=True)
class Kernel:
    """What a service builds its handlers from."""

    settings: Settings
    database: Database
    requester: Requester
    hear: Callable[[str], Awaitable[None]]
    """Have the service's event queue get all events of a type, beside those in the topology."""


@dataclass(frozen=True)
class Wiring:
    """A service's handlers by message type, and what it prepares in its database."""

    prepare: Callable[[], Awaitable[None]]
    commands: Handlers
    queries: Handlers
    events: Handlers
    needs: Needs = field(default_factory=dict)
    """What else than the database a handler waits for while it is away."""
    background: Callable[[], Awaitable[None]] | None = None
    """What runs beside the consumers, from the start until it is cancelled at the end."""


async def serve(name: Service, wire: Callable[[Kernel], Wiring]) -> None:
    """Run the service until SIGTERM or SIGINT."""
    settings = load(Settings)
    configure(name, settings.log_level)
    stop = stop_signal()
    process = _Process(name, settings, wire)
    starting = asyncio.create_task(process.start())
    await asyncio.wait({starting, stop}, return_when=asyncio.FIRST_COMPLETED)
    if starting.done():
        starting.result()
        log.info("service.ready")
        await stop
    else:
        starting.cancel()
    log.info("service.stopping")
    await process.stop()
    log.info("service.stopped")


def stop_signal() -> "asyncio.Future[None]":
    """A future that is done when the process is told to stop."""
    loop = asyncio.get_running_loop()
    stopping: asyncio.Future[None] = loop.create_future()

    def stop() -> None:
        if not stopping.done():
            stopping.set_result(None)

    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop)
    return stopping


class _Process:
    """The parts of a running service, in the order in which they start."""

    def __init__(self, name: Service, settings: Settings, wire: Callable[[Kernel], Wiring]) -> None:
        self._name = name
        self._settings = settings
        self._database = Database(settings, name)
        self._publisher = Publisher(settings, name)
        self._publishers = Publishers(settings.publishers)
        self._requester = Requester(self._publisher, name)
        self._claims = Claims(Records(self._database, "idempotency"))
        self._operations = Operations(Records(self._database, "operations"))
        self._store = Dependency("database", self._database.ping)
        self._wiring = wire(Kernel(settings, self._database, self._requester, self._hear))
        self._needs: Needs = {StoreUnavailable: self._store, **self._wiring.needs}
        self._subscriptions = Subscriptions(settings, name, self._consumers())
        self._background: asyncio.Future[None] | None = None

    async def start(self) -> None:
        await self._subscriptions.connect()
        await self._publisher.start()
        await self._requester.start()
        await self._store.until_back()
        await self._database.recognise()
        await self._wiring.prepare()
        await self._claims.prepare()
        await self._operations.prepare()
        await self._subscriptions.start()
        if self._wiring.background is not None:
            self._background = asyncio.ensure_future(self._wiring.background())

    async def stop(self) -> None:
        await self._subscriptions.stop()
        if self._background is not None:
            self._background.cancel()
            await asyncio.wait({self._background})
        await self._publisher.stop()
        await self._database.close()

    async def _hear(self, event_type: str) -> None:
        await self._subscriptions.hear(event_type)

    def _consumers(self) -> list[Consumer]:
        settlement = Settlement(self._publisher, self._name, Outcomes(self._operations))
        commands = {name: self._idempotent(run) for name, run in self._wiring.commands.items()}
        queries = {
            **self._wiring.queries,
            f"{self._name}.health": self._health,
            f"{self._name}.operation": self._operation,
        }
        consumer = partial(Consumer, settlement=settlement, at_once=self._settings.prefetch)
        parse = self._publishers.checked(parse_request)
        consumers = [
            consumer(command_queue(self._name), parse, commands, needs=self._needs),
            # Nobody waits long for a query: it is neither tried again nor held.
            consumer(query_queue(self._name), parse_request, queries, retried=False),
        ]
        if events := self._wiring.events:
            queue = event_queue(self._name)
            consumers.append(consumer(queue, parse_event, events, needs=self._needs))
        return consumers

    def _idempotent(self, handler: Handler) -> Handler:
        """The handler, run once for all commands that bring the same idempotency key."""

        async def handle(command: Command) -> Outcome:
            if command.idempotency_key is None:
                return await handler(command)
            return await self._claims.run(command, handler)

        return handle

    async def _health(self, _query: Any) -> Outcome:
        try:
            await self._database.ping()
        except StoreUnavailable:
            answers = False
        else:
            answers = True
        attached = self._subscriptions.attached()
        waits_for = [each.name for each in self._needs.values() if each.away]
        return Outcome(HealthResult(consumers=attached, database=answers, waits_for=waits_for))

    async def _operation(self, query: Any) -> Outcome:
        found = await self._operations.get(query.workspace_id, query.operation_id)
        return Outcome(OperationResult(operation=found))
