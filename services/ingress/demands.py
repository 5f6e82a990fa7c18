"""What an endpoint demands of a call before it does anything."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Depends, Path
from pydantic import BeforeValidator, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from contracts.errors import ErrorCode
from contracts.fields import RecordId, Scope
from services.ingress.call import Call, CurrentCall
from shared.errors import Refusal

_RECORD_ID = TypeAdapter(RecordId)
_DIGITS = re.compile(r"-?[0-9]+")
_ISO_8601 = re.compile(
    r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)?)?", re.ASCII
)


def require(call: Call, scope: Scope) -> None:
    """Refuse a caller whose key lacks `scope`."""
    if scope not in call.caller.scopes:
        raise Refusal(ErrorCode.INSUFFICIENT_PERMISSIONS, f"Missing `{scope}` permission")


def needs(scope: Scope) -> Any:
    """A dependency that refuses callers whose key lacks `scope`."""

    async def check(call: CurrentCall) -> None:
        require(call, scope)

    return Depends(check)


def path_id(name: str, example: str) -> Any:
    """A dependency: the id in a path; one that no record can have is simply not found."""

    async def read(value: Annotated[str, Path(alias=name, examples=[example])]) -> str:
        try:
            return _RECORD_ID.validate_python(value)
        except ValidationError as error:
            raise Refusal(ErrorCode.NOT_FOUND, "Not found") from error

    return Depends(read)


PathId = Annotated[str, path_id("id", "doc_01HY1")]


def _in_digits(text: str) -> str:
    if not _DIGITS.fullmatch(text):
        raise PydanticCustomError("digits", "must be a whole number")
    return text


InDigits = BeforeValidator(_in_digits)
"""For an integer in a query: `1_0` and `1.0`, which pydantic takes as well, are refused."""


def _in_words(text: str) -> bool:
    if text not in {"true", "false"}:
        raise PydanticCustomError("words", "must be `true` or `false`")
    return text == "true"


InWords = BeforeValidator(_in_words)
"""For a boolean in a query: `1`, `yes` and `on`, which pydantic takes as well, are refused."""


def _in_iso_8601(text: str) -> datetime:
    problem = PydanticCustomError(
        "iso_8601", "must be an ISO 8601 time such as `2026-04-17T10:55:00Z`"
    )
    if not _ISO_8601.fullmatch(text):
        raise problem
    try:
        time = datetime.fromisoformat(text)
        return time.replace(tzinfo=time.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):  # no such day, or none in UTC
        raise problem from None


InIso8601 = BeforeValidator(_in_iso_8601)
"""For a time in a query, UTC where it has no offset; pydantic would take `1708905600` as well."""
