"""Requests in flight: no more than a process has memory for; the others are told to come back.

Each that waits for a service holds its body, its task and its place among the answers that are
awaited. When services fall behind, callers would pile up here until the process is ended from
outside, and all of them with it.
"""

from starlette.types import ASGIApp, Receive, Scope, Send

from contracts.errors import ErrorCode
from services.ingress.dialect import Dialect, Problem
from services.ingress.guard import RETRY_AFTER_SECONDS


class InFlight:
    """The places that all dialects of a process share.

    Args:
        most: How many there are.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken = 0

    def bounding(self, app: ASGIApp, dialect: Dialect) -> ASGIApp:
        """The application, which takes a place for each request; without one it is 503 at once."""

        async def bounded(scope: Scope, receive: Receive, send: Send) -> None:
            if self._taken >= self._most:
                problem = Problem(
                    ErrorCode.UNAVAILABLE,
                    "Too many requests are under way",
                    retry_after=RETRY_AFTER_SECONDS,
                )
                await dialect.render(problem)(scope, receive, send)
                return
            self._taken += 1
            try:
                await app(scope, receive, send)
            finally:
                self._taken -= 1

        return bounded
