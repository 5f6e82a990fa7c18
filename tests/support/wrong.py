"""What is wrong with a message: each way breaks a valid one."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Body = dict[str, Any]
DEPTH = 200_000


@dataclass(frozen=True)
class Wrong:
    """A way to break a message, and what the one who has to mend it is told."""

    name: str
    body: Callable[[Body], bytes]
    error: str
    fields: dict[str, str] | None = None
    properties: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        """How a test that has it as a parameter is called."""
        return self.name

    @property
    def description(self) -> str:
        """What stands in a parked message's header."""
        rules = "; ".join(f"{name}: {rule}" for name, rule in (self.fields or {}).items())
        return f"invalid_message: {self.error}" + (f" ({rules})" if rules else "")


def _json(**changes: Any) -> Callable[[Body], bytes]:
    return lambda body: json.dumps({**body, **changes}).encode()


def _bytes(text: bytes) -> Callable[[Body], bytes]:
    return lambda _: text


def _without(name: str) -> Callable[[Body], bytes]:
    return lambda body: json.dumps({k: v for k, v in body.items() if k != name}).encode()


def _deep(body: Body) -> bytes:
    return json.dumps(body)[:-1].encode() + b', "deep": ' + b"[" * DEPTH + b"]" * DEPTH + b"}"


def _raw_surrogate(body: Body) -> bytes:
    return json.dumps({**body, "actor": "@"}).encode().replace(b"@", b"\xed\xa0\x80")


CONTRACT = "The message breaks its contract"
NO_JSON = {"body": "is not valid JSON"}
A_STRING = "Input should be a valid string"

BODIES = (
    Wrong("not_json", _bytes(b'{"command_id": "cmd_'), CONTRACT, NO_JSON),
    Wrong("empty", _bytes(b""), CONTRACT, NO_JSON),
    Wrong("binary", _bytes(bytes(range(256))), CONTRACT, NO_JSON),
    Wrong("an_array", _bytes(b"[]"), CONTRACT, {"body": "must be a JSON object"}),
    Wrong("deep", _deep, CONTRACT, NO_JSON),
    Wrong("surrogate", _json(actor="\ud800"), CONTRACT, NO_JSON),
    Wrong("raw_surrogate", _raw_surrogate, CONTRACT, NO_JSON),
    Wrong("unknown_field", _json(surplus=1), CONTRACT, {"surplus": "is not a known field"}),
    Wrong("missing", _without("workspace_id"), CONTRACT, {"workspace_id": "is required"}),
    Wrong("wrong_type", _json(workspace_id=5), CONTRACT, {"workspace_id": A_STRING}),
    Wrong(
        *("two_faults", _json(workspace_id=None, extra={"a": [1]}), CONTRACT),
        {"workspace_id": A_STRING, "extra": "is not a known field"},
    ),
    Wrong(
        *("bad_command_id", _json(command_id="cmd_1"), CONTRACT),
        {"command_id": "must be `cmd_` and a ULID"},
    ),
    Wrong("2_MB", _json(actor="x" * 2_000_000), "The body must be at most 1048576 bytes"),
)
"""All but the first few leave a JSON object that is nearly right."""

CONTENT_TYPE = Wrong(
    "content_type",
    _json(),
    "The content type must be application/json, not 'text/plain'",
    properties={"content_type": "text/plain; charset=utf-8"},
)
WRONGS = (*BODIES, CONTENT_TYPE)
