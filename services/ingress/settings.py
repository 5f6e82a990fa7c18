"""The ingress's own settings."""

from ipaddress import ip_network
from typing import Annotated

from pydantic import AfterValidator, Field, FilePath, SecretStr, ValidationInfo, field_validator

from contracts.fields import RateLimit
from services.ingress.file_urls import MAX_UPLOAD_BYTES
from shared.settings import Seconds, Settings


def _networks(text: str) -> str:
    for each in text.split(",") if text else ():
        ip_network(each.strip())
    return text


class IngressSettings(Settings):
    """What the ingress needs to know beside the common settings."""

    http_host: str = "127.0.0.1"
    http_port: Annotated[int, Field(ge=1, le=65_535)] = 8000
    https_certificate: FilePath | None = None
    """A PEM file: serve HTTPS instead of HTTP, with this certificate and those that lead to it."""
    https_key: FilePath | None = None
    """A PEM file with the certificate's key; none: it stands in the same file."""
    trusted_proxies: Annotated[str, AfterValidator(_networks)] = ""
    """Addresses and networks with commas between them, whose `X-Forwarded-For` and
    `X-Forwarded-Proto` count; of others these headers are the caller's own words."""
    public_url: Annotated[str, Field(pattern=r"^(https?://[^/]+.*[^/])?$")] = ""
    """Where callers reach us, for absolute links; empty: as each request says itself."""
    deadline: Seconds = 10.0
    """How long a caller waits for the owning service before it hears 503."""
    rate_limit: RateLimit = "600/minute"
    """What an API key may do that has no limit of its own."""
    failed_attempts: RateLimit = "300/minute"
    """How many keys that are not good an address may show before it is asked to wait."""
    rate_limit_storage: Annotated[str, Field(pattern=r"^async\+[a-z+]+://")] = "async+memory://"
    """Where calls are counted: by each process, or in a store that all share, e.g.
    `async+redis://host:6379` (https://limits.readthedocs.io/en/stable/storage.html)."""
    key_cache_seconds: Seconds = 60.0
    """How long a key's scopes may be kept; a revocation takes effect at once all the same."""
    max_body_bytes: Annotated[int, Field(ge=1024, le=2**30)] = 1024 * 1024
    max_in_flight: Annotated[int, Field(ge=1)] = 1000
    """How many requests a process has under way before it answers 503 at once."""
    head_timeout: Seconds = 10.0
    """How long a caller may take from the connection to the end of the request's headers."""
    body_timeout: Seconds = 20.0
    """How long a caller may take for the body, and a second more for each `body_rate` bytes."""
    body_rate: Annotated[int, Field(ge=1)] = 8 * 1024
    signing_secret: SecretStr = SecretStr("")
    """Signs the URLs of `/files`; all ingress processes need the same one. Empty: each draws its
    own. Not used where the object store signs URLs itself."""
    max_upload_bytes: Annotated[int, Field(ge=1, le=MAX_UPLOAD_BYTES)] = MAX_UPLOAD_BYTES
    """How large a file may be that is sent to `/files`."""
    pandadoc_create_status: Annotated[int, Field(ge=200, le=201)] = 201
    """What PandaDoc's Create Linked Object answers: 200 until its version 7.25.2, 201 since."""

    @field_validator("https_key")
    @classmethod
    def _key_has_certificate(cls, key: FilePath | None, others: ValidationInfo) -> FilePath | None:
        if key is not None and others.data.get("https_certificate") is None:
            raise ValueError("needs DOCLINK_HTTPS_CERTIFICATE as well")
        return key
