"""JSON nested without end, over every API and in every queue: refused, and nothing breaks."""

import pytest

from contracts.topology import COMMANDS, QUERIES
from tests.support.bus import Outsider
from tests.support.workspace import Workspace

DEPTH = 50_000
DEEP = {
    "arrays": b"[" * DEPTH + b"]" * DEPTH,
    "objects": b'{"targetId":' * DEPTH + b"1" + b"}" * DEPTH,
    "in a member": b'{"properties":' + b"[" * DEPTH + b"]" * DEPTH + b"}",
    "in an array": b'[{"customProperties":' + b'{"a":' * DEPTH + b"1" + b"}" * DEPTH + b"}]",
}
deep = pytest.mark.parametrize("body", DEEP.values(), ids=DEEP)

ENDPOINTS = [
    ("POST", "/v1/webhooks"),
    ("POST", "/public/v1/documents/doc_1/linked-objects"),
    ("PUT", "/repository/v1/Repositories/{}/Entries/1/links"),
    ("POST", "/repository/v1/Repositories/{}/LinkDefinitions"),
    ("POST", "/repository/v1/Repositories/{}/Token"),
]
REQUESTS = [
    ("document.register", COMMANDS),
    ("relations.replace", COMMANDS),
    ("entity.upsert", COMMANDS),
    ("webhook.create", COMMANDS),
    ("document.get", QUERIES),
]


@deep
@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
async def test_over_http(workspace: Workspace, method: str, path: str, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    url = path.format(workspace.id)
    answer = await workspace.http.request(method, url, content=body, headers=headers)
    assert answer.status_code == 400, answer.text
    assert len(answer.content) < 1000


@deep
@pytest.mark.parametrize(("type_", "exchange"), REQUESTS)
async def test_in_a_queue(outsider: Outsider, type_: str, exchange: str, body: bytes) -> None:
    reply = await outsider.ask(type_, body, exchange=exchange)
    assert reply["refusal"]["code"] == "invalid_message"
