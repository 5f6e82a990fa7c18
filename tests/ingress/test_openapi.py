"""The OpenAPI document: up to date, valid, and true of the running system."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from jsonschema import Draft202012Validator

from contracts.entities import WORKSPACE_ENTITY_TYPES
from deploy.local.processes import ROOT
from deploy.local.stack import Stack
from services.ingress import openapi
from tests.ingress.witness import run as witness
from tests.support.bus import Outsider
from tests.support.workspace import Workspace, new_workspace

DOCUMENTS = openapi.documents()
LEADLEX = DOCUMENTS["openapi-leadlex.json"]
OPERATIONS = [
    pytest.param(operation, id=f"{name} {method.upper()} {path}")
    for name, document in DOCUMENTS.items()
    for path, operations in document["paths"].items()
    for method, operation in operations.items()
]
documents = pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_committed_document_is_up_to_date(name: str) -> None:
    committed = json.loads((ROOT / openapi.FOLDER / name).read_text(encoding="utf-8"))
    assert committed == DOCUMENTS[name], "run `make contracts` and commit what it writes"


def test_no_document_is_left_over() -> None:
    committed = {path.name for path in (ROOT / openapi.FOLDER).glob("openapi-*.json")}
    assert committed == set(DOCUMENTS)


@documents
def test_document_is_valid_openapi(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1.")
    schemathesis.openapi.from_dict(document).validate()


@documents
def test_each_schema_is_one_and_has_valid_examples(document: dict[str, Any]) -> None:
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
        for example in schema.get("examples", []):
            whole = {**schema, "components": document["components"]}
            assert list(Draft202012Validator(whole).iter_errors(example)) == []


@documents
def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    for reference in references(document):
        found = document
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        part = list(part.values())
    if isinstance(part, list):
        for each in part:
            yield from references(each)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_each_operation_tells_what_any_call_may_meet(operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    assert responses.keys() >= {"400", "401", "403", "413", "429", "503"}
    assert "422" not in responses
    assert operation["description"]
    for status, response in responses.items():
        assert "X-Request-ID" in response["headers"]
        counted = operation.get("security") != [] and status not in {"401", "503"}
        assert ("X-RateLimit-Limit" in response["headers"]) == counted
        assert ("Retry-After" in response["headers"]) == (status in {"429", "503"})


def test_bounds_are_exact() -> None:
    size, _null = LEADLEX["components"]["schemas"]["CreateDocument"]["properties"]["size_bytes"][
        "anyOf"
    ]
    assert (size["minimum"], size["maximum"]) == (0, 2**63 - 1)


async def test_the_running_system_serves_this_document(stack: Stack) -> None:
    async with httpx.AsyncClient(base_url=stack.url, trust_env=False) as http:
        assert (await http.get("/v1/openapi.json")).json() == LEADLEX


async def test_schemathesis_finds_nothing(
    stack: Stack, outsider: Outsider, other_workspace: Workspace, tmp_path: Path
) -> None:
    # The examples' own: their storage path is in it.
    async with new_workspace(outsider, stack.url, "ws_123") as workspace:
        for each in (workspace, other_workspace):
            for entity_type in WORKSPACE_ENTITY_TYPES:
                await each.entity(entity_type, f"{entity_type}_01HY1")
        keys = {"one": workspace.key, "other": other_workspace.key}
        await witness.check(f"{stack.url}/v1/openapi.json", LEADLEX, keys, tmp_path)
