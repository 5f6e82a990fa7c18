"""Which parked messages are meant, as options of `doclink dead`."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

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


def wanted_of(
    *,
    ids: Sequence[str] | None,
    types: Sequence[str] | None,
    reasons: Sequence[str] | None,
    error: str,
    since: datetime | None,
    until: datetime | None,
) -> Wanted:
    """Which messages these options mean."""
    return Wanted(ids or (), types or (), reasons or (), error, _utc(since), _utc(until))


def _utc(time: datetime | None) -> datetime | None:
    return None if time is None else time.replace(tzinfo=UTC)
