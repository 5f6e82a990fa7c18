"""Addresses: which of them a workspace's events may be sent to.

A workspace chooses the URL, we connect to it from inside: nothing but the public internet may be
reached so (https://owasp.org/www-community/attacks/Server_Side_Request_Forgery).
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Resolve = Callable[[str, int], Awaitable[list[str]]]
"""From a host as it stands in a URL, and a port, to its addresses.

Raises:
    OSError, UnicodeError: it has none.
"""

_LOOKUPS = ThreadPoolExecutor(32, thread_name_prefix="lookup")
"""Of our own: the event loop has few threads, which a few dead name servers would hold up."""

_GLOBAL_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")
"""What stands for an IPv4 address where a network has IPv6 alone (RFC 6052)."""

_NOT_PUBLIC_V4 = (
    IPv4Network("192.0.0.0/24"),  # RFC 6890
    IPv4Network("192.88.99.0/24"),  # 6to4 relays, RFC 7526
    IPv4Network("168.63.129.16/32"),  # the host of a machine in Azure, in public clothes
)
_NOT_PUBLIC_V6 = (
    IPv6Network("2001::/23"),  # Teredo and other special purposes, RFC 6890
    IPv6Network("2001:db8::/32"),  # RFC 3849
    IPv6Network("2002::/16"),  # 6to4: leads to any IPv4 address, RFC 3056
    IPv6Network("3fff::/20"),  # RFC 9637
)


class Forbidden(Exception):  # noqa: N818 - a finding, not an error
    """An address that is not public."""


def is_public(text: str) -> bool:
    """Whether an address, as the resolver writes it, is one of the public internet."""
    address = ip_address(text)
    if isinstance(address, IPv6Address):
        if address in _NAT64:
            return _is_public_v4(IPv4Address(address.packed[-4:]))
        # Also no ::ffff:a.b.c.d: whoever means the IPv4 address can write that.
        return address in _GLOBAL_UNICAST and not any(address in net for net in _NOT_PUBLIC_V6)
    return _is_public_v4(address)


def _is_public_v4(address: IPv4Address) -> bool:
    special = address.is_multicast or any(address in net for net in _NOT_PUBLIC_V4)
    return address.is_global and not special


async def resolve(host: str, port: int) -> list[str]:
    """The host's addresses, as the system finds them; as `Resolve`.

    The system also reads `0x7f.1` and `2130706433`; what counts is the address that comes of it.
    """
    loop = asyncio.get_running_loop()
    found = await loop.run_in_executor(_LOOKUPS, _addresses, host, port)
    return list(dict.fromkeys(found))


def _addresses(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


class Gate:
    """Lets through to the addresses of a host, if all of them are public."""

    def __init__(self, resolve: Resolve = resolve, *, allow_private: bool = False) -> None:
        self._resolve = resolve
        self.allow_private = allow_private

    async def admit(self, host: str, port: int) -> list[str]:
        """The addresses to connect to; to connect to the name would look it up anew.

        Raises:
            Forbidden: one of them is not public.
            OSError, UnicodeError: there are none.
        """
        addresses = await self._resolve(host, port)
        if not self.allow_private and not all(is_public(each) for each in addresses):
            raise Forbidden("The address is not public")
        return addresses
