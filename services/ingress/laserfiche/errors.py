"""Laserfiche's errors: problem details, and one table from our codes to its statuses and numbers.

Source: the responses of Laserfiche's OpenAPI document (v1). Of the numbers 9010 and 9013 are those
of Laserfiche's own server; it documents none, so the others are ours.
"""

import re
from typing import Any, Self
from urllib.parse import quote

from pydantic import BaseModel, Field
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from contracts.errors import ErrorCode
from services.ingress.dialect import Problem

TABLE: dict[ErrorCode, tuple[int, int]] = {
    ErrorCode.VALIDATION_ERROR: (400, 10400),
    ErrorCode.INVALID_MESSAGE: (400, 10401),
    ErrorCode.INVALID_KEY: (401, 9010),
    ErrorCode.INSUFFICIENT_PERMISSIONS: (403, 10403),
    ErrorCode.INVALID_SIGNATURE: (403, 10404),
    ErrorCode.NOT_FOUND: (404, 9013),
    ErrorCode.METHOD_NOT_ALLOWED: (405, 10405),
    ErrorCode.STORAGE_CONFLICT: (409, 10409),
    ErrorCode.ALREADY_LINKED: (409, 10410),
    ErrorCode.NOT_CONNECTED: (409, 10411),
    ErrorCode.LIMIT_REACHED: (409, 10412),
    ErrorCode.IDEMPOTENCY_CONFLICT: (409, 10413),
    ErrorCode.PAYLOAD_TOO_LARGE: (413, 10414),
    ErrorCode.RATE_LIMITED: (429, 10429),
    ErrorCode.INTERNAL_ERROR: (500, 10500),
    ErrorCode.UNAVAILABLE: (503, 10503),
    ErrorCode.OVERLOADED: (503, 10504),
}
"""Status and `errorCode`."""

MEDIA_TYPE = "application/problem+json"
_IN_ARRAY = re.compile(r"(?:relations\.)?(\d+)(?:\.(\w+))?(.*)", re.DOTALL)
_NAMES = {
    "target_id": "targetId",
    "link_type_id": "linkTypeId",
    "properties": "customProperties",
}


class ProblemDetails(BaseModel):
    """What went wrong; clients show `title`."""

    type: str | None = Field(None, examples=["urn:doclink:error:validation_error"])
    title: str | None = Field(None, examples=["[3].targetId: is required"])
    status: int
    detail: str | None = Field(None, description="All that is wrong, where it is more than one.")
    instance: str | None = Field(None, description="The path of the request.")
    operationId: str | None = Field(None, description="The request's id.")  # noqa: N815 - Laserfiche's
    errorSource: str | None = None  # noqa: N815
    errorCode: int  # noqa: N815
    traceId: str | None = Field(None, description="The request's W3C trace.")  # noqa: N815


class ProblemResponse(JSONResponse):
    """A problem that learns on its way out which request it is about."""

    media_type = MEDIA_TYPE

    @classmethod
    def of(cls, problem: Problem) -> Self:
        """The problem as Laserfiche says it."""
        status, number = TABLE[problem.code]
        broken = [f"{_place(path)}: {rule}" for path, rule in (problem.fields or {}).items()]
        details = {
            "type": f"urn:doclink:error:{problem.code}",
            "title": broken[0] if broken else problem.message,
            "status": status,
            "detail": "; ".join(broken) if broken else None,
            "errorSource": "doclink",
            "errorCode": number,
        }
        response = cls(details, status)
        response.details = details
        if problem.retry_after is not None:
            response.headers["Retry-After"] = str(problem.retry_after)
        if problem.code is ErrorCode.INVALID_KEY:
            response.headers["WWW-Authenticate"] = "Bearer"
        # Where their description has no such status, clients look for the title here.
        response.headers["X-APIServer-Error"] = quote(str(details["title"]), errors="replace")
        return response

    details: dict[str, Any]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the response."""
        state = scope["state"]
        about = {
            "instance": quote(scope["path"], errors="replace"),
            "operationId": state["request_id"],
            "traceId": state["traceparent"].split("-")[1],
        }
        self.body = self.render(self.details | about)
        self.headers["Content-Length"] = str(len(self.body))
        self.headers["X-RequestId"] = state["request_id"]
        await super().__call__(scope, receive, send)


def render(problem: Problem) -> ProblemResponse:
    """The problem as Laserfiche says it."""
    return ProblemResponse.of(problem)


def _place(path: str) -> str:
    """Where in a body something is wrong: `[3].targetId` for `relations.3.target_id`, too."""
    found = _IN_ARRAY.fullmatch(path)
    if found is None:
        return path
    position, name, rest = found.groups()
    return f"[{position}]" + (f".{_NAMES.get(name, name)}" if name else "") + rest


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
    schema = {"$ref": f"#/components/schemas/{ProblemDetails.__name__}"}
    return {
        TABLE[code][0]: {
            "description": f"`{code}`",
            "content": {MEDIA_TYPE: {"schema": schema}},
        }
        for code in sorted({*codes, *always}, key=lambda each: TABLE[each])
    }
