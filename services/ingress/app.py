"""The ingress as one ASGI application: the dialects, each behind its guard, and health."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from contracts.errors import ErrorCode
from services.ingress import health, leadlex
from services.ingress.dialect import Dialect, Problem
from services.ingress.guard import Guard
from services.ingress.keyring import Keyring
from services.ingress.rates import Rates
from services.ingress.settings import IngressSettings
from services.ingress.tracing import Tracing
from shared.bus.faults import AWAY
from shared.bus.publisher import Publisher
from shared.bus.requester import Requester
from shared.logs import logger

log = logger(__name__)
DIALECTS: tuple[Dialect, ...] = (leadlex.dialect(),)


def build(settings: IngressSettings) -> ASGIApp:
    """The application; it connects to the broker while it already answers."""
    publisher = Publisher(settings, "ingress")
    requester = Requester(publisher, "ingress")
    keyring = Keyring(
        publisher,
        requester,
        keep_seconds=settings.key_cache_seconds,
        deadline=settings.deadline,
    )
    rates = Rates(settings.rate_limit_storage, settings.rate_limit)

    async def connect() -> None:
        while True:
            try:
                await publisher.start()
                await requester.start()
                await keyring.start()
            except AWAY as error:
                # The broker went while we were setting up: from the beginning, then.
                log.warning("broker.away", error=repr(error))
                await publisher.stop()
                await asyncio.sleep(settings.reconnect_interval)
            else:
                return

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        connecting = asyncio.create_task(connect())
        yield
        connecting.cancel()
        await publisher.stop()

    root = FastAPI(lifespan=lifespan, openapi_url=None, docs_url=None, redoc_url=None)
    root.add_exception_handler(HTTPException, _nowhere)
    root.include_router(health.router)
    root.router.routes.append(Route("/docs", _docs))
    guards = [
        (each, Guard(each, keyring, rates, max_body_bytes=settings.max_body_bytes))
        for each in DIALECTS
    ]
    shared = {
        "doclink.requester": requester,
        "doclink.keyring": keyring,
        "doclink.settings": settings,
    }
    return Tracing(_Prefixes(root, guards, shared))


async def _docs(_request: object) -> RedirectResponse:
    return RedirectResponse("/v1/docs")


async def _nowhere(_request: Request, error: Exception) -> Response:
    """A path of no dialect, told as the first one tells it."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this type
    known = error.status_code == HTTPStatus.METHOD_NOT_ALLOWED
    code = ErrorCode.METHOD_NOT_ALLOWED if known else ErrorCode.NOT_FOUND
    response = DIALECTS[0].render(Problem(code, str(error.detail)))
    response.headers.update(error.headers or {})
    return response


class _Prefixes:
    """Leads a request to the dialect of its path, with the path as it came below the host's."""

    def __init__(
        self,
        root: ASGIApp,
        guards: Sequence[tuple[Dialect, ASGIApp]],
        shared: Mapping[str, Any],
    ) -> None:
        self._root = root
        self._guards = guards
        self._shared = shared

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope.update(self._shared)
        app = self._root
        if scope["type"] == "http":
            for dialect, guard in self._guards:
                if (own := dialect.path_of(scope["path"])) is not None:
                    scope["path"] = own
                    app = guard
                    break
        await app(scope, receive, send)
