"""What a refusal carries: a code from one enum, a sentence, and the fields at fault."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class ErrorCode(StrEnum):
    """Every reason for which doclink says no; each dialect maps them to its own status and body."""

    VALIDATION_ERROR = "validation_error"
    """A field of an HTTP request breaks its rule."""
    INVALID_MESSAGE = "invalid_message"
    """A message on a queue is not valid against its contract."""
    INVALID_KEY = "invalid_key"
    """No such API key, or it has expired or been revoked."""
    INSUFFICIENT_PERMISSIONS = "insufficient_permissions"
    """The API key lacks the scope that the call needs."""
    NOT_FOUND = "not_found"
    """No such record in this workspace."""
    METHOD_NOT_ALLOWED = "method_not_allowed"
    """The path exists, with other methods."""
    STORAGE_CONFLICT = "storage_conflict"
    """A document already exists at the storage path."""
    ALREADY_LINKED = "already_linked"
    """The document has a link to this CRM already; there is one for each document and CRM."""
    NOT_CONNECTED = "not_connected"
    """The workspace has no connection to this provider."""
    LIMIT_REACHED = "limit_reached"
    """The workspace has as many of these as it may."""
    INVALID_SIGNATURE = "invalid_signature"
    """A signed URL has been altered, or its time is over."""
    IDEMPOTENCY_CONFLICT = "idempotency_conflict"
    """The idempotency key was used within 24 hours with another request."""
    PAYLOAD_TOO_LARGE = "payload_too_large"
    """The body is larger than allowed."""
    RATE_LIMITED = "rate_limited"
    """The API key has used up its calls for this window."""
    UNAVAILABLE = "unavailable"
    """A service or its database did not answer in time; a command may still take effect."""
    OVERLOADED = "overloaded"
    """The command queue is at its limit; the command was not accepted."""
    INTERNAL_ERROR = "internal_error"
    """A defect of ours; the message is kept in the dead queue."""


class RefusalBody(BaseModel):
    """A business "no" as it stands in a reply or a `command.refused` event.

    `fields` maps a field's path (dots between parts) to the rule that it breaks.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    code: ErrorCode
    message: str
    fields: dict[str, str] | None = None
