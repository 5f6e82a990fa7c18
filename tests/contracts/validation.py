"""JSON Schema as other languages read it: with formats, and with ECMA 262's idea of `$`."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from jsonschema.validators import extend

from contracts.schemas import Schema

_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)

_FORMATS = FormatChecker(formats=())


@_FORMATS.checks("date-time", raises=ValueError)
def _is_date_time(value: object) -> bool:
    """RFC 3339; jsonschema itself checks it with another package alone, or not at all."""
    if not isinstance(value, str):
        return True
    return bool(_DATE_TIME.fullmatch(value) and datetime.fromisoformat(value.upper()))


def _pattern(
    _validator: object, pattern: str, instance: object, _schema: object
) -> Iterator[ValidationError]:
    # Python's `$` also matches before a last line end, which no other language lets pass.
    exact = re.sub(r"\$$", r"\\Z", pattern)
    if isinstance(instance, str) and not re.search(exact, instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


_Validator = extend(Draft202012Validator, {"pattern": _pattern})  # type: ignore[no-untyped-call] # of jsonschema


def check_schema(schema: Schema) -> None:
    """Raise SchemaError unless this is a JSON Schema."""
    Draft202012Validator.check_schema(schema)


def problems(schema: Schema, instance: Any) -> list[str]:
    """Why `instance` is not valid; empty when it is."""
    validator = _Validator(schema, format_checker=_FORMATS)
    return [error.message for error in validator.iter_errors(instance)]
