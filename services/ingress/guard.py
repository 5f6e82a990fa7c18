"""The guard before a dialect: who calls, how often, and how much they send.

It stands before any parsing, so that a caller without a key learns nothing but that.
"""

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import Message, Receive, Scope, Send

from contracts.errors import ErrorCode
from services.ingress.dialect import Dialect, Problem
from services.ingress.keyring import Keyring
from services.ingress.rates import Allowance, Rates
from shared.errors import Passing, Refusal
from shared.logs import bind

RETRY_AFTER_SECONDS = 1


class Guard:
    """An ASGI application that lets identified callers through to a dialect."""

    def __init__(
        self, dialect: Dialect, keyring: Keyring, rates: Rates, *, max_body_bytes: int
    ) -> None:
        self._dialect = dialect
        self._keyring = keyring
        self._rates = rates
        self._max_body_bytes = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["path"] in self._dialect.open_paths:
            await self._dialect.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        try:
            caller = await self._keyring.identify(self._key(headers))
        except Passing:
            await self._refuse(_away(), scope, receive, send)
            return
        if caller is None:
            problem = Problem(ErrorCode.INVALID_KEY, "Invalid or expired API key")
            await self._refuse(problem, scope, receive, send)
            return
        allowance = await self._rates.count(caller)
        send = _with_rate(send, allowance)
        if not allowance.allowed:
            problem = Problem(
                ErrorCode.RATE_LIMITED, "Rate limit exceeded", retry_after=allowance.retry_after
            )
            await self._refuse(problem, scope, receive, send)
            return
        if _declared_length(headers) > self._max_body_bytes:
            await self._refuse(_too_large(self._max_body_bytes), scope, receive, send)
            return
        scope["state"]["caller"] = caller
        bind(workspace_id=caller.workspace_id, key_id=caller.key_id)
        await self._dialect.app(scope, _bounded(receive, self._max_body_bytes), send)

    def _key(self, headers: Headers) -> str:
        scheme, _, key = headers.get("authorization", "").partition(" ")
        return key.strip() if scheme.lower() in self._dialect.key_scheme else ""

    async def _refuse(self, problem: Problem, scope: Scope, receive: Receive, send: Send) -> None:
        await self._dialect.render(problem)(scope, receive, send)


def _away() -> Problem:
    return Problem(
        ErrorCode.UNAVAILABLE,
        "The service is not available at the moment",
        retry_after=RETRY_AFTER_SECONDS,
    )


def _too_large(limit: int) -> Problem:
    return Problem(ErrorCode.PAYLOAD_TOO_LARGE, f"The body must be at most {limit} bytes")


def _declared_length(headers: Headers) -> int:
    length = headers.get("content-length", "0")
    return int(length) if length.isdecimal() else 0


def _with_rate(send: Send, allowance: Allowance) -> Send:
    async def wrapped(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).raw.extend(allowance.headers())
        await send(message)

    return wrapped


def _bounded(receive: Receive, limit: int) -> Receive:
    """`receive`, for bodies that do not say how long they are."""
    received = 0

    async def wrapped() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > limit:
            problem = _too_large(limit)
            raise Refusal(problem.code, problem.message)
        return message

    return wrapped
