"""An operation: a command that goes on without its caller, who asks later what came of it.

`Prefer: respond-async` (RFC 7240) asks for that at once; a caller whose deadline has passed is led
to the same place.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Self, cast, get_args

from starlette.datastructures import Headers
from ulid import ULID

from contracts import fields
from contracts.catalogue import REQUESTS, Service
from contracts.messages import Command
from shared.errors import AnswerLate
from shared.ids import now

PREFERENCE = "respond-async"
PATH = "/v1/operations"
EXPECTED = timedelta(hours=24)
"""How long a command of which nothing is known is called pending."""

_FAST_CLOCK = timedelta(minutes=1)
_ID = re.compile(rf"op_({fields.ULID})_({'|'.join(get_args(Service))})_([0-9a-f]{{16}})")


class Accepted(Exception):  # noqa: N818 - good news
    """The command is accepted, and its caller has asked not to wait."""

    def __init__(self, location: str) -> None:
        super().__init__(location)
        self.location = location


class OutcomeLate(AnswerLate):
    """The command is accepted, and its caller has waited long enough."""

    def __init__(self, location: str) -> None:
        super().__init__(location)
        self.location = location


@dataclass(frozen=True)
class OperationId:
    """Which command of which workspace, and the service that knows what came of it.

    Its last part is a digest over all three: another workspace's id is told from one's own without
    asking anybody. It is no secret. Who makes one up for the own workspace finds a command that is
    pending until its ULID is a day old, and nothing after that.
    """

    workspace_id: str
    command_id: str
    owner: Service

    @classmethod
    def of(cls, command: Command) -> Self:
        """The operation that a command is."""
        return cls(command.workspace_id, command.command_id, REQUESTS[command.type].owner)

    @classmethod
    def read(cls, text: str, workspace_id: str) -> Self | None:
        """The operation with this id, if it is one of the workspace."""
        found = _ID.fullmatch(text)
        if found is None:
            return None
        owner = cast("Service", found[2])  # as the pattern demands
        read = cls(workspace_id, f"cmd_{found[1]}", owner)
        return read if str(read) == text else None

    def __str__(self) -> str:
        """The id as callers see it."""
        text = f"{self.workspace_id}\n{self.command_id}\n{self.owner}"
        digest = hashlib.sha256(text.encode()).hexdigest()[:16]
        return f"op_{self.command_id.removeprefix('cmd_')}_{self.owner}_{digest}"

    @property
    def may_be_pending(self) -> bool:
        """Whether the command was issued in the last day."""
        issued = ULID.from_str(self.command_id.removeprefix("cmd_")).milliseconds / 1000
        age = now().timestamp() - issued
        return -_FAST_CLOCK.total_seconds() <= age < EXPECTED.total_seconds()


def wants_no_wait(headers: Headers) -> bool:
    """Whether a caller prefers `respond-async`; what cannot be understood is passed over."""
    preferences = ",".join(headers.getlist("prefer")).split(",")
    return any(each.partition(";")[0].strip().lower() == PREFERENCE for each in preferences)
