"""Outcomes: what came of a command, kept for a caller who did not wait, or not long enough.

A command that is answered in time costs nothing here: its header `x-keep-outcome-after` names a
time that has not come yet.
"""

import asyncio
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from contracts import headers as h
from contracts.catalogue import REQUESTS
from contracts.errors import RefusalBody
from contracts.fields import CommandId, WorkspaceId
from contracts.messages import Command, Request, Result
from contracts.operations import Operation
from shared.bus.delivery import Delivery
from shared.bus.parsing import MAX_BODY_BYTES
from shared.errors import StoreUnavailable
from shared.ids import now
from shared.logs import logger
from shared.store.operations import Operations

log = logger(__name__)
_PAUSE_SECONDS = 0.5

Status = Literal["done", "refused", "failed"]


class _Named(BaseModel):
    """As much of a command as says whose it is."""

    model_config = ConfigDict(extra="ignore", strict=True)

    command_id: CommandId
    workspace_id: WorkspaceId


class Outcomes:
    """Keeps the outcomes that are wanted; to be done before the message is acknowledged."""

    def __init__(self, operations: Operations) -> None:
        self._operations = operations

    async def keep(
        self,
        delivery: Delivery,
        request: Request | None,
        status: Status,
        answer: Result | RefusalBody,
    ) -> None:
        """Store what came of a command, if its caller will want to know; waits for the database."""
        if not _is_wanted(delivery):
            return
        command = request if isinstance(request, Command) else _named(delivery)
        if command is None:
            return
        operation = Operation(
            command_id=command.command_id,
            command_type=delivery.type,
            status=status,
            result=answer.model_dump(mode="json") if isinstance(answer, Result) else None,
            refusal=answer if isinstance(answer, RefusalBody) else None,
            completed_at=now(),
        )
        # Here, and not by settling once more: what was announced is announced already.
        while not delivery.lost:
            try:
                await self._operations.keep(command.workspace_id, operation)
            except StoreUnavailable as error:
                log.warning("outcome.waits", error=str(error), type=delivery.type)
                await asyncio.sleep(_PAUSE_SECONDS)
            else:
                return


def _is_wanted(delivery: Delivery) -> bool:
    after = delivery.headers.get(h.KEEP_OUTCOME_AFTER)
    return isinstance(after, int) and now().timestamp() * 1000 >= after


def _named(delivery: Delivery) -> _Named | None:
    """Whose command it is that breaks its contract, where at least that can be read."""
    if delivery.publisher is not None:
        return None  # he may name whom he likes
    entry = REQUESTS.get(delivery.type)
    if entry is None or not entry.is_command or len(delivery.body) > MAX_BODY_BYTES:
        return None
    try:
        return _Named.model_validate_json(delivery.body)
    except ValidationError:
        return None
