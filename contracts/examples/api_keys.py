"""A key is made for the program that uploads contracts, and revoked."""

from typing import Final

from contracts.examples.story import (
    ACTOR,
    KEY_MADE,
    LATER,
    WORKSPACE,
    Json,
    command,
    event,
    of_no_workspace,
    query,
)

_KEY_ID: Final = f"key_{KEY_MADE[0]}"
_API_KEY: Final[Json] = {
    "id": _KEY_ID,
    "workspace_id": WORKSPACE,
    "name": "Contract upload",
    "owner": ACTOR,
    "scopes": ["read:documents", "write:documents"],
    "rate_limit": "600/minute",
    "created_at": KEY_MADE[1],
    "expires_at": "2027-04-17T09:00:00Z",
    "revoked_at": None,
    "version": 1,
}
_REVOKED_KEY: Final[Json] = {**_API_KEY, "revoked_at": LATER[1], "version": 2}
# SHA-256 of the placeholder in the LeadLex documentation, `wbk_your_api_key_here`.
_KEY_HASH: Final = "1d7655b12f4a3046908872ec9cbd3675d9369bd80841fba21c20538750e004d8"

REQUESTS: Final[dict[str, Json]] = {
    "api_key.create": command(
        KEY_MADE,
        name=_API_KEY["name"],
        owner=ACTOR,
        scopes=_API_KEY["scopes"],
        key_hash=_KEY_HASH,
        expires_at=_API_KEY["expires_at"],
        rate_limit=_API_KEY["rate_limit"],
    ),
    "api_key.revoke": command(LATER, key_id=_KEY_ID),
    "api_key.get": of_no_workspace(query(LATER, key_hash=_KEY_HASH)),
    "api_key.list": query(LATER),
}
REPLIES: Final[dict[str, Json]] = {
    "api_key.create": {"result": {"api_key": _API_KEY}},
    "api_key.revoke": {"result": {"api_key": _REVOKED_KEY}},
    "api_key.get": {"result": {"api_key": _API_KEY}},
    "api_key.list": {"result": {"api_keys": [_API_KEY]}},
}
EVENTS: Final[dict[str, Json]] = {
    "api_key.created": event(KEY_MADE, "registry", _KEY_ID, _API_KEY),
    "api_key.revoked": event(LATER, "registry", _KEY_ID, _REVOKED_KEY),
}
