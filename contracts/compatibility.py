"""What a change of schema breaks. Contracts only grow.

| | a caller sends it (commands, queries) | doclink sends it (replies, events, refusals) |
|---|---|---|
| a field | never removed, nor newly required | never removed; once always sent, always sent |
| its type | may become wider | may become narrower |
| its values (`enum`, `const`) | may become more | may become more or fewer, not all others |
| its bounds, `pattern`, `format` | may become wider or go | bounds and patterns are free |
| its default | stays: it is what leaving it out means | - |

A changed `pattern` is held for a break, since no program can tell whether the new one is wider;
so is a change of any keyword that is not known here.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from contracts.catalogue import REQUESTS

Schema = dict[str, Any]
Sender = Literal["caller", "doclink"]

_ANNOTATIONS = {"$schema", "$id", "$defs", "$comment", "title", "description", "examples"}
_LOWER_BOUNDS = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_UPPER_BOUNDS = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_RULES = ("pattern", "format", "multipleOf", "uniqueItems")
_FOLLOWED = {
    *("type", "properties", "required", "additionalProperties", "items", "enum", "const"),
    *("default", *_LOWER_BOUNDS, *_UPPER_BOUNDS, *_RULES),
}


def release_breaks(old: Mapping[str, Schema], new: Mapping[str, Schema]) -> list[str]:
    """What breaks for those who rely on the released schemas `old`, each with its message."""
    found: list[str] = []
    for name, schema in old.items():
        if name not in new:
            found.append(f"{name}: the message is gone")
            continue
        sender: Sender = "caller" if name in REQUESTS else "doclink"
        found += [f"{name}: {problem}" for problem in breaks(schema, new[name], sent_by=sender)]
    return found


def breaks(old: Schema, new: Schema, *, sent_by: Sender) -> list[str]:
    """What breaks when `new` takes the place of `old`; empty when nothing does.

    Both are whole schemas, with their `$defs`; none may refer to itself.
    A caller's message that `old` accepts must be accepted by `new`, with the same meaning. What
    doclink sends by `new` must be readable for those who know `old`.
    """
    problems = _compared("", _plain(old, old), _plain(new, new), sent_by)
    return list(dict.fromkeys(problems))


def _compared(path: str, old: Schema, new: Schema, sender: Sender) -> Iterator[str]:
    """Hold each shape that may still come against the one that fits it best."""
    old_shapes, new_shapes = _shapes(old), _shapes(new)
    by_caller = sender == "caller"
    for shape in old_shapes if by_caller else new_shapes:
        wider = [
            known
            for known in (new_shapes if by_caller else old_shapes)
            if _holds(known.get("type"), shape.get("type"))
        ]
        if not wider:
            kind = shape.get("type", "any type")
            verb = "is no longer accepted" if by_caller else "was never sent before"
            yield f"{path or 'the message'}: {kind} {verb}"
            continue
        attempts = (
            list(_of_one_type(path, *((shape, known) if by_caller else (known, shape)), sender))
            for known in wider
        )
        yield from min(attempts, key=len)


def _of_one_type(path: str, old: Schema, new: Schema, sender: Sender) -> Iterator[str]:
    yield from _members(path, old, new, sender)
    yield from _contents(path, old, new, sender)
    where = path or "the message"
    if sender == "caller":
        yield from (f"{where}: {problem}" for problem in _narrowed(old, new))
    else:
        yield from (f"{where}: {problem}" for problem in _unreadable(old, new))
    for keyword in sorted((old.keys() | new.keys()) - _FOLLOWED):
        if old.get(keyword) != new.get(keyword):
            yield f"{where}: `{keyword}` has changed, which this check does not follow"


def _members(path: str, old: Schema, new: Schema, sender: Sender) -> Iterator[str]:
    """An object's properties: which there are, and which have to be there."""
    old_members, new_members = old.get("properties", {}), new.get("properties", {})
    for name, member in old_members.items():
        at = f"{path}.{name}".lstrip(".")
        if name in new_members:
            yield from _compared(at, member, new_members[name], sender)
        else:
            yield f"{at}: removed"
    old_required, new_required = set(old.get("required", ())), set(new.get("required", ()))
    if sender == "caller":
        for name in sorted(new_required - old_required):
            yield f"{path}.{name}: now required".lstrip(".")
    else:
        for name in sorted((old_required - new_required) & new_members.keys()):
            yield f"{path}.{name}: no longer always sent".lstrip(".")


