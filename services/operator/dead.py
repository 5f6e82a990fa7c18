"""`doclink dead`: what could not be handled, to be looked at, sent again or dropped.

To send again or drop anything takes `--yes`; without it the same messages are only listed.
"""

import asyncio
import json
from collections.abc import Coroutine
from typing import Annotated, Any, Literal, TypeVar

import typer

from contracts.catalogue import Service
from services.operator.dead_options import Meant, Of, Yes, meant_by, of_those_meant
from services.operator.options import AsJson
from shared.bus.dead_queue import DeadQueue, opened
from shared.bus.parked import Parked
from shared.bus.parked_facts import ParkedFacts, ParkedWhole
from shared.errors import Overloaded, Passing
from shared.logs import configure
from shared.settings import Settings, load

app = typer.Typer(help="Messages that could not be handled.", no_args_is_help=True)

PATIENCE_SECONDS = 10.0
LISTED = 100
ERROR_SHOWN = 100
What = Literal["list", "redrive", "drop"]
Answer = TypeVar("Answer")
DONE = {"redrive": "sent again", "drop": "dropped"}


@app.command(name="list")
@of_those_meant
def list_all(
    meant: Meant,
    *,
    limit: Annotated[int, typer.Option(min=1, help="At most so many of each service.")] = LISTED,
    as_json: AsJson = False,
) -> None:
    """List parked messages, as they lie in their queues; nothing is taken off."""
    listing = Listing(as_json=as_json)
    _run(_each("list", meant, listing, limit=limit))
    listing.end()


@app.command()
def show(
    message_id: Annotated[str, typer.Argument(help="The message's id, as `list` shows it.")],
    *,
    service: Of = None,
) -> None:
    """Show all that came with a message, its body too, as JSON; nothing is taken off."""
    found = _run(_find(meant_by(service=service, id_=[message_id])))
    if not found:
        typer.echo(f"not_found: no message {message_id!r} is parked", err=True)
        raise typer.Exit(1)
    for each in found:
        typer.echo(json.dumps(each.model_dump(mode="json"), indent=2))


@app.command()
@of_those_meant
def redrive(meant: Meant, *, yes: Yes = False) -> None:
    """Send parked messages again, each to the consumer that failed, under the same ids."""
    _settle("redrive", meant, yes=yes)


@app.command()
@of_those_meant
def drop(meant: Meant, *, yes: Yes = False) -> None:
    """Drop parked messages, for good."""
    _settle("drop", meant, yes=yes)


class Listing:
    """Tells of messages, each as soon as it is known: one a line, or all as one JSON array."""

    def __init__(self, *, as_json: bool = False) -> None:
        self.count = 0
        self.stuck = 0
        self._as_json = as_json
        self._facts: list[dict[str, Any]] = []

    def add(self, parked: Parked, *, stuck: bool = False) -> None:
        """One more; `stuck` if nobody knows where it came from."""
        self.count += not stuck
        self.stuck += stuck
        facts = ParkedFacts.of(parked)
        if self._as_json:
            self._facts.append(facts.model_dump(mode="json"))
        else:
            typer.echo(_line(facts))

    def not_looked_at(self, service: Service, number: int) -> None:
        """There are more than were asked for."""
        if number:
            typer.echo(f"{service}: {number} more were not looked at", err=True)

    def end(self) -> None:
        """That was all."""
        if self._as_json:
            typer.echo(json.dumps(self._facts))


def _settle(what: What, meant: Meant, *, yes: bool) -> None:
    listing = Listing()
    try:
        _run(_each(what, meant, listing, dry_run=not yes))
    finally:  # broken off or not: so many are done
        done = DONE[what] if yes else f"would be {DONE[what]}; add --yes to do it"
        typer.echo(f"{listing.count} {done}")
    if listing.stuck:
        typer.echo(f"{listing.stuck} left: it is not known where they came from", err=True)
        raise typer.Exit(1)


async def _each(
    what: What,
    meant: Meant,
    listing: Listing,
    *,
    limit: int | None = None,
    dry_run: bool = False,
) -> None:
    settings = load(Settings)
    for each in meant.services:
        async with opened(settings, each, patience=PATIENCE_SECONDS) as queue:
            async for parked in queue.messages(meant.wanted, limit):
                stuck = what == "redrive" and not parked.can_go_back
                if not stuck and not dry_run:
                    await _do(what, queue, parked)
                listing.add(parked, stuck=stuck)
            listing.not_looked_at(each, queue.not_looked_at)


async def _do(what: What, queue: DeadQueue, parked: Parked) -> None:
    match what:
        case "redrive":
            await queue.send_again(parked)
        case "drop":
            await queue.drop(parked)


async def _find(meant: Meant) -> list[ParkedWhole]:
    settings = load(Settings)
    found: list[ParkedWhole] = []
    for each in meant.services:
        async with opened(settings, each, patience=PATIENCE_SECONDS) as queue:
            found += [ParkedWhole.of(parked) async for parked in queue.messages(meant.wanted)]
    return found


def _run(work: Coroutine[Any, Any, Answer]) -> Answer:
    """What comes of it; exits with 1 and a sentence when the broker does not play its part."""
    configure("operator", "critical")  # what there is to say is said here, to people
    try:
        return asyncio.run(work)
    except (Passing, Overloaded) as error:
        typer.echo(f"Broken off: {error}", err=True)
    raise typer.Exit(1)


def _line(facts: ParkedFacts) -> str:
    parts = (
        *(facts.id, facts.service, facts.type or "-", facts.reason, f"{facts.attempts or '-'}x"),
        f"{facts.parked_at:%Y-%m-%dT%H:%M:%SZ}" if facts.parked_at else "-",
        facts.error[:ERROR_SHOWN],
    )
    # What others wrote must not steer the operator's terminal.
    return "".join(c if c.isprintable() else "?" for c in "  ".join(parts)).rstrip()
