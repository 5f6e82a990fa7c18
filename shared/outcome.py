"""What a handler returns: the answer, and what there is to announce."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from contracts.messages import EventData, Result
from shared.ids import derive


@dataclass(frozen=True)
class Announcement:
    """An event before it has an envelope."""

    id: str
    subject: str
    workspace_id: str
    time: datetime
    data: EventData


@dataclass(frozen=True)
class Outcome:
    """A handler's answer and its announcements; both go out before the message is settled.

    Handlers of events have nobody to answer, and leave `result` as it is.
    """

    result: Result = field(default_factory=Result)
    announcements: Sequence[Announcement] = ()


def announce(
    cause_id: str,
    data: EventData,
    *,
    subject: str,
    workspace_id: str,
    time: datetime,
    parts: tuple[str, ...] = (),
) -> Announcement:
    """An event whose id is derived from what caused it, so that it is the same every time."""
    return Announcement(derive("evt", cause_id, *parts), subject, workspace_id, time, data)
