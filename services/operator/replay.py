"""`doclink replay`: events from the log, sent again to one queue.

They keep their ids, so whoever has seen one drops it: to send too much does no harm, and what
was broken off goes on from the time that it told last.
"""

import asyncio
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated

import typer

from contracts import headers as h
from contracts.catalogue import EVENTS
from contracts.topology import EVENT_LOG, matches
from services.operator.ask import DEADLINE_SECONDS
from services.operator.options import TIME_FORMATS
from shared.bus.delivery import Delivery
from shared.bus.event_log import CLOCKS_DIFFER, Logged, read
from shared.bus.publisher import Publisher
from shared.errors import Overloaded, Passing
from shared.ids import now
from shared.logs import configure
from shared.settings import Settings, load

SENT_AT_ONCE = 200
FULL_PAUSE_SECONDS = 1.0
TOLD_EVERY = 1000


@dataclass(frozen=True)
class Wanted:
    """Which events."""

    types: frozenset[str]
    until: datetime | None
    workspace: str | None

    def has(self, event: Logged) -> bool:
        """Whether this is one of them."""
        return (
            event.type in self.types
            and (self.until is None or event.sent_at <= self.until)
            and (self.workspace is None or event.workspace_id == self.workspace)
        )

    def is_past(self, event: Logged) -> bool:
        """Whether none comes after this one; services' clocks may differ."""
        return self.until is not None and event.sent_at > self.until + CLOCKS_DIFFER


@dataclass
class Progress:
    """How many events, of which types, and from when to go on if this is broken off."""

    count: int = 0
    goes_on: str | None = None
    by_type: dict[str, int] = field(default_factory=dict)
    waits: bool = False

    def add(self, events: list[Logged]) -> None:
        """These are done as well."""
        self.waits = False
        for event in events:
            self.count += 1
            self.by_type[event.type] = self.by_type.get(event.type, 0) + 1
            # What was sent a moment earlier may lie further on in the log.
            self.goes_on = (event.sent_at - CLOCKS_DIFFER).strftime(TIME_FORMATS[-1])
            if self.count % TOLD_EVERY == 0:
                typer.echo(f"{self.count} events, to go on --from {self.goes_on}", err=True)

    def wait(self) -> None:
        """The queue takes no more for now."""
        if not self.waits:
            typer.echo(f"The queue is full: waiting, with {self.count} events sent", err=True)
        self.waits = True


def replay(
    *,
    types: Annotated[str, typer.Option(help="E.g. link.created,document.*; '#' for all.")],
    queue: Annotated[str, typer.Option(help="The one queue that gets them.")],
    since: Annotated[
        datetime | None,
        typer.Option(
            "--from",
            help="Sent then or later, UTC; from the log's beginning, if left out.",
            formats=TIME_FORMATS,
        ),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(
            "--to", help="Sent then or earlier, UTC; up to now, if left out.", formats=TIME_FORMATS
        ),
    ] = None,
    workspace: Annotated[str | None, typer.Option(help="Of this workspace alone.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Send them; else they are counted.")] = False,
) -> None:
    """Count the events of the log that match; with --yes, send them again to one queue."""
    if queue == EVENT_LOG:
        raise typer.BadParameter("the log would grow while it is read", param_hint="--queue")
    first = None if since is None else since.replace(tzinfo=UTC)
    last = None if until is None else until.replace(tzinfo=UTC)
    wanted = Wanted(_known(types), last, workspace)
    configure("operator", "critical")  # what there is to say is said below, to people
    progress = Progress()
    try:
        asyncio.run(_replay(wanted, first, queue if yes else None, progress))
    except (Passing, Overloaded, TimeoutError) as error:
        typer.echo(f"Broken off: {str(error) or 'the broker is away'}", err=True)
        if yes and progress.goes_on is not None:
            typer.echo(
                f"{progress.count} events were sent; go on with --from {progress.goes_on}", err=True
            )
        raise typer.Exit(1) from None
    _tell(progress, f"sent to {queue}" if yes else "match; nothing was sent without --yes")


def _known(patterns: str) -> frozenset[str]:
    """The events that the patterns take, as bindings do; each is to take one at least."""
    taken: set[str] = set()
    for pattern in patterns.split(","):
        found = {name for name in EVENTS if matches(pattern.strip(), name)}
        if not found:
            raise typer.BadParameter(f"no event is a {pattern.strip()!r}", param_hint="--types")
        taken |= found
    return frozenset(taken)


async def _replay(
    wanted: Wanted, since: datetime | None, queue: str | None, progress: Progress
) -> None:
    settings = load(Settings)
    publisher = Publisher(settings, "operator")
    waiting: list[Logged] = []
    try:
        if queue is not None:
            async with asyncio.timeout(DEADLINE_SECONDS):
                await publisher.start()
        async with aclosing(read(settings, since)) as events:
            async for event in events:
                if wanted.is_past(event):
                    break
                if wanted.has(event):
                    waiting.append(event)
                if len(waiting) == SENT_AT_ONCE:
                    await _send(waiting, queue, publisher, progress)
                    waiting = []
        await _send(waiting, queue, publisher, progress)
    finally:
        await publisher.stop()


async def _send(
    events: list[Logged], queue: str | None, publisher: Publisher, progress: Progress
) -> None:
    """Return when the queue has them all, or at once if there is none to send to."""
    if queue is not None:
        await asyncio.gather(*(_send_one(event, queue, publisher, progress) for event in events))
    progress.add(events)


async def _send_one(event: Logged, queue: str, publisher: Publisher, progress: Progress) -> None:
    again = Delivery(event.raw, EVENT_LOG).copy(**{h.REPLAYED_AT: now().isoformat()})
    while True:
        try:
            # The default exchange: to this queue, and to no other subscriber.
            await publisher.forward("", queue, again)
        except Overloaded:  # its consumer is slower than we are, or not there yet
            progress.wait()
            await asyncio.sleep(FULL_PAUSE_SECONDS)
        else:
            return


def _tell(progress: Progress, what: str) -> None:
    for name, count in sorted(progress.by_type.items()):
        typer.echo(f"{count:9}  {name}")
    typer.echo(f"{progress.count} events {what}")
