"""The committed files are what the code generates, and each says all that it should."""

import tomllib
from pathlib import Path

import pytest

from contracts import generate
from contracts.asyncapi import VERSION
from contracts.catalogue import EVENTS, REQUESTS
from contracts.schemas import Schema, message_schemas
from tests import node_modules
from tests.contracts.validation import check_schema

SCHEMAS = message_schemas()
PARTS = [
    pytest.param(part, id=f"{name}:{part['title']}")
    for name, schema in SCHEMAS.items()
    for part in (schema, *schema.get("$defs", {}).values())
]


def test_generated_files_are_up_to_date() -> None:
    assert generate.drift() == [], f"run `{generate.COMMAND}` and commit what it writes"


def test_each_message_has_a_schema() -> None:
    replies = {f"{name}.reply" for name in REQUESTS}
    assert SCHEMAS.keys() == {*REQUESTS, *replies, *EVENTS, "refusal"}


@pytest.mark.parametrize("name", SCHEMAS)
def test_schema_is_one_and_says_what_it_is(name: str) -> None:
    schema = SCHEMAS[name]
    check_schema(schema)
    assert schema["$id"] == f"urn:doclink:schema:{name}"
    assert schema["title"] == name
    assert schema["description"]
    assert len(schema["examples"]) == 1


@pytest.mark.parametrize("part", PARTS)
def test_each_field_is_described(part: Schema) -> None:
    silent = [
        name
        for name, field in part.get("properties", {}).items()
        if "$ref" not in field and not field.get("description")
    ]
    assert silent == [], "give the field a meaning in contracts/glossary.py"


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_with_unknown_members_is_refused(name: str) -> None:
    assert SCHEMAS[name]["additionalProperties"] is False


@pytest.mark.parametrize("name", SCHEMAS.keys() - REQUESTS.keys())
def test_what_doclink_sends_may_grow(name: str) -> None:
    parts = (SCHEMAS[name], *SCHEMAS[name].get("$defs", {}).values())
    assert all(part.get("additionalProperties") is not False for part in parts)


def test_another_language_reads_schemas_and_examples() -> None:
    witness = node_modules.run("validate_schemas.mjs", str(generate.SCHEMAS))
    assert witness.returncode == 0, witness.stdout + witness.stderr
    assert f"{len(SCHEMAS)} schemas, 0 errors" in witness.stdout


def test_version_is_the_distributions() -> None:
    project = Path(__file__).parents[2] / "pyproject.toml"
    assert tomllib.loads(project.read_text())["project"]["version"] == VERSION


def test_command_line_writes_checks_and_releases(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(generate, "HERE", tmp_path)
    monkeypatch.setattr(generate, "GENERATED", tmp_path / "generated")
    monkeypatch.setattr(generate, "SCHEMAS", tmp_path / "generated" / "schemas")
    monkeypatch.setattr(generate, "RELEASED", tmp_path / "released")
    monkeypatch.setattr(generate, "DEFINITIONS", tmp_path / "broker" / "definitions.json")

    def command(*arguments: str) -> int:
        monkeypatch.setattr("sys.argv", ["generate", *arguments])
        return generate.main()

    assert command("--check") == 1
    assert "generated/asyncapi.json is out of date" in capsys.readouterr().out
    assert command() == 0
    assert command("--check") == 0

    (tmp_path / "generated" / "schemas" / "of.no.message.json").write_text("{}")
    assert command("--check") == 1
    assert "generated/schemas/of.no.message.json" in capsys.readouterr().out

    assert command("--release", "0.1") == 0
    assert {path.stem for path in (tmp_path / "released" / "0.1").iterdir()} == SCHEMAS.keys()
    assert command("--check") == 0
