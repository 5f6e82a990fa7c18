"""What all dialects' applications have in common: every error in the dialect's own shape."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import HTTPExceptionHandler

from contracts.errors import ErrorCode
from services.ingress.dialect import Problem
from services.ingress.guard import RETRY_AFTER_SECONDS
from services.ingress.headers import PREFER, command_headers
from services.ingress.logins import TooManyFailures
from services.ingress.operation import PREFERENCE, Accepted, OutcomeLate
from shared.errors import Overloaded, Passing, Refusal
from shared.logs import logger
from shared.rules import broken_rules

log = logger(__name__)
Error = TypeVar("Error", bound=Exception)
_PLACES = frozenset({"body", "query", "path", "header"})
_BY_STATUS = {
    401: ErrorCode.INVALID_KEY,
    403: ErrorCode.INSUFFICIENT_PERMISSIONS,
    404: ErrorCode.NOT_FOUND,
    405: ErrorCode.METHOD_NOT_ALLOWED,
    413: ErrorCode.PAYLOAD_TOO_LARGE,
}


@dataclass(frozen=True)
class Description:
    """What a dialect's OpenAPI document says beside its endpoints.

    Attributes:
        title: Of the API.
        text: How to call it, in Markdown.
        path: Where the document and its reader are served: `<path>/openapi.json`, `<path>/docs`.
        security: The security schemes by name, any of which will do.
        headers: The headers of every response with a status, as OpenAPI describes them.
        bodies: Bodies of requests, shown with pydantic's own schema: FastAPI turns bounds into
            floats, and no float is 2^63 - 1.
    """

    title: str
    text: str
    path: str
    security: dict[str, dict[str, Any]]
    headers: Callable[[str], dict[str, Any]]
    bodies: Sequence[type[BaseModel]] = ()


def application(
    routers: Sequence[APIRouter], render: Callable[[Problem], Response], description: Description
) -> FastAPI:
    """The endpoints as an application that tells every error by `render`."""
    app = FastAPI(
        title=description.title,
        version="1",
        description=description.text,
        openapi_url=f"{description.path}/openapi.json",
        docs_url=f"{description.path}/docs",
        redoc_url=None,
        redirect_slashes=False,
    )
    for router in routers:
        app.include_router(router)
    Errors(routers, render).handled_by(app)
    app.openapi = lambda: _described(app, description)  # type: ignore[method-assign] # FastAPI's documented way
    return app


class Errors:
    """Turns what an endpoint raises into a response.

    Args:
        routers: The endpoints.
        render: Gives a problem its shape.
    """

    def __init__(self, routers: Sequence[APIRouter], render: Callable[[Problem], Response]) -> None:
        self._routers = routers
        self._render = render

    def handled_by(self, app: FastAPI) -> None:
        """Register for everything that can be raised."""
        _handle(app, Accepted, _accepted)
        _handle(app, Refusal, self._refused)
        _handle(app, RequestValidationError, self._invalid)
        _handle(app, HTTPException, self._http)
        _handle(app, TooManyFailures, self._limited)
        _handle(app, Passing, self._unavailable)
        _handle(app, Overloaded, self._unavailable)
        _handle(app, Exception, self._broken)

    async def _refused(self, _request: Request, error: Refusal) -> Response:
        body = error.body
        return self._render(Problem(body.code, body.message, body.fields))

    async def _invalid(self, _request: Request, error: RequestValidationError) -> Response:
        fields = broken_rules(error.errors(), _PLACES)
        return self._render(Problem(ErrorCode.VALIDATION_ERROR, "The request is not valid", fields))

    async def _http(self, request: Request, error: HTTPException) -> Response:
        if isinstance(error.__cause__, Refusal):  # met while the body was being read
            return await self._refused(request, error.__cause__)
        code = _BY_STATUS.get(error.status_code, ErrorCode.VALIDATION_ERROR)
        response = self._render(Problem(code, str(error.detail)))
        response.headers.update(error.headers or {})
        if code is ErrorCode.METHOD_NOT_ALLOWED and (methods := self._methods(request)):
            response.headers["Allow"] = methods
        return response

    def _methods(self, request: Request) -> str:
        """All methods of a path; FastAPI's own `Allow` has those of the first route alone."""
        path = request.scope["path"]
        routes = [r for each in self._routers for r in each.routes if isinstance(r, Route)]
        matching = [each for each in routes if each.path_regex.match(path)]
        # `/documents/upload-url` is no document's path, though it looks like one.
        own = [each for each in matching if each.path == path] or matching
        methods = {method for each in own for method in each.methods or ()}
        return ", ".join(sorted(methods))

    async def _limited(self, _request: Request, error: TooManyFailures) -> Response:
        wait = error.allowance.retry_after
        return self._render(Problem(ErrorCode.RATE_LIMITED, str(error), retry_after=wait))

    async def _unavailable(self, _request: Request, error: Passing | Overloaded) -> Response:
        log.warning("request.unavailable", error=str(error))
        response = self._render(
            Problem(
                ErrorCode.UNAVAILABLE,
                "No answer in time; a command that was accepted still takes effect",
                retry_after=RETRY_AFTER_SECONDS,
            )
        )
        if isinstance(error, OutcomeLate):
            response.headers["Location"] = error.location
        return response

    async def _broken(self, _request: Request, _error: Exception) -> Response:
        return self._render(Problem(ErrorCode.INTERNAL_ERROR, "Internal error"))


def _handle(
    app: FastAPI, kind: type[Error], handler: Callable[[Request, Error], Awaitable[Response]]
) -> None:
    # To Starlette a handler is one of any exception; it gets those that it is registered for.
    app.add_exception_handler(kind, cast("HTTPExceptionHandler", handler))


async def _accepted(_request: Request, accepted: Accepted) -> Response:
    headers = {"Location": accepted.location, "Preference-Applied": PREFERENCE}
    return Response(status_code=202, headers=headers)


def _described(app: FastAPI, description: Description) -> dict[str, Any]:
    """The OpenAPI document: without FastAPI's own 422, with the headers of every response."""
    if app.openapi_schema is None:
        schema = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes
        )
        schema["components"]["securitySchemes"] = description.security
        schema["security"] = [{name: []} for name in description.security]
        for path in schema["paths"].values():
            for operation in path.values():
                operation["responses"].pop("422", None)
                if is_command := _sends_a_command(operation):
                    operation["parameters"].append(PREFER)
                    operation["responses"]["202"] = {"description": "Accepted, and under way"}
                for status, response in operation["responses"].items():
                    response["headers"] = {
                        name: header
                        for name, header in description.headers(status).items()
                        # Where no key is needed, no key's calls are counted.
                        if operation.get("security") != [] or not name.startswith("X-RateLimit")
                    }
                    if is_command:
                        response["headers"] |= command_headers(status)
        for unused in ("HTTPValidationError", "ValidationError"):
            schema["components"]["schemas"].pop(unused, None)
        for body in description.bodies:
            schema["components"]["schemas"][body.__name__] = body.model_json_schema()
        app.openapi_schema = schema
    return app.openapi_schema


def _sends_a_command(operation: dict[str, Any]) -> bool:
    """Whether repeats of it are told by a key, as those of all commands are."""
    return any(each["name"] == "Idempotency-Key" for each in operation.get("parameters", ()))
