"""What the registry does with API keys."""

from contracts.api_keys import (
    ApiKey,
    ApiKeyCreate,
    ApiKeyCreated,
    ApiKeyGet,
    ApiKeyList,
    ApiKeyListResult,
    ApiKeyResult,
    ApiKeyRevoke,
    ApiKeyRevoked,
)
from contracts.errors import ErrorCode
from services.registry.key_store import ApiKeyStore
from shared.errors import Refusal
from shared.ids import derive, now
from shared.outcome import Outcome, announce


async def create(command: ApiKeyCreate, keys: ApiKeyStore) -> Outcome:
    """Let the holder of a key act for the workspace."""
    key = ApiKey(
        id=derive("key", command.command_id),
        workspace_id=command.workspace_id,
        name=command.name,
        owner=command.owner,
        scopes=command.scopes,
        rate_limit=command.rate_limit,
        created_at=now(),
        expires_at=command.expires_at,
        version=1,
    )
    stored = await keys.add(key, command.key_hash)
    if stored is None:
        raise Refusal(ErrorCode.VALIDATION_ERROR, "The key is in use", {"key_hash": "Is taken"})
    event = announce(
        command.command_id,
        ApiKeyCreated(**stored.model_dump()),
        subject=stored.id,
        workspace_id=stored.workspace_id,
        time=stored.created_at,
    )
    return Outcome(ApiKeyResult(api_key=stored), [event])


async def revoke(command: ApiKeyRevoke, keys: ApiKeyStore) -> Outcome:
    """Refuse the key from now on; a key that is revoked already stays as it is."""
    key = await keys.find(command.workspace_id, command.key_id)
    if key is None:
        raise Refusal(ErrorCode.NOT_FOUND, "API key not found")
    revoked = await keys.revoke(key, now(), command.command_id)
    if revoked.by != command.command_id:
        return Outcome(ApiKeyResult(api_key=revoked.key))
    event = announce(
        command.command_id,
        ApiKeyRevoked(**revoked.key.model_dump()),
        subject=revoked.key.id,
        workspace_id=revoked.key.workspace_id,
        time=revoked.key.revoked_at or revoked.key.created_at,
    )
    return Outcome(ApiKeyResult(api_key=revoked.key), [event])


async def get(query: ApiKeyGet, keys: ApiKeyStore) -> Outcome:
    """Whose key this is; expired and revoked ones are told as such, not hidden."""
    key = await keys.by_hash(query.key_hash)
    if key is None:
        raise Refusal(ErrorCode.NOT_FOUND, "API key not found")
    return Outcome(ApiKeyResult(api_key=key))


async def list_all(query: ApiKeyList, keys: ApiKeyStore) -> Outcome:
    """All keys of a workspace, newest first."""
    return Outcome(ApiKeyListResult(api_keys=await keys.all(query.workspace_id)))
