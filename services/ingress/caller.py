"""Who calls: an API key's workspace, owner and scopes."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from contracts.api_keys import KEY_PREFIX, ApiKey
from shared.ids import now


def key_hash(key: str) -> str:
    """The SHA-256 of an API key, in hexadecimal.

    Keys are looked up by it and never compared: how long a look-up takes tells at most something of
    hashes, which nobody can steer towards one that is stored. A key has 256 random bits, so a hash
    that is quick to compute can be neither guessed nor reversed, unlike a password's.
    """
    return hashlib.sha256(key.encode()).hexdigest()


def is_key(text: str) -> bool:
    """Whether this could be a key of ours at all."""
    return text.startswith(KEY_PREFIX) and len(text) <= 128 and text.isascii()  # noqa: PLR2004


@dataclass(frozen=True)
class Caller:
    """An HTTP caller who has shown a valid key."""

    key_id: str
    name: str
    workspace_id: str
    owner: str
    scopes: frozenset[str]
    rate_limit: str | None
    expires_at: datetime | None

    @classmethod
    def of(cls, key: ApiKey) -> "Caller | None":
        """The caller who holds this key; None if it has been revoked."""
        if key.revoked_at is not None:
            return None
        return cls(
            key.id,
            key.name,
            key.workspace_id,
            key.owner,
            frozenset(key.scopes),
            key.rate_limit,
            key.expires_at,
        )

    @property
    def expired(self) -> bool:
        """True when the key's time is over."""
        return self.expires_at is not None and self.expires_at <= now()
