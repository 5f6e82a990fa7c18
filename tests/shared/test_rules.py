from typing import Any

import pytest
from pydantic import ValidationError

from contracts.documents import DocumentRegister
from contracts.links import LinkCreate
from shared.rules import MAX_FIELDS, MAX_PATH, broken_rules

COMMAND = {"command_id": "cmd_01KPDGPGZ0FR6EE8C476CABEY1", "workspace_id": "ws_1"}
LINK: dict[str, Any] = {**COMMAND, "document_id": "doc_1", "entity_type": "deal", "entity_id": "1"}
DOCUMENT = {**COMMAND, "name": "a", "mime_type": "text/plain", "storage_path": "a"}


def _broken(model: Any, body: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(ValidationError) as caught:
        model.model_validate(body)
    return broken_rules(caught.value.errors(), frozenset({"body"}))


@pytest.mark.parametrize(
    ("change", "rules"),
    [
        ({"document_id": None}, {"document_id": "Input should be a valid string"}),
        ({"surplus": 1}, {"surplus": "is not a known field"}),
        ({"role": "x" * 65}, {"role": "String should have at most 64 characters"}),
        ({"command_id": "cmd_1"}, {"command_id": "must be `cmd_` and a ULID"}),
        (
            {"entity_id": "a/b"},
            {
                "entity_id": "must be 1 to 128 letters, digits or `._:@+~-`,"
                " the first a letter or digit"
            },
        ),
        ({"role": "a\x00"}, {"role": "must not have control characters"}),
    ],
)
def test_a_broken_field_is_named_with_its_rule_and_without_its_value(
    change: dict[str, Any], rules: dict[str, str]
) -> None:
    assert _broken(LinkCreate, LINK | change) == rules


def test_a_missing_field_is_required() -> None:
    assert _broken(LinkCreate, COMMAND) == dict.fromkeys(
        ("document_id", "entity_type", "entity_id"), "is required"
    )


def test_a_path_has_dots_between_its_parts() -> None:
    rules = _broken(DocumentRegister, DOCUMENT | {"tags": ["ok", "", 5]})
    assert set(rules) == {"tags.1", "tags.2"}


def test_a_place_is_no_part_of_the_path() -> None:
    problem = {"loc": ("body", "name"), "type": "missing", "msg": "Field required"}
    assert broken_rules([problem], frozenset({"body"})) == {"name": "is required"}
    assert broken_rules([problem]) == {"body.name": "is required"}


def test_the_body_itself_can_be_at_fault() -> None:
    problem = {"loc": (), "type": "model_type", "msg": "Input should be an object"}
    assert broken_rules([problem]) == {"body": "must be a JSON object"}
    json = {"loc": ("body", 17), "type": "json_invalid", "msg": "at line 1"}
    assert broken_rules([json], frozenset({"body"})) == {"body": "is not valid JSON"}


def test_neither_many_faults_nor_long_names_make_an_error_without_end() -> None:
    rules = _broken(LinkCreate, LINK | {f"{number:x<5000}": 1 for number in range(1000)})
    assert len(rules) == MAX_FIELDS
    assert {len(name) for name in rules} == {MAX_PATH}
