"""What has no bound in a JSON Schema: texts, numbers, lists, objects that may grow without end."""

import re
from collections.abc import Iterator
from typing import Any

from contracts.schemas import Schema

_CLASS_OR_ESCAPE = re.compile(r"\[(?:\\.|[^\]\\])*\]|\\.")
_WITHOUT_END = re.compile(r"[*+]|\{\d+,\}")
_FORMATS = {"date-time"}
"""Formats whose text is as long as it is."""


def unbounded(schema: Schema, root: Schema, at: str) -> Iterator[str]:
    """The places below `at` that have no bound, each with what it is."""
    part = _resolved(schema, root)
    choices = [*part.get("anyOf", ()), *part.get("oneOf", ())]
    rules = {key: value for key, value in part.items() if key not in {"anyOf", "oneOf"}}
    if "enum" in part or "const" in part:
        return
    if choices and "type" not in part:
        for each in choices:
            yield from unbounded({**rules, **each}, root, at)
    else:
        yield from _in_value(part, root, at)


def _in_value(part: Schema, root: Schema, at: str) -> Iterator[str]:
    match part.get("type"):
        case "string" if not _is_short(part):
            yield f"{at}: text"
        case "integer" | "number" if not {"minimum", "maximum"} <= part.keys():
            yield f"{at}: number"
        case "array":
            if "maxItems" not in part:
                yield f"{at}: list"
            yield from unbounded(part.get("items", {}), root, f"{at}[]")
        case "object":
            yield from _in_object(part, root, at)
        case None:
            yield f"{at}: anything"


def _in_object(part: Schema, root: Schema, at: str) -> Iterator[str]:
    for name, member in part.get("properties", {}).items():
        yield from unbounded(member, root, f"{at}.{name}")
    others: Any = part.get("additionalProperties", True)
    if others is False:
        return
    if "maxProperties" not in part:
        yield f"{at}: object"
    if isinstance(others, dict):
        names = part.get("propertyNames", {"type": "string"})
        yield from unbounded({"type": "string", **names}, root, f"{at}.(name)")
        yield from unbounded(others, root, f"{at}.*")


def _is_short(text: Schema) -> bool:
    if "maxLength" in text or text.get("format") in _FORMATS:
        return True
    pattern = str(text.get("pattern", ""))
    is_whole = pattern.startswith("^") and pattern.endswith("$")
    return is_whole and not _WITHOUT_END.search(_CLASS_OR_ESCAPE.sub("", pattern))


def _resolved(schema: Schema, root: Schema) -> Schema:
    part = schema
    while "$ref" in part:
        found: Any = root
        for step in part["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        part = {**found, **{key: value for key, value in part.items() if key != "$ref"}}
    return part
