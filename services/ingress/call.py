"""A call: one identified HTTP request, and what it asks of the services."""

import hashlib
from datetime import timedelta
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit

from fastapi import Depends, Request

from contracts import headers as h
from contracts.errors import ErrorCode
from contracts.messages import Command, Query, Result
from services.ingress.caller import Caller
from services.ingress.operation import PATH, Accepted, OperationId, OutcomeLate, wants_no_wait
from services.ingress.settings import IngressSettings
from shared.bus.requester import Requester
from shared.errors import AnswerLate, Refusal
from shared.ids import new_id, now

ResultT = TypeVar("ResultT", bound=Result)
MAX_IDEMPOTENCY_KEY = 255
_IN_TIME = 0.5
"""The part of the deadline in which an answer surely reaches its caller."""


class Call:
    """Turns what an endpoint wants into commands and queries of the caller's workspace."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._requester: Requester = request.scope["doclink.requester"]
        self.settings: IngressSettings = request.scope["doclink.settings"]
        self.caller: Caller = request.state.caller

    @property
    def public_url(self) -> str:
        """Where this caller reaches us, without a slash at the end."""
        return self.settings.public_url or str(self._request.base_url).rstrip("/")

    async def command(
        self, command: type[Command], answer: type[ResultT], **payload: Any
    ) -> ResultT:
        """The owner's answer to a command.

        Raises:
            Accepted: the caller does not wait for it.
            Refusal: the owner says no, or the `Idempotency-Key` is not well formed.
            OutcomeLate: no answer in time; the command still takes effect.
            BrokerUnavailable, Overloaded: the command was not accepted.
        """
        issued = now()
        message = command(
            command_id=new_id("cmd"),
            workspace_id=self.caller.workspace_id,
            actor=self.caller.owner,
            issued_at=issued,
            idempotency_key=self._idempotency_key(),
            **payload,
        )
        if wants_no_wait(self._request.headers):
            headers = {**self._headers(), h.KEEP_OUTCOME_AFTER: 0}
            await self._requester.tell(message, headers=headers)
            raise Accepted(self._location(message))
        # Not only at the deadline: clocks differ, and an answer may be lost on its way.
        late = issued + timedelta(seconds=self.settings.deadline * _IN_TIME)
        headers = {**self._headers(), h.KEEP_OUTCOME_AFTER: int(late.timestamp() * 1000)}
        try:
            return await self._ask(message, answer, headers)
        except AnswerLate as error:
            raise OutcomeLate(self._location(message)) from error

    async def query(self, query: type[Query], answer: type[ResultT], **payload: Any) -> ResultT:
        """The owner's answer to a query; raises as `command` does."""
        message = query(
            command_id=new_id("cmd"),
            workspace_id=self.caller.workspace_id,
            actor=self.caller.owner,
            issued_at=now(),
            **payload,
        )
        return await self._ask(message, answer, self._headers())

    async def _ask(
        self, message: Command | Query, answer: type[ResultT], headers: dict[str, Any]
    ) -> ResultT:
        return await self._requester.ask(
            message, answer, deadline=self.settings.deadline, headers=headers
        )

    def _headers(self) -> dict[str, Any]:
        state = self._request.state
        return {h.REQUEST_ID: state.request_id, h.TRACEPARENT: state.traceparent}

    def _location(self, command: Command) -> str:
        """Where a command's outcome is asked for, below the path of our public URL."""
        return f"{urlsplit(self.settings.public_url).path}{PATH}/{OperationId.of(command)}"

    def _idempotency_key(self) -> str | None:
        """The caller's key, scoped by API key and route, as one opaque string."""
        given = self._request.headers.get("idempotency-key")
        if not given:
            return None
        if len(given) > MAX_IDEMPOTENCY_KEY or not given.isascii() or not given.isprintable():
            rule = f"Must be 1 to {MAX_IDEMPOTENCY_KEY} printable ASCII characters"
            raise Refusal(ErrorCode.VALIDATION_ERROR, "Invalid header", {"Idempotency-Key": rule})
        route = f"{self._request.method} {self._request.url.path}"
        scoped = f"{self.caller.key_id}\n{route}\n{given}"
        return hashlib.sha256(scoped.encode()).hexdigest()


async def _call(request: Request) -> Call:
    return Call(request)


CurrentCall = Annotated[Call, Depends(_call)]
