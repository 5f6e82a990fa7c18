"""The LeadLex dialect as an application."""

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.responses import Response

from contracts.errors import ErrorCode
from services.ingress.dialect import Dialect, Problem
from services.ingress.guard import RETRY_AFTER_SECONDS
from services.ingress.leadlex import documents, entities
from services.ingress.leadlex.errors import render
from services.ingress.leadlex.headers import response_headers
from services.ingress.leadlex.models import BODIES
from shared.errors import Overloaded, Passing, Refusal
from shared.rules import broken_rules

DESCRIPTION = """Registers documents, links them to contacts, companies, deals, events, matters and
tasks, and lists them. Send your API key as `Authorization: Bearer wbk_...`."""

_ROUTERS = (documents.router, entities.router)
_PLACES = frozenset({"body", "query", "path", "header"})
_BY_STATUS = {
    401: ErrorCode.INVALID_KEY,
    403: ErrorCode.INSUFFICIENT_PERMISSIONS,
    404: ErrorCode.NOT_FOUND,
    405: ErrorCode.METHOD_NOT_ALLOWED,
    413: ErrorCode.PAYLOAD_TOO_LARGE,
}


def dialect() -> Dialect:
    """LeadLex, ready to be served."""
    return Dialect(
        name="leadlex",
        prefix="/v1",
        app=application(),
        key_scheme=("bearer",),
        render=render,
        open_paths=frozenset({"/v1/docs", "/v1/openapi.json"}),
        host_path="/functions/v1/api-gateway",
    )


def application() -> FastAPI:
    """The endpoints, with every error in LeadLex's shape."""
    app = FastAPI(
        title="doclink: LeadLex documents",
        version="1",
        description=DESCRIPTION,
        openapi_url="/v1/openapi.json",
        docs_url="/v1/docs",
        redoc_url=None,
        redirect_slashes=False,
    )
    for router in _ROUTERS:
        app.include_router(router)
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Passing, _unavailable)
    app.add_exception_handler(Overloaded, _unavailable)
    app.add_exception_handler(Exception, _broken)
    app.openapi = lambda: _described(app)  # type: ignore[method-assign] # FastAPI's documented way
    return app


async def _refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)  # noqa: S101 - registered for this type
    body = error.body
    return render(Problem(body.code, body.message, body.fields))


async def _invalid(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this type
    fields = broken_rules(error.errors(), _PLACES)
    return render(Problem(ErrorCode.VALIDATION_ERROR, "The request is not valid", fields))


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this type
    if isinstance(error.__cause__, Refusal):  # met while the body was being read
        return await _refused(request, error.__cause__)
    code = _BY_STATUS.get(error.status_code, ErrorCode.VALIDATION_ERROR)
    response = render(Problem(code, str(error.detail)))
    response.headers.update(error.headers or {})
    if code is ErrorCode.METHOD_NOT_ALLOWED and (methods := _methods(request.scope["path"])):
        response.headers["Allow"] = methods
    return response


def _methods(path: str) -> str:
    """All methods of a path; FastAPI's own `Allow` has those of the first route alone."""
    routes = [each for router in _ROUTERS for each in router.routes if isinstance(each, APIRoute)]
    methods = {m for each in routes if each.path_regex.match(path) for m in each.methods or ()}
    return ", ".join(sorted(methods))


async def _unavailable(_request: Request, _error: Exception) -> Response:
    return render(
        Problem(
            ErrorCode.UNAVAILABLE,
            "No answer in time; a command that was accepted still takes effect",
            retry_after=RETRY_AFTER_SECONDS,
        )
    )


async def _broken(_request: Request, _error: Exception) -> Response:
    return render(Problem(ErrorCode.INTERNAL_ERROR, "Internal error"))


def _described(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document: without FastAPI's own 422, with the headers of every response.

    FastAPI turns bounds into floats, and no float is 2^63 - 1; so bodies are pydantic's own.
    """
    if app.openapi_schema is None:
        schema = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes
        )
        schema["components"]["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
        schema["security"] = [{"key": []}]
        for path in schema["paths"].values():
            for operation in path.values():
                operation["responses"].pop("422", None)
                for status, response in operation["responses"].items():
                    response["headers"] = response_headers(status)
        for unused in ("HTTPValidationError", "ValidationError"):
            schema["components"]["schemas"].pop(unused, None)
        for body in BODIES:
            schema["components"]["schemas"][body.__name__] = body.model_json_schema()
        app.openapi_schema = schema
    return app.openapi_schema
