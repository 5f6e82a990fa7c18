"""Contracts only grow: rule by rule on made-up schemas, then on everything released."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from contracts.compatibility import Schema, Sender, breaks, release_breaks
from contracts.entities import WORKSPACE_ENTITY_TYPES
from contracts.generate import RELEASED
from contracts.schemas import message_schemas
from shared.ids import new_id
from tests.contracts.validation import problems

TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "integer"}
MAYBE_TEXT: Schema = {"anyOf": [{"type": "string"}, {"type": "null"}]}

# Conditions, which the check does not follow. For the provider `workspace`, which was the only one,
# they ask for the six entity types and the kind `entity`: what was accepted before still is.
_CONDITION = "has changed, which this check does not follow"
JUDGED: dict[str, set[str]] = {
    "0.1": {
        f"entity.documents: the message: `if` {_CONDITION}",
        f"entity.documents: the message: `then` {_CONDITION}",
        f"link.create: the message: `allOf` {_CONDITION}",
    }
}


def thing(*required: str, **fields: Schema) -> Schema:
    return {"type": "object", "properties": fields, "required": list(required)}


def short(limit: int) -> Schema:
    return {"type": "string", "maxLength": limit}


def closed(**fields: Schema) -> Schema:
    return {**thing(**fields), "additionalProperties": False}


def nested(inner: Schema) -> Schema:
    return {**thing(inner={"$ref": "#/$defs/Inner"}), "$defs": {"Inner": inner}}


ONE_OF_TWO: Schema = {"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}
IF_THEN: Schema = {"if": {"required": ["a"]}, "then": {"required": ["b"]}}

BROKEN_FOR_BOTH: list[tuple[Schema, Schema, str]] = [
    (thing(a=TEXT, b=TEXT), thing(a=TEXT), "b: removed"),
    (thing(title=TEXT), thing(), "title: removed"),
    (nested(thing(a=TEXT)), nested(thing()), "inner.a: removed"),
    (
        thing(a={"type": "array", "items": thing(b=TEXT)}),
        thing(a={"type": "array", "items": thing()}),
        "a[].b: removed",
    ),
    (
        thing(a={**thing(), "additionalProperties": thing(b=TEXT)}),
        thing(a={**thing(), "additionalProperties": thing()}),
        "a.*.b: removed",
    ),
    (
        {"anyOf": [thing(a=TEXT), {"type": "null"}]},
        {"anyOf": [thing(), {"type": "null"}]},
        "a: removed",
    ),
    ({**thing(a=TEXT), **ONE_OF_TWO}, thing(a=TEXT), "the message: `oneOf` has changed"),
    (thing(a=TEXT), {**thing(a=TEXT), **IF_THEN}, "the message: `if` has changed"),
]

BROKEN_FOR_CALLERS: list[tuple[Schema, Schema, str]] = [
    (thing(a=TEXT), thing("a", a=TEXT), "a: now required"),
    (thing(), thing("a", a=TEXT), "a: now required"),
    (nested(thing(a=TEXT)), nested(thing("a", a=TEXT)), "inner.a: now required"),
    (thing(a=TEXT), thing(a=NUMBER), "a: string is no longer accepted"),
    (thing(a=MAYBE_TEXT), thing(a=TEXT), "a: null is no longer accepted"),
    (thing(a={"type": ["string", "null"]}), thing(a=TEXT), "a: null is no longer accepted"),
    (thing(a={"type": "number"}), thing(a=NUMBER), "a: number is no longer accepted"),
    (thing(a={}), thing(a=TEXT), "a: any type is no longer accepted"),
    (thing(a={"enum": ["x", "y"]}), thing(a={"enum": ["x"]}), "a: no longer accepts y"),
    (thing(a={"enum": ["x", "y"]}), thing(a={"const": "x"}), "a: no longer accepts y"),
    (thing(a=TEXT), thing(a={**TEXT, "enum": ["x"]}), "a: no longer accepts others"),
    (thing(a=short(9)), thing(a=short(8)), "a: maxLength is now 8"),
    (thing(a=TEXT), thing(a=short(8)), "a: maxLength is now 8"),
    (thing(a={**NUMBER, "minimum": 0}), thing(a={**NUMBER, "minimum": 1}), "a: minimum is now 1"),
    (thing(a=NUMBER), thing(a={**NUMBER, "minimum": 0}), "a: minimum is now 0"),
    (thing(a={"type": "array"}), thing(a={"type": "array", "maxItems": 3}), "a: maxItems is now 3"),
    (
        thing(a={"type": "array"}),
        thing(a={"type": "array", "uniqueItems": True}),
        "a: uniqueItems is now True",
    ),
    (thing(a=TEXT), thing(a={**TEXT, "pattern": "^x$"}), "a: pattern is now ^x$"),
    (thing(a={**TEXT, "pattern": "^.$"}), thing(a={**TEXT, "pattern": "^x$"}), "a: pattern is now"),
    (thing(a=TEXT), thing(a={**TEXT, "format": "uri"}), "a: format is now uri"),
    (
        thing(a={"type": "array", "items": TEXT}),
        thing(a={"type": "array", "items": short(8)}),
        "a[]: maxLength is now 8",
    ),
    (thing(a=TEXT), closed(a=TEXT), "*: no longer accepted"),
    (
        thing(a={**NUMBER, "default": 25}),
        thing(a={**NUMBER, "default": 50}),
        "a: the default is no longer 25",
    ),
]

BROKEN_FOR_READERS: list[tuple[Schema, Schema, str]] = [
    (thing("a", a=TEXT), thing(a=TEXT), "a: no longer always sent"),
    (nested(thing("a", a=TEXT)), nested(thing(a=TEXT)), "inner.a: no longer always sent"),
    (thing(a=TEXT), thing(a=NUMBER), "a: integer was never sent before"),
    (thing(a=TEXT), thing(a=MAYBE_TEXT), "a: null was never sent before"),
    (thing(a=NUMBER), thing(a={"type": "number"}), "a: number was never sent before"),
    (thing(a=TEXT), thing(a={}), "a: any type was never sent before"),
    (
        thing(a={"type": "array", "items": TEXT}),
        thing(a={"type": "array", "items": NUMBER}),
        "a[]: integer was never sent before",
    ),
    (thing(a={"type": "array", "items": TEXT}), thing(a={"type": "array"}), "a[]: any type was"),
    (thing(a={"const": "x"}), thing(a={"const": "y"}), "a: never again x"),
    (
        thing(a={**TEXT, "format": "date-time"}),
        thing(a=TEXT),
        "a: no longer of the format date-time",
    ),
]

FREE_FOR_BOTH: list[tuple[Schema, Schema]] = [
    (thing(a=TEXT), thing(a=TEXT, b=TEXT)),
    (thing(a=TEXT), thing(a={**TEXT, "description": "The letter.", "title": "A"})),
    (thing(a={"enum": ["x"]}), thing(a={"enum": ["x", "y"]})),
    (thing(a={"const": "x"}), thing(a={"enum": ["x", "y"]})),
    (thing(a={"enum": ["x", "y"]}), thing(a={"enum": ["y", "x"]})),
    (thing(a=short(8)), thing(a=short(9))),
    (thing(a=short(8)), thing(a=TEXT)),
    (nested(thing(a=TEXT)), thing(inner=thing(a=TEXT))),
    ({**thing(a=TEXT), **ONE_OF_TWO}, {**thing(a=TEXT), **copy.deepcopy(ONE_OF_TWO)}),
]

FREE_FOR_CALLERS: list[tuple[Schema, Schema]] = [
    (thing("a", a=TEXT), thing(a=TEXT)),
    (thing(a=TEXT), thing(a=MAYBE_TEXT)),
    (thing(a=NUMBER), thing(a={"type": "number"})),
    (thing(a=TEXT), thing(a={})),
    (thing(a={**NUMBER, "minimum": 1}), thing(a={**NUMBER, "minimum": 0})),
    (thing(a={**TEXT, "pattern": "^x$"}), thing(a=TEXT)),
    (thing(a={**TEXT, "format": "uri"}), thing(a=TEXT)),
    (closed(a=TEXT), closed(a=TEXT, b=TEXT)),
    (closed(a=TEXT), thing(a=TEXT)),
]

FREE_FOR_READERS: list[tuple[Schema, Schema]] = [
    (thing(a=TEXT), thing("a", a=TEXT)),
    (thing(), thing("a", a=TEXT)),
    (thing(a=MAYBE_TEXT), thing(a=TEXT)),
    (thing(a={"type": "number"}), thing(a=NUMBER)),
    (thing(a={"enum": ["x", "y"]}), thing(a={"enum": ["x"]})),
    (thing(a=TEXT), thing(a={**TEXT, "pattern": "^x$"})),
]


def cases(sender: Sender) -> list[Any]:
    own = BROKEN_FOR_CALLERS if sender == "caller" else BROKEN_FOR_READERS
    return [(sender, *case) for case in (*BROKEN_FOR_BOTH, *own)]


def free(sender: Sender) -> list[Any]:
    own = FREE_FOR_CALLERS if sender == "caller" else FREE_FOR_READERS
    return [(sender, *case) for case in (*FREE_FOR_BOTH, *own)]


@pytest.mark.parametrize(("sender", "old", "new", "problem"), [*cases("caller"), *cases("doclink")])
def test_break_is_found(sender: Sender, old: Schema, new: Schema, problem: str) -> None:
    found = breaks(old, new, sent_by=sender)
    assert any(each.startswith(problem) for each in found), found


@pytest.mark.parametrize(("sender", "old", "new"), [*free("caller"), *free("doclink")])
def test_growth_is_free(sender: Sender, old: Schema, new: Schema) -> None:
    assert breaks(old, new, sent_by=sender) == []


@pytest.mark.parametrize("sender", ["caller", "doclink"])
@pytest.mark.parametrize("name", message_schemas())
def test_a_schema_breaks_nothing_of_itself(name: str, sender: Sender) -> None:
    schema = message_schemas()[name]
    assert breaks(schema, schema, sent_by=sender) == []


def test_real_messages_are_judged_by_who_sends_them() -> None:
    old, new = message_schemas(), message_schemas()
    new["link.create"]["required"].append("role")
    new["link.created"]["$defs"]["LinkCreated"]["required"].remove("version")
    new["document.get.reply"]["$defs"]["Document"]["properties"].pop("tags")
    new["entity.documents"]["properties"]["per_page"]["maximum"] = 50
    new["refusal"]["$defs"]["ErrorCode"]["enum"].append("a_new_code")
    del new["api_key.revoke"]
    assert sorted(release_breaks(old, new)) == [
        "api_key.revoke: the message is gone",
        "document.get.reply: result.document.tags: removed",
        "entity.documents: per_page: maximum is now 50",
        "link.create: role: now required",
        "link.created: data.version: no longer always sent",
    ]


@pytest.mark.parametrize("release", sorted(RELEASED.iterdir()), ids=lambda path: path.name)
def test_nothing_released_is_broken(release: Path) -> None:
    released = {path.stem: json.loads(path.read_text()) for path in release.glob("*.json")}
    assert released
    found = set(release_breaks(released, message_schemas()))
    assert found == JUDGED.get(release.name, set())


def test_what_was_judged_by_hand_is_still_accepted() -> None:
    for entity_type in WORKSPACE_ENTITY_TYPES:
        named = {"entity_type": entity_type, "entity_id": "1"}
        asked = {"command_id": new_id("cmd"), "workspace_id": "ws_123"} | named
        assert problems(message_schemas()["entity.documents"], asked) == []
        linked = asked | {"kind": "entity", "document_id": "doc_1"}
        assert problems(message_schemas()["link.create"], linked) == []


def test_values_that_a_new_pattern_takes_are_still_taken() -> None:
    old: Schema = {
        "type": "object",
        "properties": {"a": {"type": "string", "enum": ["deal", "task"]}},
    }
    new: Schema = {"type": "object", "properties": {"a": {"type": "string", "pattern": "^[a-z]+$"}}}
    assert breaks(old, new, sent_by="caller") == []
    new["properties"]["a"]["pattern"] = "^d"
    assert breaks(old, new, sent_by="caller") == ["a: pattern is now ^d"]
