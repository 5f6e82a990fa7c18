"""What is valid can be stored: no number and no time that passes is too large for the database."""

import json
from typing import Any

import bson
import pytest
from pydantic import BaseModel, ValidationError

from contracts.catalogue import EVENTS, REQUESTS
from contracts.examples import EXAMPLES
from contracts.messages import Event
from tests.scenarios.bad_messages.bodies import paths, written

MODELS: dict[str, type[BaseModel]] = {
    **{name: request.model for name, request in REQUESTS.items()},
    **{name: Event[data] for name, data in EVENTS.items()},  # type: ignore[valid-type] # made at run time
}
EXTREMES: list[Any] = [
    *(2**63 - 1, 2**63, 2**64, -(2**63) - 1, 10**400),
    *("0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00"),
    *("9999-12-31T23:59:59Z", "9999-12-31T23:59:59-14:00"),
]


@pytest.mark.parametrize("name", MODELS)
def test_whatever_is_valid_can_be_stored(name: str) -> None:
    example = EXAMPLES[name]
    for place in paths(example):
        for extreme in EXTREMES:
            text = written(example, {place: json.dumps(extreme)})
            try:
                message = MODELS[name].model_validate_json(text or "")
            except ValidationError:
                continue
            assert bson.encode(message.model_dump()), (place, extreme)
