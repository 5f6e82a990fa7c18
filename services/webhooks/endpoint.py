"""An endpoint: a workspace's URL, taken apart once for all who look at it.

What is checked and what is connected to come of the same reading; two readers that differ over a
strange URL are how such checks are got around.
"""

import asyncio
import re
from dataclasses import dataclass
from ipaddress import IPv6Address
from typing import Self
from urllib.parse import urlsplit

from contracts.errors import ErrorCode
from services.webhooks.addresses import Forbidden, Gate
from shared.errors import Refusal

_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[a-z0-9]([a-z0-9._-]{0,251}[a-z0-9.])?")
_LOOKUP_SECONDS = 2.0


@dataclass(frozen=True)
class Endpoint:
    """Where to send to."""

    scheme: str
    host: str
    """A name or an address; without brackets."""
    port: int
    authority: str
    """What stands in the `Host` header."""
    target: str
    """Path and query, as they were given."""

    @classmethod
    def parse(cls, url: str) -> Self:
        """The endpoint of a URL.

        Raises:
            ValueError: it is none that we send to; says why.
        """
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError as error:
            raise ValueError("must be a valid URL") from error
        if parts.scheme not in _PORTS or port == 0:
            raise ValueError("must be a valid http or https URL")
        if "@" in parts.netloc:
            raise ValueError("must not hold a user name or password")
        if not _is_host(host):
            raise ValueError("must name a host")
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return cls(parts.scheme, host, port or _PORTS[parts.scheme], parts.netloc, target)


def _is_host(host: str) -> bool:
    if ":" not in host:
        return _HOST.fullmatch(host) is not None
    try:
        return IPv6Address(host).scope_id is None
    except ValueError:
        return False


async def check(url: str, gate: Gate) -> None:
    """Return if events may be sent to the URL, as far as can be told today.

    A name that is not found may be there tomorrow; every connection looks again.

    Raises:
        Refusal: they may not, naming the rule.
    """
    try:
        endpoint = Endpoint.parse(url)
        if endpoint.scheme != "https" and not gate.allow_private:
            raise ValueError("must be an https URL")  # noqa: TRY301 - one place says no
        async with asyncio.timeout(_LOOKUP_SECONDS):
            await gate.admit(endpoint.host, endpoint.port)
    except Forbidden as error:
        raise _refusal("must not lead to a private, loopback or other special address") from error
    except (OSError, UnicodeError):  # TimeoutError is an OSError too
        return
    except ValueError as error:
        raise _refusal(str(error)) from error


def _refusal(rule: str) -> Refusal:
    return Refusal(ErrorCode.VALIDATION_ERROR, "Events cannot be sent to this URL", {"url": rule})
