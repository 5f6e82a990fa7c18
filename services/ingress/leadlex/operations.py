"""Operations: what came of a command whose caller did not wait for it; these are ours.

Commands of all dialects are asked for here.
"""

from typing import Annotated, Any, Literal, Self

from fastapi import APIRouter
from pydantic import BaseModel, Field

from contracts.catalogue import REQUESTS
from contracts.errors import ErrorCode
from contracts.messages import Query
from contracts.operations import Operation, OperationResult
from services.ingress.call import CurrentCall
from services.ingress.demands import path_id, require
from services.ingress.leadlex.errors import TABLE, ErrorBody, ErrorDetails, documented
from services.ingress.operation import OperationId
from services.ingress.times import WholeSeconds
from shared.errors import Refusal

router = APIRouter(tags=["operations"])
_EXAMPLE = "op_01KPDH8TX0YXERHE0KS4V300SF_links_05ecf40fd6d5a1c7"
OperationPathId = Annotated[str, path_id("id", _EXAMPLE)]
_QUERIES = {
    each.owner: each.model
    for each in REQUESTS.values()
    if each.result is OperationResult and issubclass(each.model, Query)
}


class OperationBody(BaseModel):
    """How a command stands; `result` is what its owner answers on the queue."""

    id: str
    status: Literal["pending", "done", "refused", "failed"]
    command: str | None = Field(examples=["link.create"])
    result: dict[str, Any] | None
    error: ErrorBody | None
    completed_at: WholeSeconds | None

    @classmethod
    def of(cls, operation_id: OperationId, known: Operation | None) -> Self:
        """The operation as this API shows it."""
        return cls(
            id=str(operation_id),
            status=known.status if known else "pending",
            command=known.command_type if known else None,
            result=known.result if known else None,
            error=_error(known) if known else None,
            completed_at=known.completed_at if known else None,
        )


class OperationEnvelope(BaseModel):
    """`{"data": operation}`."""

    data: OperationBody


@router.get("/v1/operations/{id}", responses=documented(ErrorCode.NOT_FOUND))
async def get_operation(call: CurrentCall, operation_id: OperationPathId) -> OperationEnvelope:
    """Ask what came of a command; for 24 hours, with any key of its workspace."""
    operation = OperationId.read(operation_id, call.caller.workspace_id)
    if operation is None:
        raise _unknown()
    if operation.owner == "webhooks":
        require(call, "write:webhooks")  # a new webhook's secret stands in the result
    query = _QUERIES[operation.owner]
    answer = await call.query(query, OperationResult, operation_id=operation.command_id)
    if answer.operation is None and not operation.may_be_pending:
        raise _unknown()
    return OperationEnvelope(data=OperationBody.of(operation, answer.operation))


def _unknown() -> Refusal:
    return Refusal(ErrorCode.NOT_FOUND, "Operation not found")


def _error(known: Operation) -> ErrorBody | None:
    refusal = known.refusal
    if refusal is None:
        return None
    details = ErrorDetails(fields=refusal.fields) if refusal.fields else None
    return ErrorBody(code=TABLE[refusal.code][1], message=refusal.message, details=details)
