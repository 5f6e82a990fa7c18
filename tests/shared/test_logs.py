"""Logs as operators collect them: from the standard output of running services."""

import json
from typing import Any, get_args

from ulid import ULID

from deploy.local.processes import ServiceName
from deploy.local.stack import Stack
from tests.support.waiting import until_true
from tests.support.workspace import PDF, Workspace


def _lines(stack: Stack, service: str, about: str = "") -> list[dict[str, Any]]:
    text = (stack.infrastructure.folder.log / f"{service}.log").read_text()
    return [json.loads(line) for line in text.splitlines() if about in line]


async def test_a_request_is_found_by_its_id_in_the_log_of_the_service_that_handled_it(
    stack: Stack, workspace: Workspace
) -> None:
    request_id = f"req_{ULID()}"
    body = {**PDF, "storage_path": workspace.path(f"logs/{ULID()}.pdf")}
    answer = await workspace.http.post(
        "/v1/documents", json=body, headers={"X-Request-ID": request_id}
    )
    document_id = answer.json()["data"]["id"]

    def notes() -> list[dict[str, Any]]:
        return _lines(stack, "registry", about=request_id)

    await until_true(lambda: bool(notes()))
    [note] = notes()
    assert note.pop("timestamp")
    assert note.pop("module") == "shared.bus.consumer"
    assert note == {
        "event": "message.handled",
        "level": "info",
        "service": "registry",
        "type": "document.register",
        "request_id": request_id,
        "message_id": document_id.replace("doc_", "cmd_"),
        "command_id": document_id.replace("doc_", "cmd_"),
        "workspace_id": workspace.id,
    }


def test_every_line_is_json_and_names_its_service_and_time(stack: Stack) -> None:
    for service in get_args(ServiceName):
        for line in _lines(stack, service):
            assert line["service"] == service
            assert {"event", "level", "timestamp"} <= set(line)
