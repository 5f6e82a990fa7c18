"""Parsing: bytes from a queue to a valid message, or the reason why not."""

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel, ValidationError

from contracts.catalogue import EVENTS, REQUESTS
from contracts.messages import EVENT_CONTENT_TYPE, JSON_CONTENT_TYPE, Event
from shared.bus.delivery import Delivery
from shared.errors import InvalidMessage
from shared.rules import broken_rules

MAX_BODY_BYTES = 1024 * 1024
"""A message's size limit; no valid command comes near it."""

Parse = Callable[[Delivery], Any]


def parse_request(delivery: Delivery) -> BaseModel:
    """The command or query in a delivery.

    Raises:
        InvalidMessage: naming each field and the rule it breaks.
    """
    entry = REQUESTS.get(delivery.type)
    if entry is None:
        raise InvalidMessage(f"No message has the type {delivery.type[:100]!r}")
    return _validated(delivery, entry.model, JSON_CONTENT_TYPE)


_EVENT_MODELS = {name: Event[data] for name, data in EVENTS.items()}  # type: ignore[valid-type] # made at run time


def parse_event(delivery: Delivery) -> BaseModel:
    """The event in a delivery, one of those that doclink itself sends.

    Raises:
        InvalidMessage: naming each field and the rule it breaks.
    """
    model = _EVENT_MODELS.get(delivery.type)
    if model is None:
        raise InvalidMessage(f"No event has the type {delivery.type[:100]!r}")
    return _validated(delivery, model, EVENT_CONTENT_TYPE)


def _validated(delivery: Delivery, model: type[BaseModel], content_type: str) -> BaseModel:
    given = (delivery.raw.content_type or content_type).partition(";")[0].strip().lower()
    if given != content_type:
        raise InvalidMessage(f"The content type must be {content_type}, not {given[:100]!r}")
    if len(delivery.body) > MAX_BODY_BYTES:
        raise InvalidMessage(f"The body must be at most {MAX_BODY_BYTES} bytes")
    try:
        return model.model_validate_json(delivery.body)
    except ValidationError as error:
        raise InvalidMessage(
            "The message breaks its contract", broken_rules(error.errors(include_url=False))
        ) from error
