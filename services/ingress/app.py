"""The ingress as one ASGI application: the dialects, each behind its guard, and health."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from starlette.responses import RedirectResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from services.ingress import admin, health, laserfiche, leadlex, pandadoc
from services.ingress.application import Errors
from services.ingress.dialect import Dialect
from services.ingress.file_urls import FileUrls
from services.ingress.files import Files
from services.ingress.guard import Guard
from services.ingress.in_flight import InFlight
from services.ingress.keyring import Keyring
from services.ingress.logins import Logins
from services.ingress.rates import Rates
from services.ingress.settings import IngressSettings
from services.ingress.signing import Signer
from services.ingress.tracing import Tracing
from shared.bus.faults import AWAY
from shared.bus.publisher import Publisher
from shared.bus.requester import Requester
from shared.logs import logger
from shared.objects import Objects

log = logger(__name__)
DIALECTS: tuple[Dialect, ...] = (
    *(leadlex.dialect(), pandadoc.dialect(), laserfiche.dialect()),
    admin.dialect(),
)


def build(settings: IngressSettings, dialects: Sequence[Dialect] = DIALECTS) -> ASGIApp:
    """The application; it connects to the broker while it already answers."""
    publisher = Publisher(settings, "ingress")
    requester = Requester(publisher, "ingress")
    keyring = Keyring(
        publisher,
        requester,
        keep_seconds=settings.key_cache_seconds,
        deadline=settings.deadline,
    )
    rates = Rates(settings.rate_limit_storage)
    logins = Logins(keyring, rates, settings.failed_attempts)

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
    objects = Objects(settings)
    signer = Signer(settings.signing_secret.get_secret_value())
    routers = (health.router, Files(objects, signer).router)
    for router in routers:
        root.include_router(router)
    # What belongs to no dialect is told as the first one tells it.
    Errors(routers, dialects[0].render).handled_by(root)
    root.router.routes.append(Route("/docs", _docs))
    in_flight = InFlight(settings.max_in_flight)
    guards = [
        (each, in_flight.bounding(Guard(each, logins, rates, settings), each)) for each in dialects
    ]
    shared = {
        "doclink.requester": requester,
        "doclink.logins": logins,
        "doclink.settings": settings,
        "doclink.file_urls": FileUrls(objects, signer, max_bytes=settings.max_upload_bytes),
    }
    return Tracing(_Prefixes(root, guards, shared))


async def _docs(_request: object) -> RedirectResponse:
    return RedirectResponse("/v1/docs")


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
