"""A call: one identified HTTP request, and what it asks of the services."""

import hashlib
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request

from contracts import headers as h
from contracts.errors import ErrorCode
from contracts.messages import Command, Query, Result
from services.ingress.caller import Caller
from services.ingress.settings import IngressSettings
from shared.bus.requester import Requester
from shared.errors import Refusal
from shared.ids import new_id, now

ResultT = TypeVar("ResultT", bound=Result)
MAX_IDEMPOTENCY_KEY = 255


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
            Refusal: the owner says no, or the `Idempotency-Key` is not well formed.
            PeerUnavailable: no answer in time; the command still takes effect.
            BrokerUnavailable, Overloaded: the command was not accepted.
        """
        message = command(
            command_id=new_id("cmd"),
            workspace_id=self.caller.workspace_id,
            actor=self.caller.owner,
            issued_at=now(),
            idempotency_key=self._idempotency_key(),
            **payload,
        )
        return await self._ask(message, answer)

    async def query(self, query: type[Query], answer: type[ResultT], **payload: Any) -> ResultT:
        """The owner's answer to a query; raises as `command` does."""
        message = query(
            command_id=new_id("cmd"),
            workspace_id=self.caller.workspace_id,
            actor=self.caller.owner,
            issued_at=now(),
            **payload,
        )
        return await self._ask(message, answer)

    async def _ask(self, message: Command | Query, answer: type[ResultT]) -> ResultT:
        state = self._request.state
        headers = {h.REQUEST_ID: state.request_id, h.TRACEPARENT: state.traceparent}
        return await self._requester.ask(
            message, answer, deadline=self.settings.deadline, headers=headers
        )

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
