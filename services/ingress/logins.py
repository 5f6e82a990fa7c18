"""Logins: who shows which key, and how often an address may show one that is not good.

An address beyond its limit is heard only with keys that this process knows to be good already, and
nobody is asked about others: callers at work behind the same address as a guesser (an office, a
proxy that is not trusted) go on, and the guesser learns nothing more until its window is new.
"""

from collections.abc import Callable
from ipaddress import IPv6Address, IPv6Network, ip_address

from starlette.types import Scope

from services.ingress.caller import Caller
from services.ingress.keyring import Keyring
from services.ingress.rates import Allowance, Rates

_IPV6_NETWORK = 64
"""A caller with IPv6 has a network of addresses, of which it may use any (RFC 6177)."""


class TooManyFailures(Exception):  # noqa: N818 - a state of the address
    """The address has shown too many keys that are not good."""

    def __init__(self, allowance: Allowance) -> None:
        super().__init__("Too many failed attempts to log in")
        self.allowance = allowance


class Logins:
    """Identifies callers, and counts the failures of each address.

    Args:
        keyring: Knows the keys.
        rates: Counts.
        limit: Failures and their window, e.g. `300/minute`.
    """

    def __init__(self, keyring: Keyring, rates: Rates, limit: str) -> None:
        self._keyring = keyring
        self._rates = rates
        self._limit = limit

    async def identify(
        self, key: str, scope: Scope, *, fits: Callable[[Caller], bool] = lambda _: True
    ) -> Caller | None:
        """The caller who shows `key` and `fits`; None, and counted, if it is nobody's.

        Raises:
            TooManyFailures: the address of this request has no attempt left.
            PeerUnavailable, BrokerUnavailable: the registry cannot be asked.
        """
        if not key:
            return None  # nothing was tried
        if not self._keyring.knows(key):
            allowance = await self._rates.look(_failures(scope), self._limit)
            if not allowance.allowed:
                raise TooManyFailures(allowance)
        caller = await self._keyring.identify(key)
        if caller is None or not fits(caller):
            await self._rates.count(_failures(scope), self._limit)
            return None
        return caller


def _failures(scope: Scope) -> str:
    return f"failed:{address(scope)}"


def address(scope: Scope) -> str:
    """Where a request comes from: an IPv4 address, or the /64 network of an IPv6 one."""
    host = str((scope.get("client") or ("",))[0])
    try:
        found = ip_address(host)
    except ValueError:  # a Unix socket, or a proxy that names its callers otherwise
        return host[:255]
    if not isinstance(found, IPv6Address):
        return host
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(IPv6Network((int(found), _IPV6_NETWORK), strict=False))
