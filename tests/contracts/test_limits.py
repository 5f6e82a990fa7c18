"""Every input has its bounds: all that a command or query may hold."""

import json
from typing import Any

import pytest

from contracts.catalogue import REQUESTS
from contracts.schemas import Schema, message_schemas
from tests.contracts.bounds import unbounded

SCHEMAS = message_schemas()

FOUND: list[tuple[Schema, list[str]]] = [
    ({"type": "string"}, ["x: text"]),
    ({"type": "string", "pattern": "^a{1,5}[+*]\\*$"}, []),
    ({"type": "string", "pattern": "^a+$"}, ["x: text"]),
    ({"type": "string", "pattern": "^a{1,}$"}, ["x: text"]),
    ({"type": "string", "pattern": "a"}, ["x: text"]),
    ({"type": "string", "maxLength": 5}, []),
    ({"type": "string", "enum": ["a"]}, []),
    ({"type": "integer", "minimum": 0}, ["x: number"]),
    ({"type": "integer", "minimum": 0, "maximum": 9}, []),
    ({"type": "array", "items": {"type": "string"}}, ["x: list", "x[]: text"]),
    ({"type": "array", "maxItems": 3, "items": {"type": "boolean"}}, []),
    ({"type": "object"}, ["x: object"]),
    ({"type": "object", "additionalProperties": False}, []),
    ({"type": "object", "maxProperties": 3}, []),
    (
        {"type": "object", "maxProperties": 3, "additionalProperties": {"type": "string"}},
        ["x.(name): text", "x.*: text"],
    ),
    ({"anyOf": [{"type": "string"}, {"type": "null"}]}, ["x: text"]),
    ({}, ["x: anything"]),
]


@pytest.mark.parametrize(("schema", "places"), FOUND, ids=[json.dumps(s) for s, _ in FOUND])
def test_what_may_grow_without_end_is_found(schema: Schema, places: list[str]) -> None:
    assert list(unbounded(schema, schema, "x")) == places
    inside: dict[str, Any] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {"x": {"$ref": "#/$defs/X"}},
        "$defs": {"X": schema},
    }
    assert [place.removeprefix(".") for place in unbounded(inside, inside, "")] == places


@pytest.mark.parametrize("name", REQUESTS)
def test_nothing_in_a_command_or_query_may_grow_without_end(name: str) -> None:
    assert list(unbounded(SCHEMAS[name], SCHEMAS[name], name)) == []
