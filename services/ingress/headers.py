"""Headers of requests and responses that all dialects have, as OpenAPI describes them."""

from typing import Annotated, Any

from fastapi import Header

from services.ingress.call import MAX_IDEMPOTENCY_KEY

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="Same key and same body within 24 hours: the same answer.",
        json_schema_extra={"maxLength": MAX_IDEMPOTENCY_KEY, "pattern": r"^[\x20-\x7e]*$"},
    ),
]
"""Read by `Call`; stands in the endpoints so that the OpenAPI document has it."""

_REQUEST_ID = {"X-Request-ID": ("string", "The request's id: the one given, else a new one.")}
_RATE = {
    "X-RateLimit-Limit": ("integer", "Calls allowed in the window."),
    "X-RateLimit-Remaining": ("integer", "Calls left in the window."),
    "X-RateLimit-Reset": ("integer", "When the window is new, in Unix seconds."),
}
_RETRY_AFTER = {"Retry-After": ("integer", "Seconds to wait before the next try.")}
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
    return {
        name: {"description": text, "required": True, "schema": {"type": kind}}
        for name, (kind, text) in headers.items()
    }
