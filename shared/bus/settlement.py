"""Settlement: what becomes of a message, in one place.

| what happened | caller waiting | nobody waiting |
|---|---|---|
| done | events, reply | events |
| refused | reply | event `command.refused` |
| refused, but may pass | reply | tried again for some seconds, then as above |
| invalid | reply `invalid_message` | parked |
| forbidden | - | parked |
| passing fault | tried again; the caller's deadline may pass | tried again, at last parked |
| passing fault of a query | reply `unavailable` | dropped |
| defect | reply `internal_error`, and parked | parked |
| consumers ended with it | handled alone | handled alone |
| they ended with it alone | reply `internal_error`, and parked | parked |

Where a command's caller asks later (`outcomes`), what came of it is kept beside all this.
The message is acknowledged last: a crash before that has it delivered again.
"""

import asyncio
from dataclasses import dataclass
from typing import Any

from aio_pika.exceptions import AMQPError
from aiormq.exceptions import ChannelInvalidStateError

from contracts.catalogue import Service
from contracts.errors import ErrorCode, RefusalBody
from contracts.messages import Command, CommandRefused, Query, Request, Result
from contracts.topology import RETRY_STEPS_SECONDS, dead_queue
from shared.bus.acknowledgement import Acknowledgements
from shared.bus.answers import Answers
from shared.bus.delivery import Delivery
from shared.bus.moves import Moves, Reason, may_wait_on
from shared.bus.outcomes import Outcomes, Status
from shared.bus.publisher import Publisher
from shared.errors import (
    BrokerUnavailable,
    Crashed,
    Forbidden,
    InvalidMessage,
    Overloaded,
    Passing,
    Refusal,
    Suspect,
)
from shared.ids import now
from shared.logs import logger
from shared.outcome import Outcome, announce

log = logger(__name__)

_CODES: dict[Reason, ErrorCode] = {
    "invalid_message": ErrorCode.INVALID_MESSAGE,
    "retries_exhausted": ErrorCode.UNAVAILABLE,
    "internal_error": ErrorCode.INTERNAL_ERROR,
    "crashed_consumer": ErrorCode.INTERNAL_ERROR,
    "forbidden": ErrorCode.INSUFFICIENT_PERMISSIONS,
}
_BACKOFF_SECONDS = (0.1, 0.5, 1.0, 2.0)

PATIENCE_STEPS = 2
"""Steps of the retry ladder (1 s and 5 s) that a refusal which may pass is given.

Who publishes `document.register` and `link.create` one after the other has them handled by two
services at once: the link may come first.
"""

ANNOUNCED_AT_ONCE = 200
"""Events of one message under way at a time: of 100,000, the last would miss its deadline."""


@dataclass(frozen=True)
class Verdict:
    """What came of handling a delivery: an outcome, or the error that stopped it."""

    outcome: Outcome | None = None
    error: Exception | None = None
    request: Any = None
    """The parsed message, as far as it got."""


