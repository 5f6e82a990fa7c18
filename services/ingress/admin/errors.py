"""Errors of the admin API: a refusal as it stands in the contracts, under a usual status."""

from typing import Any

from starlette.responses import JSONResponse

from contracts.errors import ErrorCode, RefusalBody
from services.ingress.dialect import Problem

BAD_REQUEST = 400
STATUS: dict[ErrorCode, int] = {
    ErrorCode.INVALID_KEY: 401,
    ErrorCode.INSUFFICIENT_PERMISSIONS: 403,
    ErrorCode.NOT_FOUND: 404,
    ErrorCode.METHOD_NOT_ALLOWED: 405,
    ErrorCode.PAYLOAD_TOO_LARGE: 413,
    ErrorCode.RATE_LIMITED: 429,
    ErrorCode.INTERNAL_ERROR: 500,
    ErrorCode.UNAVAILABLE: 503,
    ErrorCode.OVERLOADED: 503,
}
"""All other codes are 400."""


def render(problem: Problem) -> JSONResponse:
    """The problem as a refusal."""
    fields = dict(problem.fields) if problem.fields else None
    body = RefusalBody(code=problem.code, message=problem.message, fields=fields)
    headers = {} if problem.retry_after is None else {"Retry-After": str(problem.retry_after)}
    if problem.code is ErrorCode.INVALID_KEY:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(
        body.model_dump(mode="json", exclude_none=True),
        status_code=STATUS.get(problem.code, BAD_REQUEST),
        headers=headers,
    )


DOCUMENTED: dict[int | str, dict[str, Any]] = {
    400: {"model": RefusalBody, "description": "`validation_error`"},
    401: {"model": RefusalBody, "description": "`invalid_key`"},
    403: {"model": RefusalBody, "description": "`insufficient_permissions`"},
    413: {"model": RefusalBody, "description": "`payload_too_large`"},
    429: {"model": RefusalBody, "description": "`rate_limited`"},
    503: {"model": RefusalBody, "description": "`unavailable`, also while another operator reads"},
}
"""What any call may meet, for OpenAPI."""
NOT_FOUND: dict[int | str, dict[str, Any]] = {
    404: {"model": RefusalBody, "description": "`not_found`"}
}
