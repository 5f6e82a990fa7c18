"""PandaDoc's errors: one table from our codes to its statuses, types and fixed texts.

Source: the responses of PandaDoc's OpenAPI document; the rows from 405 on that it lacks are ours,
in the same shape.
"""

from typing import Any

from pydantic import BaseModel, Field
from starlette.responses import JSONResponse

from contracts.errors import ErrorCode
from services.ingress.dialect import Problem

REQUEST_ERROR = "request_error"
SERVER_ERROR = "server_error"
TABLE: dict[ErrorCode, tuple[int, str, str | None]] = {
    ErrorCode.INVALID_KEY: (
        401,
        "authentication_error",
        "Authentication credentials were not provided.",
    ),
    ErrorCode.INSUFFICIENT_PERMISSIONS: (
        403,
        "permission_error",
        "You do not have permission to perform this action.",
    ),
    ErrorCode.NOT_FOUND: (404, REQUEST_ERROR, "Not found"),
    ErrorCode.METHOD_NOT_ALLOWED: (405, REQUEST_ERROR, None),
    ErrorCode.PAYLOAD_TOO_LARGE: (413, REQUEST_ERROR, None),
    ErrorCode.RATE_LIMITED: (429, "throttled", "Request was throttled."),
    ErrorCode.INTERNAL_ERROR: (500, SERVER_ERROR, None),
    ErrorCode.UNAVAILABLE: (503, SERVER_ERROR, None),
    ErrorCode.OVERLOADED: (503, SERVER_ERROR, None),
}
"""Status, type, and the detail where it is the same every time; all other codes are 400."""

BAD_REQUEST = 400
NO_FIELD = "non_field_errors"


class RequestErrorBody(BaseModel):
    """What is wrong with a request, by field; `non_field_errors` where it is none's."""

    type: str = Field(examples=[REQUEST_ERROR])
    detail: dict[str, list[str]] = Field(examples=[{"provider": ["is required"]}])


class ErrorBody(BaseModel):
    """What went wrong."""

    type: str
    detail: str


class PermissionErrorBody(ErrorBody):
    """What the key may not do."""

    info_message: str = Field(examples=["Missing `write:documents` permission"])


def render(problem: Problem) -> JSONResponse:
    """The problem as PandaDoc says it."""
    status, kind, text = TABLE.get(problem.code, (BAD_REQUEST, REQUEST_ERROR, None))
    body: dict[str, Any] = {"type": kind, "detail": text or problem.message}
    if status == BAD_REQUEST:
        body["detail"] = _by_field(problem)
    if problem.code is ErrorCode.INSUFFICIENT_PERMISSIONS:
        body["info_message"] = problem.message
    headers = {} if problem.retry_after is None else {"Retry-After": str(problem.retry_after)}
    if problem.code is ErrorCode.INVALID_KEY:
        headers["WWW-Authenticate"] = "API-Key"
    return JSONResponse(body, status_code=status, headers=headers)


def _by_field(problem: Problem) -> dict[str, list[str]]:
    fields = dict(problem.fields or {"body": problem.message})
    return {NO_FIELD if name == "body" else name: [rule] for name, rule in fields.items()}


DOCUMENTED: dict[int | str, dict[str, Any]] = {
    400: {"model": RequestErrorBody, "description": "Bad request"},
    401: {"model": ErrorBody, "description": "Authentication error"},
    403: {"model": PermissionErrorBody, "description": "Permission error"},
    404: {"model": ErrorBody, "description": "Not found"},
    413: {"model": ErrorBody, "description": "The body is too large"},
    429: {"model": ErrorBody, "description": "Too many requests"},
    503: {"model": ErrorBody, "description": "Not available at the moment"},
}
"""What any call may meet, for OpenAPI."""