class Settlement:
    """Settles the deliveries of one service's queues."""

    def __init__(
        self, publisher: Publisher, service: Service, outcomes: Outcomes | None = None
    ) -> None:
        self._publisher = publisher
        self._moves = Moves(publisher, service)
        self._answers = Answers(publisher)
        self._service = service
        self._outcomes = outcomes
        self._acknowledgements = Acknowledgements()

    async def settle(self, delivery: Delivery, verdict: Verdict) -> None:
        """Do all that follows from the verdict, then acknowledge; try until the broker takes it.

        If the delivery's own channel goes meanwhile, leave it: the broker delivers it again.
        """
        attempt = 0
        while not delivery.lost:
            try:
                await self._follow(delivery, verdict)
                await delivery.acknowledge(self._acknowledgements)
            except (BrokerUnavailable, Overloaded) as error:
                log.warning("settlement.waits", error=str(error), type=delivery.type)
                await asyncio.sleep(_BACKOFF_SECONDS[min(attempt, len(_BACKOFF_SECONDS) - 1)])
                attempt += 1
            except (AMQPError, ChannelInvalidStateError, ConnectionError):
                break  # the acknowledgement met a closed channel
            except Exception:
                # A defect in settling itself: back to the queue, whose delivery limit ends it.
                log.exception("settlement.broken", type=delivery.type)
                await asyncio.sleep(_BACKOFF_SECONDS[-1])
                await delivery.give_back(self._acknowledgements)
                return
            else:
                return
        log.info("delivery.lost", type=delivery.type)

    async def _follow(self, delivery: Delivery, verdict: Verdict) -> None:
        match verdict.error:
            case None:
                await self._done(delivery, verdict)
            case Refusal(may_pass=True) as refusal if _has_patience(delivery):
                await self._try_again(delivery, refusal, verdict.request)
            case Refusal() as refusal:
                await self._refused(delivery, refusal.body, verdict.request)
            case InvalidMessage() as invalid:
                body = RefusalBody(
                    code=ErrorCode.INVALID_MESSAGE, message=str(invalid), fields=invalid.fields
                )
                if delivery.reply_to is None:
                    await self._park(delivery, "invalid_message", _describe(body), verdict.request)
                else:
                    await self._refused(delivery, body, verdict.request)
            case Forbidden() as forbidden:
                await self._park(delivery, "forbidden", str(forbidden), None)
            case Passing() | Overloaded() as fault:
                await self._try_again(delivery, fault, verdict.request)
            case Suspect() as suspicion:
                await self._isolate(delivery, suspicion)
            case Crashed() as crash:
                await self._refuse_at_once(delivery, ErrorCode.INTERNAL_ERROR, "Internal error")
                await self._park(delivery, "crashed_consumer", str(crash), verdict.request)
            case defect:
                log.error("handler.broken", type=delivery.type, exc_info=defect)
                await self._refuse_at_once(delivery, ErrorCode.INTERNAL_ERROR, "Internal error")
                await self._park(delivery, "internal_error", repr(defect), verdict.request)

    async def _done(self, delivery: Delivery, verdict: Verdict) -> None:
        outcome = verdict.outcome
        if outcome is None:
            return
        trace = delivery.traceparent
        if len(outcome.announcements) == 1:
            await self._publisher.announce(outcome.announcements[0], trace)
        else:
            for first in range(0, len(outcome.announcements), ANNOUNCED_AT_ONCE):
                some = outcome.announcements[first : first + ANNOUNCED_AT_ONCE]
                # Not a TaskGroup: the first fault is to reach `settle` as it is, not in a group.
                await asyncio.gather(*(self._publisher.announce(each, trace) for each in some))
        await self._keep(delivery, verdict.request, "done", outcome.result)
        await self._answers.result(delivery, outcome.result)

    async def _refused(self, delivery: Delivery, body: RefusalBody, request: Request) -> None:
        log.info("message.refused", type=delivery.type, code=body.code, reason=body.message)
        await self._keep(delivery, request, "refused", body)
        if await self._answers.refusal(delivery, body):
            return
        if not isinstance(request, Command):
            # A query without anybody to answer says too little; no event ought to be refused.
            reason: Reason = "invalid_message" if isinstance(request, Query) else "internal_error"
            await self._park(delivery, reason, _describe(body), request)
            return
        data = CommandRefused(
            command_id=request.command_id,
            command_type=request.type,
            workspace_id=request.workspace_id,
            actor=request.actor,
            refusal=body,
        )
        announcement = announce(
            request.command_id,
            data,
            subject=request.command_id,
            workspace_id=request.workspace_id,
            time=now(),
            # Not the command's plain event id: a later run of it may succeed under that one.
            parts=(data.type,),
        )
        await self._publisher.announce(announcement, delivery.traceparent)

    async def _try_again(self, delivery: Delivery, fault: Exception, request: Request) -> None:
        if not delivery.retried:
            await self._refuse_at_once(delivery, ErrorCode.UNAVAILABLE, str(fault))
            return
        step = delivery.attempts
        if step >= len(RETRY_STEPS_SECONDS) and not may_wait_on(delivery, fault):
            await self._refuse_at_once(delivery, ErrorCode.UNAVAILABLE, "Given up")
            await self._park(delivery, "retries_exhausted", repr(fault), request)
            return
        log.warning("message.retry", type=delivery.type, step=step, error=str(fault))
        await self._moves.to_retry(delivery, step)

    async def _isolate(self, delivery: Delivery, suspicion: Suspect) -> None:
        log.warning("message.isolated", type=delivery.type, error=str(suspicion))
        await self._moves.to_itself(delivery)

    async def _park(
        self, delivery: Delivery, reason: Reason, error: str, request: Request | None
    ) -> None:
        log.warning("message.parked", type=delivery.type, reason=reason, error=error[:500])
        await self._keep(delivery, request, "failed", self._parked(reason))
        await self._moves.to_the_dead(delivery, reason, error)

    async def _keep(
        self,
        delivery: Delivery,
        request: Request | None,
        status: Status,
        answer: Result | RefusalBody,
    ) -> None:
        if self._outcomes is not None:
            await self._outcomes.keep(delivery, request, status, answer)

    def _parked(self, reason: Reason) -> RefusalBody:
        """What a caller is told; the exact error is for operators."""
        place = f"The command is kept in {dead_queue(self._service)} ({reason})"
        return RefusalBody(code=_CODES[reason], message=place)

    async def _refuse_at_once(self, delivery: Delivery, code: ErrorCode, message: str) -> None:
        await self._answers.refusal(delivery, RefusalBody(code=code, message=message))


def _has_patience(delivery: Delivery) -> bool:
    return delivery.reply_to is None and delivery.retried and delivery.attempts < PATIENCE_STEPS


def _describe(body: RefusalBody) -> str:
    fields = "; ".join(f"{name}: {rule}" for name, rule in (body.fields or {}).items())
    return f"{body.code}: {body.message}" + (f" ({fields})" if fields else "")
