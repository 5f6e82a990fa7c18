"""Models and schemas agree: on the examples, and on what is wrong with a broken one."""

import json
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from contracts.catalogue import EVENTS, REQUESTS
from contracts.errors import RefusalBody
from contracts.examples import EXAMPLES, REFUSED_REPLY
from contracts.examples.story import Json
from contracts.messages import Event, Reply
from contracts.schemas import message_schemas
from tests.contracts.validation import problems

SCHEMAS = message_schemas()
MODELS: dict[str, type[BaseModel]] = {
    **{name: request.model for name, request in REQUESTS.items()},
    **{f"{name}.reply": Reply[request.result] for name, request in REQUESTS.items()},  # type: ignore[name-defined] # made at run time
    **{name: Event[data] for name, data in EVENTS.items()},  # type: ignore[valid-type] # made at run time
    "refusal": RefusalBody,
}

FIELDS = [(name, field) for name in REQUESTS for field in SCHEMAS[name]["properties"]]
REQUIRED = [(name, field) for name in REQUESTS for field in SCHEMAS[name]["required"]]

OF_ANOTHER_TYPE: list[Any] = [{"an": "object"}, [None], 12.5, True]
ODD: list[Any] = [
    *OF_ANOTHER_TYPE,
    *(None, 0, 1, -1, 101, 2**63, [], [""], ["a", "b"], {}),
    *("", " ", "x", "X", "\n", "x\n", "x\x00", "\x7f", "\u0085", "\u2028", "é", "😀", "٣"),
    *("a/b", "/a/b", "a//b", "..", "a/..", ".a", "...", "a\\b", "-a", "a-", "a:b", "a b"),
    *("x" * 64, "x" * 65, "x" * 128, "x" * 129, "x" * 255, "x" * 256, "😀" * 255, "😀" * 1025),
    *("image/png", "image/svg+xml; charset=utf-8", 'a/b; c="d e"', "image/", "image/png;", "a/b/c"),
    *("2026-04-17T10:45:00Z", "2026-04-17T10:45:00+02:00", "2026-04-17T10:45:00", "2026-04-17"),
    *("deal", "Deal", "workspace", "hubspot", "600/minute", "0/minute", "6/week", "f" * 64),
    *("cmd_01KPDGPGZ0FR6EE8C476CABEY1", "cmd_81KPDGPGZ0FR6EE8C476CABEY1", "cmd_01kpdgpgz0"),
]


def model_accepts(name: str, message: Json) -> bool:
    try:
        MODELS[name].model_validate_json(json.dumps(message))
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("name", SCHEMAS)
def test_example_is_valid(name: str) -> None:
    assert problems(SCHEMAS[name], EXAMPLES[name]) == []
    assert model_accepts(name, EXAMPLES[name])


@pytest.mark.parametrize("name", EVENTS)
def test_event_example_is_what_the_model_writes(name: str) -> None:
    event = MODELS[name].model_validate_json(json.dumps(EXAMPLES[name]))
    assert json.loads(event.model_dump_json(exclude_none=True)) == EXAMPLES[name]


@pytest.mark.parametrize("name", REQUESTS)
def test_reply_example_is_what_the_models_write(name: str) -> None:
    answer = EXAMPLES[f"{name}.reply"]["result"]
    result = REQUESTS[name].result.model_validate_json(json.dumps(answer))
    assert json.loads(result.model_dump_json()) == answer


@pytest.mark.parametrize("name", REQUESTS)
def test_reply_holds_either_result_or_refusal(name: str) -> None:
    schema, result = SCHEMAS[f"{name}.reply"], EXAMPLES[f"{name}.reply"]
    assert problems(schema, REFUSED_REPLY) == []
    assert problems(schema, {**result, **REFUSED_REPLY})
    assert problems(schema, {})


def test_ids_in_examples_are_derived_from_the_command() -> None:
    for command, event in (
        ("document.register", "document.registered"),
        ("link.create", "link.created"),
        ("api_key.create", "api_key.created"),
    ):
        ulid = EXAMPLES[command]["command_id"].removeprefix("cmd_")
        assert EXAMPLES[event]["id"] == f"evt_{ulid}"
        assert EXAMPLES[event]["data"]["id"].endswith(f"_{ulid}")


@pytest.mark.parametrize("name", REQUESTS)
def test_unknown_field_is_refused(name: str) -> None:
    broken = {**EXAMPLES[name], "unknown": "field"}
    assert problems(SCHEMAS[name], broken)
    assert not model_accepts(name, broken)


@pytest.mark.parametrize(("name", "field"), REQUIRED)
def test_missing_field_is_refused(name: str, field: str) -> None:
    broken = {key: value for key, value in EXAMPLES[name].items() if key != field}
    assert problems(SCHEMAS[name], broken)
    assert not model_accepts(name, broken)


@pytest.mark.parametrize(("name", "field"), FIELDS)
def test_wrong_type_is_refused(name: str, field: str) -> None:
    for wrong in OF_ANOTHER_TYPE:
        if isinstance(wrong, bool) and isinstance(EXAMPLES[name].get(field), bool):
            continue
        broken = {**EXAMPLES[name], field: wrong}
        assert problems(SCHEMAS[name], broken), wrong
        assert not model_accepts(name, broken), wrong


@pytest.mark.parametrize(("name", "field"), FIELDS)
def test_model_and_schema_agree_on_odd_values(name: str, field: str) -> None:
    for odd in ODD:
        message = {**EXAMPLES[name], field: odd}
        complaints = problems(SCHEMAS[name], message)
        assert model_accepts(name, message) == (not complaints), (odd, complaints)


@pytest.mark.parametrize("name", EVENTS)
def test_envelope_is_one_of_cloudevents(name: str) -> None:
    schema = SCHEMAS[name]
    # https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md#required-attributes
    assert {"id", "source", "specversion", "type"} <= set(schema["required"])
    attributes = schema["properties"].keys() - {"data"}
    assert all(attribute.isalnum() and attribute.islower() for attribute in attributes)
    assert problems(schema, {**EXAMPLES[name], "type": "another.type"})
    for field in schema["required"]:
        assert problems(schema, {k: v for k, v in EXAMPLES[name].items() if k != field})
