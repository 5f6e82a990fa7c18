"""Asks a service one thing over the broker, or says on standard error why it cannot."""

import asyncio
from typing import Any, TypeVar

import typer
from pydantic import ValidationError

from contracts.messages import Request, Result
from shared.bus.publisher import Publisher
from shared.bus.requester import Requester
from shared.errors import Overloaded, Passing, Refusal
from shared.ids import new_id, now
from shared.logs import configure
from shared.settings import Settings, load

DEADLINE_SECONDS = 10.0
ACTOR = "operator"
ResultT = TypeVar("ResultT", bound=Result)


def issued(workspace: str) -> dict[str, Any]:
    """The fields that all requests of an operator have."""
    return {
        "command_id": new_id("cmd"),
        "workspace_id": workspace,
        "actor": ACTOR,
        "issued_at": now(),
    }


def valid(request: type[Request], **fields: Any) -> Any:
    """The request; exits with 2 and names the options that break their rules."""
    try:
        return request(**fields)
    except ValidationError as error:
        for problem in error.errors():
            typer.echo(f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}", err=True)
        raise typer.Exit(2) from None


def ask(request: Request, answer: type[ResultT]) -> ResultT:
    """The service's answer; exits with 1 and a sentence when there is none."""
    configure("operator", "critical")  # what there is to say is said below, to people
    try:
        return asyncio.run(_ask(request, answer))
    except Refusal as refusal:
        fields = "".join(
            f"\n  {name}: {rule}" for name, rule in (refusal.body.fields or {}).items()
        )
        typer.echo(f"{refusal.code}: {refusal.body.message}{fields}", err=True)
    except (Passing, Overloaded, TimeoutError) as error:
        typer.echo(f"No answer: {str(error) or 'the broker is away'}", err=True)
    raise typer.Exit(1)


async def _ask(request: Request, answer: type[ResultT]) -> ResultT:
    publisher = Publisher(load(Settings), "operator")
    requester = Requester(publisher, "operator")
    try:
        async with asyncio.timeout(DEADLINE_SECONDS):
            await publisher.start()
            await requester.start()
        return await requester.ask(request, answer, deadline=DEADLINE_SECONDS)
    finally:
        await publisher.stop()
