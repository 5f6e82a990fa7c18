"""Headers that LeadLex's pages name, for the description of the API."""

from typing import Annotated

from fastapi import Header

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="Same key and same body within 24 hours: the same answer.",
    ),
]
"""Read by `Call`; stands in the endpoints so that the OpenAPI document has it."""

RESPONSE_HEADERS = {
    "X-Request-ID": "The request's id: the one given, else a new one.",
    "X-RateLimit-Limit": "Calls allowed in the window.",
    "X-RateLimit-Remaining": "Calls left in the window.",
    "X-RateLimit-Reset": "When the window is new, in Unix seconds.",
}
