"""Broken rules in words: what a validation error says to the one who has to mend it."""

from collections.abc import Mapping, Sequence
from typing import Any

from contracts.fields import RULES

MAX_FIELDS = 20
"""How many broken fields an error names."""

MAX_PATH = 200
"""A field's path is the caller's own text where it is unknown; it is not repeated without end."""

_WORDS = {
    "missing": "is required",
    "extra_forbidden": "is not a known field",
    "json_invalid": "is not valid JSON",
    "list_type": "must be a JSON array",
    "model_attributes_type": "must be a JSON object, sent as application/json",
    "model_type": "must be a JSON object",
    "string_unicode": "must be valid Unicode",
}


def broken_rules(
    problems: Sequence[Mapping[str, Any]], places: frozenset[str] = frozenset()
) -> dict[str, str]:
    """Each broken field's path, and its rule; the values themselves are left out.

    `places` are first parts of a path that only say where the field stood, e.g. `body`.
    """
    fields: dict[str, str] = {}
    for problem in problems[:MAX_FIELDS]:
        path = [str(part) for part in problem["loc"]]
        if problem["type"] == "json_invalid":
            path = []
        elif path and path[0] in places:
            path = path[1:]
        fields[".".join(path)[:MAX_PATH] or "body"] = _rule(problem)
    return fields


def _rule(problem: Mapping[str, Any]) -> str:
    kind = problem["type"]
    if kind == "string_pattern_mismatch":
        return RULES.get(problem.get("ctx", {}).get("pattern", ""), str(problem["msg"]))
    return _WORDS.get(kind, str(problem["msg"]))
