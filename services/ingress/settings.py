"""The ingress's own settings."""

from typing import Annotated

from pydantic import Field

from contracts.fields import RateLimit
from shared.settings import Seconds, Settings


class IngressSettings(Settings):
    """What the ingress needs to know beside the common settings."""

    http_host: str = "127.0.0.1"
    http_port: Annotated[int, Field(ge=1, le=65_535)] = 8000
    public_url: Annotated[str, Field(pattern=r"^(https?://[^/]+.*[^/])?$")] = ""
    """Where callers reach us, for absolute links; empty: as each request says itself."""
    deadline: Seconds = 10.0
    """How long a caller waits for the owning service before it hears 503."""
    rate_limit: RateLimit = "600/minute"
    """What an API key may do that has no limit of its own."""
    rate_limit_storage: Annotated[str, Field(pattern=r"^async\+[a-z+]+://")] = "async+memory://"
    """Where calls are counted: by each process, or in a store that all share, e.g.
    `async+redis://host:6379` (https://limits.readthedocs.io/en/stable/storage.html)."""
    key_cache_seconds: Seconds = 60.0
    """How long a key's scopes may be kept; a revocation takes effect at once all the same."""
    max_body_bytes: Annotated[int, Field(ge=1024, le=2**30)] = 1024 * 1024
