"""What every error of the dialect has in common."""

from typing import Any

import httpx


def problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    """The problem details of an answer that refuses, with all members that clients look at."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body.keys() == {
        *("type", "title", "status", "detail", "instance", "operationId"),
        *("errorSource", "errorCode", "traceId"),
    }
    assert body["status"] == status
    assert all(isinstance(body[name], str) and body[name] for name in ("title", "instance"))
    assert body["errorCode"] != 0
    assert body["operationId"] == answer.headers["x-request-id"] == answer.headers["x-requestid"]
    assert len(body["traceId"]) == 32
    return body
