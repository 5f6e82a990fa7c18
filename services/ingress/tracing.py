"""Every request's id and trace, in its response, its messages and every log line about it."""

import re
import secrets
import time

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contracts.fields import TRACEPARENT
from shared.ids import new_id
from shared.logs import bind, logger

log = logger(__name__)
_GIVEN_ID = re.compile(r"^[A-Za-z0-9._:@+=/-]{1,128}$")
"""What of a caller's own request id is safe to repeat in a header and a log."""


class Tracing:
    """An ASGI application that gives each request its id, and logs it when it is done."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = headers.get("x-request-id", "")
        request_id = given if _GIVEN_ID.match(given) else new_id("req")
        trace = headers.get("traceparent", "")
        state = scope.setdefault("state", {})
        state["request_id"] = request_id
        state["traceparent"] = trace if TRACEPARENT.match(trace) else _new_trace()
        status = 0
        started = time.perf_counter()

        async def traced(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["x-request-id"] = request_id
            await send(message)

        bind(request_id=request_id)
        try:
            await self._app(scope, receive, traced)
        finally:
            log.info(
                "http.request",
                method=scope["method"],
                path=scope["path"],
                status=status,
                milliseconds=round((time.perf_counter() - started) * 1000, 1),
            )


def _new_trace() -> str:
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"