def _contents(path: str, old: Schema, new: Schema, sender: Sender) -> Iterator[str]:
    """What members without a name of their own may be: of lists, and of open objects."""
    for keyword, mark in (("items", "[]"), ("additionalProperties", ".*")):
        was, is_now = _schema(old.get(keyword)), _schema(new.get(keyword))
        if was is None or was == is_now:
            continue  # none were allowed, or nothing has changed
        at = f"{path}{mark}".lstrip(".")
        if is_now is not None:
            yield from _compared(at, was, is_now, sender)
        elif sender == "caller":
            yield f"{at}: no longer accepted"


def _narrowed(old: Schema, new: Schema) -> Iterator[str]:
    """By what `new` refuses a value, or reads it otherwise, that `old` takes."""
    values, kept = _values(old), _values(new)
    if values is not None and kept is None and "pattern" in new:
        lost = [value for value in values if not re.search(new["pattern"], value)]
        old = {**old, "pattern": old.get("pattern") if lost else new["pattern"]}
    if kept is not None:
        lost = ["others"] if values is None else [value for value in values if value not in kept]
        if lost:
            yield f"no longer accepts {', '.join(map(str, lost))}"
    yield from _tightened(old, new)
    for rule in _RULES:
        if new.get(rule) and new[rule] != old.get(rule):
            yield f"{rule} is now {new[rule]}"
    if "default" in old and ("default" not in new or new["default"] != old["default"]):
        yield f"the default is no longer {old['default']}"


def _tightened(old: Schema, new: Schema) -> Iterator[str]:
    """The bounds that leave less room than before."""
    for bound in _LOWER_BOUNDS:
        if bound in new and (bound not in old or new[bound] > old[bound]):
            yield f"{bound} is now {new[bound]}"
    for bound in _UPPER_BOUNDS:
        if bound in new and (bound not in old or new[bound] < old[bound]):
            yield f"{bound} is now {new[bound]}"


def _unreadable(old: Schema, new: Schema) -> Iterator[str]:
    """By what a reader who knows `old` cannot make sense of `new`."""
    values, now = _values(old), _values(new)
    if values and now is not None and not any(value in now for value in values):
        yield f"never again {', '.join(map(str, values))}"
    if "format" in old and new.get("format") != old["format"]:
        yield f"no longer of the format {old['format']}"


def _plain(schema: Any, root: Schema) -> Any:
    """`schema` with its references followed, and without what is for human readers."""
    if not isinstance(schema, dict):
        return [_plain(part, root) for part in schema] if isinstance(schema, list) else schema
    if "$ref" in schema:
        target = root["$defs"][schema["$ref"].removeprefix("#/$defs/")]
        beside = {key: value for key, value in schema.items() if key != "$ref"}
        return _plain({**target, **beside}, root)
    plain: Schema = {}
    for key, value in schema.items():
        if key == "properties":  # whose keys are names, be it `title` or `description`
            plain[key] = {name: _plain(member, root) for name, member in value.items()}
        elif key in {"const", "enum", "default"}:
            plain[key] = value
        elif key not in _ANNOTATIONS:
            plain[key] = _plain(value, root)
    return plain


def _shapes(schema: Schema) -> list[Schema]:
    """The alternatives of a schema, each of one type at most."""
    rest = {key: value for key, value in schema.items() if key not in {"anyOf", "type"}}
    types = schema.get("type")
    if "anyOf" in schema:
        beside = rest if types is None else {**rest, "type": types}
        return [shape for part in schema["anyOf"] for shape in _shapes({**beside, **part})]
    if isinstance(types, list):
        return [{**rest, "type": one} for one in types]
    return [schema]


def _holds(wide: str | None, narrow: str | None) -> bool:
    return wide in {None, narrow} or (wide, narrow) == ("number", "integer")


def _schema(value: Any) -> Schema | None:
    """A schema for what `additionalProperties` or `items` says; None when it allows nothing."""
    if value is None or value is True:
        return {}
    return None if value is False else value


def _values(schema: Schema) -> list[Any] | None:
    """The only values that a schema allows; None when it names none."""
    return [schema["const"]] if "const" in schema else schema.get("enum")
