"""What an endpoint demands of a call before it does anything."""

import re
from typing import Annotated, Any

from fastapi import Depends, Path
from pydantic import BeforeValidator, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from contracts.errors import ErrorCode
from contracts.fields import RecordId, Scope
from services.ingress.call import CurrentCall
from shared.errors import Refusal

_RECORD_ID = TypeAdapter(RecordId)
_DIGITS = re.compile(r"-?[0-9]+")


def needs(scope: Scope) -> Any:
    """A dependency that refuses callers whose key lacks `scope`."""

    async def check(call: CurrentCall) -> None:
        if scope not in call.caller.scopes:
            raise Refusal(ErrorCode.INSUFFICIENT_PERMISSIONS, f"Missing `{scope}` permission")

    return Depends(check)


async def _record_id(id: Annotated[str, Path(examples=["doc_01HY1"])]) -> str:  # noqa: A002 - the API's own name
    """The id in a path; one that no record can have is simply not found."""
    try:
        return _RECORD_ID.validate_python(id)
    except ValidationError as error:
        raise Refusal(ErrorCode.NOT_FOUND, "Not found") from error


PathId = Annotated[str, Depends(_record_id)]


def _in_digits(text: str) -> str:
    if not _DIGITS.fullmatch(text):
        raise PydanticCustomError("digits", "must be a whole number")
    return text


InDigits = BeforeValidator(_in_digits)
"""For an integer in a query: `1_0` and `1.0`, which pydantic takes as well, are refused."""
