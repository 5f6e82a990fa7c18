"""LeadLex's errors: one table from our codes to its statuses and codes, one envelope.

Source: the error tables of the LeadLex API pages; rows they lack are ours.
"""

from typing import Any

from pydantic import BaseModel, Field
from starlette.responses import JSONResponse

from contracts.errors import ErrorCode
from services.ingress.dialect import Problem

TABLE: dict[ErrorCode, tuple[int, str]] = {
    ErrorCode.VALIDATION_ERROR: (400, "validation_error"),
    ErrorCode.INVALID_MESSAGE: (400, "validation_error"),
    ErrorCode.INVALID_KEY: (401, "invalid_key"),
    ErrorCode.INSUFFICIENT_PERMISSIONS: (403, "insufficient_permissions"),
    ErrorCode.NOT_FOUND: (404, "not_found"),
    ErrorCode.METHOD_NOT_ALLOWED: (405, "method_not_allowed"),
    ErrorCode.STORAGE_CONFLICT: (409, "storage_conflict"),
    ErrorCode.ALREADY_LINKED: (409, "already_linked"),
    ErrorCode.NOT_CONNECTED: (409, "not_connected"),
    ErrorCode.LIMIT_REACHED: (409, "limit_reached"),
    ErrorCode.INVALID_SIGNATURE: (403, "invalid_signature"),
    ErrorCode.IDEMPOTENCY_CONFLICT: (409, "idempotency_conflict"),
    ErrorCode.PAYLOAD_TOO_LARGE: (413, "payload_too_large"),
    ErrorCode.RATE_LIMITED: (429, "rate_limited"),
    ErrorCode.UNAVAILABLE: (503, "unavailable"),
    ErrorCode.OVERLOADED: (503, "unavailable"),
    ErrorCode.INTERNAL_ERROR: (500, "internal_error"),
}


class ErrorDetails(BaseModel):
    """Which fields break which rules."""

    fields: dict[str, str] = Field(examples=[{"name": "Field required"}])


class ErrorBody(BaseModel):
    """What went wrong; `details` only where fields can be named."""

    code: str = Field(examples=["validation_error"])
    message: str
    details: ErrorDetails | None = None


class ErrorEnvelope(BaseModel):
    """The body of every error."""

    error: ErrorBody


def render(problem: Problem) -> JSONResponse:
    """The problem as LeadLex says it."""
    status, code = TABLE[problem.code]
    error: dict[str, Any] = {"code": code, "message": problem.message}
    if problem.fields:
        error["details"] = {"fields": dict(problem.fields)}
    headers = {} if problem.retry_after is None else {"Retry-After": str(problem.retry_after)}
    if problem.code is ErrorCode.INVALID_KEY:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse({"error": error}, status_code=status, headers=headers)


def documented(*codes: ErrorCode) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI responses for these errors and those that any call may meet."""
    always = (
        ErrorCode.VALIDATION_ERROR,
        ErrorCode.INVALID_KEY,
        ErrorCode.INSUFFICIENT_PERMISSIONS,
        ErrorCode.PAYLOAD_TOO_LARGE,
        ErrorCode.RATE_LIMITED,
        ErrorCode.UNAVAILABLE,
    )
    responses: dict[int | str, dict[str, Any]] = {}
    for code in sorted({*codes, *always}, key=lambda each: TABLE[each]):
        status, name = TABLE[code]
        known = responses.setdefault(status, {"model": ErrorEnvelope, "description": ""})
        known["description"] += (", " if known["description"] else "") + f"`{name}`"
    return responses
