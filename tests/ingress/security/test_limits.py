"""Every input has its bounds: bodies, parameters and numbers of every API."""

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from deploy.local.stack import Stack
from shared.ids import new_id
from tests.contracts.bounds import unbounded
from tests.ingress.operations import OPERATIONS, Operation
from tests.support.bus import Outsider
from tests.support.workspace import SCOPES, http_client, make_key

LONG = "x" * 10_000
HUGE = str(10**30)
MANY = 1001

MAX_ANSWER = 2000
"""Bytes, beside the URL: what was too long is not repeated, or once."""

PASSED_OVER = re.compile(r"\w+/[\w-]+: object")
"""Members of a body itself that its API passes over: the size of a body bounds them."""

WITH_BODY = [
    pytest.param(operation, kind, schema, id=f"{operation} {kind}")
    for operation in OPERATIONS
    for kind, schema in operation.bodies.items()
]
BOUNDED = [
    pytest.param(operation, parameter, id=f"{operation} {parameter['name']}")
    for operation in OPERATIONS
    if not operation.bodies and operation.needs_key
    for parameter in operation.parameters
    if parameter["in"] != "header"
]


@pytest.fixture(scope="module")
def workspace_id() -> str:
    """One of nobody else."""
    return new_id("ws")


@pytest.fixture(scope="module")
async def operator(
    stack: Stack, outsider: Outsider, workspace_id: str
) -> AsyncIterator[httpx.AsyncClient]:
    """A client that may do everything."""
    key, _ = await make_key(outsider, workspace_id, [*SCOPES, "admin:operations"])
    async with http_client(stack.url, key) as http:
        yield http


@pytest.mark.parametrize(("operation", "kind", "schema"), WITH_BODY)
def test_nothing_in_a_body_may_grow_without_end(
    operation: Operation, kind: str, schema: Any
) -> None:
    found = unbounded(schema, operation.document, kind)
    assert [place for place in found if not PASSED_OVER.fullmatch(place)] == []


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_numbers_and_lists_have_their_bounds(operation: Operation) -> None:
    found = [
        place
        for each in operation.parameters
        for place in unbounded(each["schema"], operation.document, each["name"])
    ]
    # All text of a request's head is bounded together, see `test_slow_callers`.
    assert [place for place in found if not place.endswith(": text")] == []


def _beyond(schema: dict[str, Any]) -> list[list[str]]:
    """Values, each of which may be given several times, that are beyond every bound."""
    kinds = {each.get("type") for each in schema.get("anyOf", [schema])}
    if "array" in kinds:
        return [["1"] * MANY, [LONG]]
    return [["-1"], [HUGE]] if "integer" in kinds else [[LONG]]


@pytest.mark.parametrize(("operation", "parameter"), BOUNDED)
async def test_what_is_beyond_its_bound_is_refused(
    operation: Operation, parameter: dict[str, Any], operator: httpx.AsyncClient, workspace_id: str
) -> None:
    name, needed = parameter["name"], [p for p in operation.parameters if p.get("required")]
    others = {p["name"]: "pipedrive" for p in needed if p["in"] == "query" and p["name"] != name}
    for values in _beyond(parameter["schema"]):
        if parameter["in"] == "path":
            url = operation.url(workspace_id, **{name: values[0]})
            answer = await operator.request(operation.method, url, params=others)
        else:
            answer = await operation.call(operator, workspace_id, params=others | {name: values})
        assert answer.status_code in {400, 404}, answer.text
        assert len(answer.content) < len(str(answer.url)) + MAX_ANSWER


@pytest.mark.parametrize(("operation", "kind", "schema"), WITH_BODY)
async def test_a_body_of_2_mb_is_refused(
    operation: Operation, kind: str, schema: Any, operator: httpx.AsyncClient, workspace_id: str
) -> None:
    assert schema
    headers = {"Content-Type": kind}
    answer = await operation.call(operator, workspace_id, content=b" " * 2_000_000, headers=headers)
    assert answer.status_code == 413, answer.text
