"""What every answer of the ingress has in common."""

import re
import time
from typing import Any

import httpx

from contracts.fields import ULID

REQUEST_ID = re.compile(rf"req_{ULID}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
RATE_HEADERS = ("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset")


def is_id(text: str, prefix: str) -> bool:
    """Whether this is an id of ours, e.g. `doc_01M7Y8T9Y9PQ0SHBNMTG68C20G`."""
    return re.fullmatch(rf"{prefix}_{ULID}", text) is not None


def is_time(text: str) -> bool:
    """Whether this is a time as the references write it, e.g. `2026-04-17T10:55:00Z`."""
    return TIME.fullmatch(text) is not None


def accepted(answer: httpx.Response, status: int) -> Any:
    """The body of an answer that grants, with the headers that belong to it."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    check_headers(answer)
    return answer.json()


def refused(answer: httpx.Response, status: int, code: str, *fields: str) -> dict[str, Any]:
    """The error of an answer that refuses, in the one envelope there is, naming these fields."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-request-id"]
    body = answer.json()
    assert body.keys() == {"error"}
    error: dict[str, Any] = body["error"]
    assert error["code"] == code
    assert error["message"]
    named = error["details"]["fields"] if "details" in error else {}
    assert error.keys() == {"code", "message", "details"} if named else {"code", "message"}
    assert all(isinstance(rule, str) and rule for rule in named.values())
    if fields:
        assert named.keys() == set(fields)
    return error


def check_headers(answer: httpx.Response) -> None:
    """A request id of our own, and what is left of the window; its end is in Unix seconds."""
    assert REQUEST_ID.fullmatch(answer.headers["x-request-id"])
    limit, remaining, reset = (int(answer.headers[name]) for name in RATE_HEADERS)
    assert 0 <= remaining < limit
    assert abs(reset - time.time()) < 3700  # the longest window in the tests is an hour
