"""Which parked messages are meant, as options of `doclink dead`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps
from inspect import Signature, signature
from typing import Annotated, Any, get_args

import typer

from contracts.catalogue import Service
from services.operator.options import TIME_FORMATS
from shared.bus.parked import Wanted

Of = Annotated[
    Service | None, typer.Option("--service", help="Of this service; of all, if left out.")
]
Id = Annotated[list[str] | None, typer.Option("--id", help="With this id.")]
Type = Annotated[list[str] | None, typer.Option("--type", help="Of this type, e.g. link.create.")]
Reason = Annotated[
    list[str] | None,
    typer.Option(
        "--reason",
        help="invalid_message, forbidden, retries_exhausted, internal_error, crashed_consumer, "
        "delivery_limit or unknown.",
    ),
]
Error = Annotated[str, typer.Option("--error", help="With this text in the error, in any case.")]
Since = Annotated[
    datetime | None,
    typer.Option("--since", help="Parked then or later, UTC.", formats=TIME_FORMATS),
]
Until = Annotated[
    datetime | None, typer.Option("--until", help="Parked before, UTC.", formats=TIME_FORMATS)
]
Yes = Annotated[bool, typer.Option("--yes", help="Do it; else they are only listed.")]


@dataclass(frozen=True)
class Meant:
    """Which messages, and in the dead queues of which services."""

    services: Sequence[Service]
    wanted: Wanted


def meant_by(
    *,
    service: Of = None,
    id_: Id = None,
    type_: Type = None,
    reason: Reason = None,
    error: Error = "",
    since: Since = None,
    until: Until = None,
) -> Meant:
    """What these options mean."""
    services = [service] if service else get_args(Service)
    wanted = Wanted(id_ or (), type_ or (), reason or (), error, _utc(since), _utc(until))
    return Meant(services, wanted)


def of_those_meant(command: Callable[..., None]) -> Callable[..., None]:
    """The command with the options of `meant_by` before its own; it is given what they mean."""
    options = signature(meant_by).parameters
    _, *own = signature(command).parameters.values()

    @wraps(command)
    def run(**given: Any) -> None:
        meant = meant_by(**{name: given.pop(name) for name in options})
        command(meant, **given)

    # Typer reads a command's options off its signature.
    vars(run)["__signature__"] = Signature([*options.values(), *own])
    return run


def _utc(time: datetime | None) -> datetime | None:
    return None if time is None else time.replace(tzinfo=UTC)
