"""The dead queues: what could not be handled, to be looked at, sent again or dropped."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import APIRouter, Path, Query

from contracts.catalogue import Service
from contracts.errors import ErrorCode
from services.ingress.admin.bodies import Action, Filters, ParkedPage, Settled
from services.ingress.admin.errors import DOCUMENTED, NOT_FOUND
from services.ingress.call import Call, CurrentCall
from services.ingress.demands import needs
from shared.bus.dead_queue import DeadQueue, opened
from shared.bus.parked import Wanted
from shared.bus.parked_facts import ParkedFacts, ParkedWhole
from shared.errors import BrokerUnavailable, Refusal

PATIENCE_SECONDS = 2.0
"""How long another operator is waited for."""

router = APIRouter(
    prefix="/admin/v1/dead/{service}",
    tags=["dead queues"],
    dependencies=[needs("admin:operations")],
    responses=DOCUMENTED,
)


@router.get("")
async def list_dead(
    call: CurrentCall, service: Service, wanted: Annotated[Filters, Query()]
) -> ParkedPage:
    """List what is parked for a service; nothing is taken off."""
    async with _dead_queue(call, service) as queue:
        found = queue.messages(wanted.wanted(), wanted.limit)
        data = [ParkedFacts.of(parked) async for parked in found]
        return ParkedPage(data=data, not_looked_at=queue.not_looked_at)


@router.get("/{id}", responses=NOT_FOUND)
async def show_dead(
    call: CurrentCall, service: Service, message_id: Annotated[str, Path(alias="id")]
) -> ParkedWhole:
    """Show all that came with a message, its body too; nothing is taken off."""
    async with _dead_queue(call, service) as queue:
        async for parked in queue.messages(Wanted(ids=(message_id,)), limit=1):
            return ParkedWhole.of(parked)
    raise Refusal(ErrorCode.NOT_FOUND, "No such message is parked")


@router.post("/redrive")
async def redrive_dead(
    call: CurrentCall, service: Service, action: Annotated[Action, Query()]
) -> Settled:
    """Send messages again to the consumer that failed, under the same ids."""
    done: list[ParkedFacts] = []
    left: list[ParkedFacts] = []
    async with _dead_queue(call, service) as queue:
        async for parked in queue.messages(action.wanted(), action.limit):
            (done if parked.can_go_back else left).append(ParkedFacts.of(parked))
            if parked.can_go_back and not action.dry_run:
                await queue.send_again(parked)
        behind = queue.not_looked_at
    return Settled(data=done, left=left, dry_run=action.dry_run, not_looked_at=behind)


@router.delete("")
async def drop_dead(
    call: CurrentCall, service: Service, action: Annotated[Action, Query()]
) -> Settled:
    """Drop messages, for good."""
    done: list[ParkedFacts] = []
    async with _dead_queue(call, service) as queue:
        async for parked in queue.messages(action.wanted(), action.limit):
            done.append(ParkedFacts.of(parked))
            if not action.dry_run:
                await queue.drop(parked)
        behind = queue.not_looked_at
    return Settled(data=done, left=[], dry_run=action.dry_run, not_looked_at=behind)


@asynccontextmanager
async def _dead_queue(call: Call, service: Service) -> AsyncIterator[DeadQueue]:
    """The queue, for as long as a caller waits."""
    deadline = call.settings.deadline
    try:
        async with (
            asyncio.timeout(deadline),
            opened(call.settings, service, patience=min(PATIENCE_SECONDS, deadline / 2)) as queue,
        ):
            yield queue
    except TimeoutError as error:
        raise BrokerUnavailable("Not done in time") from error
