"""Operations: what came of commands whose callers did not wait for it."""

from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from contracts.errors import RefusalBody
from contracts.fields import CommandId, Timestamp
from contracts.messages import Query, Result


class Operation(BaseModel):
    """What came of a command; kept for 24 hours from when it is known.

    Attributes:
        status: `done`: `result` tells what the reply would have told. `refused`: `refusal` says
            why. `failed`: it is parked, and takes effect if an operator sends it again; `refusal`
            says where it lies.
        result: Null for `refused` and `failed`, and where it is too large to be kept.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    command_id: CommandId
    command_type: str
    status: Literal["done", "refused", "failed"] = Field(description="What came of the command.")
    result: dict[str, Any] | None = Field(None, description="As in the command's reply.")
    refusal: RefusalBody | None = None
    completed_at: Timestamp


class _OperationQuery(Query):
    operation_id: CommandId


class RegistryOperation(_OperationQuery):
    """`registry.operation`: what came of a command to the document registry?"""

    type: ClassVar[str] = "registry.operation"


class LinksOperation(_OperationQuery):
    """`links.operation`: what came of a command to the link service?"""

    type: ClassVar[str] = "links.operation"


class CrmSyncOperation(_OperationQuery):
    """`crm_sync.operation`: what came of a command to CRM-sync?"""

    type: ClassVar[str] = "crm_sync.operation"


class WebhooksOperation(_OperationQuery):
    """`webhooks.operation`: what came of a command to the webhook service?"""

    type: ClassVar[str] = "webhooks.operation"


class OperationResult(Result):
    """The reply to an operation query; null while nothing is known, and after 24 hours."""

    operation: Operation | None
