"""Headers of requests and responses that all dialects have, as OpenAPI describes them."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Header

from services.ingress.call import MAX_IDEMPOTENCY_KEY
from services.ingress.operation import PREFERENCE

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="Same key and same body within 24 hours: the same answer.",
        json_schema_extra={"maxLength": MAX_IDEMPOTENCY_KEY, "pattern": r"^[\x20-\x7e]*$"},
    ),
]
"""Read by `Call`; stands in the endpoints so that the OpenAPI document has it."""

PREFER = {
    "name": "Prefer",
    "in": "header",
    "required": False,
    "description": f"`{PREFERENCE}`: answer 202 as soon as the request is accepted.",
    "schema": {"type": "string"},
}
"""For every endpoint that sends a command; read by `Call`."""

_REQUEST_ID = {"X-Request-ID": ("string", "The request's id: the one given, else a new one.")}
_RATE = {
    "X-RateLimit-Limit": ("integer", "Calls allowed in the window."),
    "X-RateLimit-Remaining": ("integer", "Calls left in the window."),
    "X-RateLimit-Reset": ("integer", "When the window is new, in Unix seconds."),
}
_RETRY_AFTER = {"Retry-After": ("integer", "Seconds to wait before the next try.")}
_LOCATION = {"Location": ("string", "Where to ask what came of the command, for 24 hours.")}
_APPLIED = {"Preference-Applied": ("string", f"`{PREFERENCE}`.")}
_CHALLENGE = {"WWW-Authenticate": ("string", "The scheme to send a key by.")}


def response_headers(status: str) -> dict[str, Any]:
    """The headers of every response with this status, as OpenAPI describes them."""
    match status:
        case "401":  # whose window would it be?
            headers = _REQUEST_ID | _CHALLENGE
        case "429":
            headers = _REQUEST_ID | _RATE | _RETRY_AFTER
        case "503":  # the key itself may be what could not be looked up
            headers = _REQUEST_ID | _RETRY_AFTER
        case _:
            headers = _REQUEST_ID | _RATE
    return _described(headers)


def command_headers(status: str) -> dict[str, Any]:
    """The further headers of a response to a command, as OpenAPI describes them."""
    match status:
        case "202":
            return _described(_LOCATION | _APPLIED)
        case "503":  # only where the command was accepted
            return _described(_LOCATION, required=False)
        case _:
            return {}


def _described(headers: Mapping[str, tuple[str, str]], *, required: bool = True) -> dict[str, Any]:
    return {
        name: {"description": text, "required": required, "schema": {"type": kind}}
        for name, (kind, text) in headers.items()
    }
