"""API keys: what lets an HTTP caller act for a workspace.

The key itself (`wbk_` and 32 random bytes) is seen by its maker and its user only; messages and
the database carry its SHA-256. The random bytes make a slow password hash needless.
"""

from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from contracts.fields import (
    Actor,
    DisplayName,
    KeyHash,
    RateLimit,
    RecordId,
    Scope,
    Timestamp,
    Version,
    WorkspaceId,
)
from contracts.messages import Command, EventData, Query, Result

KEY_PREFIX = "wbk_"


class ApiKey(BaseModel):
    """An API key as the registry shows it; never the key nor its hash."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: RecordId
    workspace_id: WorkspaceId
    name: str
    owner: str
    scopes: list[str]
    rate_limit: str | None = None
    created_at: Timestamp
    expires_at: Timestamp | None = None
    revoked_at: Timestamp | None = None
    version: Version


class ApiKeyCreate(Command):
    """`api_key.create`: let the holder of a key act for the workspace, as `owner`.

    `rate_limit` None means the ingress's default.
    """

    type: ClassVar[str] = "api_key.create"

    name: DisplayName
    owner: Actor
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=20)]
    key_hash: KeyHash
    expires_at: Timestamp | None = None
    rate_limit: RateLimit | None = None


class ApiKeyRevoke(Command):
    """`api_key.revoke`: refuse the key from now on."""

    type: ClassVar[str] = "api_key.revoke"

    key_id: RecordId


class ApiKeyGet(Query):
    """`api_key.get`: whose key has this hash; the one query that knows no workspace yet."""

    type: ClassVar[str] = "api_key.get"

    workspace_id: WorkspaceId | None = None  # type: ignore[assignment] # found out by the answer
    key_hash: KeyHash


class ApiKeyList(Query):
    """`api_key.list`: the workspace's keys, revoked ones included, newest first."""

    type: ClassVar[str] = "api_key.list"


class ApiKeyResult(Result):
    """The reply to `api_key.create`, `api_key.revoke` and `api_key.get`."""

    api_key: ApiKey


class ApiKeyListResult(Result):
    """The reply to `api_key.list`."""

    api_keys: list[ApiKey]


class ApiKeyCreated(ApiKey, EventData):
    """`api_key.created`: a key may be used."""

    type: ClassVar[str] = "api_key.created"


class ApiKeyRevoked(ApiKey, EventData):
    """`api_key.revoked`: a key is refused from now on."""

    type: ClassVar[str] = "api_key.revoked"
