"""What Schemathesis is told beyond its settings."""

from itertools import count
from typing import Any

import schemathesis
from schemathesis.core.failures import Failure
from schemathesis.core.transport import Response

UNSAID = {"storage_path": "Must start with workspaces/", "url": ""}
"""Fields with a rule that no schema can state, and how it begins: that a path is the workspace's
own, that an address is a public one."""

WORKSPACE_PREFIX = "workspaces/ws_123/"
"""Where the documents of the first caller must lie."""

MAX_PATH = 1024

_numbers = count()


@schemathesis.hook
def filter_case(_context: schemathesis.HookContext, case: schemathesis.Case[Any]) -> bool:
    """All cases but 1.0 for an integer: one to JSON Schema, but a size is not written like that."""
    body: Any = case.body
    size = body.get("size_bytes") if isinstance(body, dict) else None
    return not (isinstance(size, float) and size.is_integer())


@schemathesis.hook
def before_call(
    _context: schemathesis.HookContext, case: schemathesis.Case[Any], _kwargs: dict[str, Any]
) -> None:
    """Makes the request one that can succeed.

    A new `Idempotency-Key` for each: with an old one, what is long gone is answered once more.
    A storage path of the workspace's own; a path that is none stays none.
    """
    key = case.headers.get("Idempotency-Key")
    if isinstance(key, str) and 0 < len(key) < 240:
        case.headers["Idempotency-Key"] = f"{key}{next(_numbers)}"
    body: Any = case.body
    path = body.get("storage_path") if isinstance(body, dict) else None
    if isinstance(path, str) and not path.startswith(WORKSPACE_PREFIX):
        own = WORKSPACE_PREFIX + path
        if len(own) <= MAX_PATH:
            case.body = {**body, "storage_path": own}


@schemathesis.hook
def filter_failure(
    _context: schemathesis.HookContext,
    failure: Failure,
    _case: schemathesis.Case[Any],
    response: Response,
) -> bool:
    """All failures but valid requests that were refused for a rule that no schema can state."""
    if failure.code != "ST202" or response.status_code != 400:
        return True
    details = response.json().get("error", {}).get("details", {})
    fields = details.get("fields", {"unknown": ""})
    return any(
        name not in UNSAID or not rule.startswith(UNSAID[name]) for name, rule in fields.items()
    )
