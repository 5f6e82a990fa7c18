"""The guard before a dialect: who calls, how often, and how much they send.

It stands before any parsing, so that a caller without a key learns nothing but that.
"""

import re
from urllib.parse import unquote_to_bytes

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import Message, Receive, Scope, Send

from contracts.errors import ErrorCode
from services.ingress.dialect import Dialect, Problem
from services.ingress.logins import Logins, TooManyFailures
from services.ingress.rates import Allowance, Rates
from services.ingress.settings import IngressSettings
from services.ingress.shortcut import Shortcuts
from shared.errors import Overloaded, Passing, Refusal
from shared.logs import bind, logger

log = logger(__name__)
RETRY_AFTER_SECONDS = 1


class Guard:
    """An ASGI application that lets identified callers through to a dialect."""

    def __init__(
        self, dialect: Dialect, logins: Logins, rates: Rates, settings: IngressSettings
    ) -> None:
        self._dialect = dialect
        self._app = Shortcuts(dialect.app, dialect.shortcuts)
        self._logins = logins
        self._rates = rates
        self._rate_limit = settings.rate_limit
        self._max_body_bytes = settings.max_body_bytes
        self._open = re.compile(dialect.open_paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        headers = Headers(scope=scope)
        if self._open.fullmatch(scope["path"]):
            await self._pass(scope, receive, send, headers)
            return
        try:
            caller = await self._logins.identify(self._key(headers), scope)
        except TooManyFailures as error:
            await self._limited(error.allowance, str(error), scope, receive, send)
            return
        except (Passing, Overloaded) as error:
            log.warning("caller.not_identified", error=str(error))
            await self._refuse(_away(), scope, receive, send)
            return
        except Refusal as refusal:  # the registry has met a defect
            problem = Problem(refusal.code, refusal.body.message)
            await self._refuse(problem, scope, receive, send)
            return
        if caller is None:
            problem = Problem(ErrorCode.INVALID_KEY, "Invalid or expired API key")
            await self._refuse(problem, scope, receive, send)
            return
        allowance = await self._rates.count(caller.key_id, caller.rate_limit or self._rate_limit)
        if not allowance.allowed:
            await self._limited(allowance, "Rate limit exceeded", scope, receive, send)
            return
        send = _with_rate(send, allowance)
        scope["state"]["caller"] = caller
        bind(workspace_id=caller.workspace_id, key_id=caller.key_id)
        await self._pass(scope, receive, send, headers)

    async def _pass(self, scope: Scope, receive: Receive, send: Send, headers: Headers) -> None:
        unfit = self._unfit(scope, headers)
        if unfit is not None:
            await self._refuse(unfit, scope, receive, send)
            return
        await self._app(scope, _bounded(receive, self._max_body_bytes), send)

    def _key(self, headers: Headers) -> str:
        scheme, _, key = headers.get("authorization", "").partition(" ")
        return key.strip() if scheme.lower() in self._dialect.key_scheme else ""

    def _unfit(self, scope: Scope, headers: Headers) -> Problem | None:
        """What is wrong with a request before anything of it is read; None if nothing is."""
        if _declared_length(headers) > self._max_body_bytes:
            return _too_large(self._max_body_bytes)
        if b"%2f" in scope["raw_path"].lower():
            # No id has a slash, and decoded this one would pass for one of the path's own.
            return Problem(ErrorCode.NOT_FOUND, "Not Found")
        if not _is_text(scope["query_string"]):
            fields = {"query": "must be UTF-8"}
            return Problem(ErrorCode.VALIDATION_ERROR, "The request is not valid", fields)
        return None

    async def _limited(
        self, allowance: Allowance, text: str, scope: Scope, receive: Receive, send: Send
    ) -> None:
        problem = Problem(ErrorCode.RATE_LIMITED, text, retry_after=allowance.retry_after)
        await self._refuse(problem, scope, receive, _with_rate(send, allowance))

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


def _is_text(query: bytes) -> bool:
    """Whether a query is UTF-8; the framework puts U+FFFD in the place of what is not."""
    try:
        unquote_to_bytes(query).decode()
    except UnicodeDecodeError:
        return False
    return True


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
