"""Sending: one HTTP request, to an address that was checked.

httpcore is the transport below httpx. It follows no redirect, reads no proxy from the
environment, and lets us choose the address of each connection, while the certificate, `Host` and
SNI stay those of the name (docs/decisions/0014).
"""

import asyncio
import ssl
from collections.abc import Iterable
from datetime import datetime

import httpcore

from services.webhooks.addresses import Forbidden, Gate
from services.webhooks.delivery import Attempt, Delivery
from services.webhooks.endpoint import Endpoint
from services.webhooks.signing import headers

_FAULTS = (
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.TimeoutException,
    OSError,
    UnicodeError,
)


class _Checked(httpcore.AsyncNetworkBackend):
    """Connects to addresses that the gate has let through, never to a name."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection to the first of the host's addresses that takes one."""
        addresses = await self._gate.admit(host, port)
        # So that one which swallows everything leaves time for the others.
        each = None if timeout is None else timeout / len(addresses)
        fault: Exception = httpcore.ConnectError("The name has no address")
        for address in addresses:
            try:
                return await self._network.connect_tcp(
                    address, port, each, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                fault = error
        raise fault


class Sender:
    """Sends deliveries.

    Args:
        gate: Decides where to.
        timeout: Seconds for all of an attempt, from looking up the name to the answer's status.
        limit: Requests at once.
        trust: Certificates to trust; None: those of the public authorities.
    """

    def __init__(
        self, gate: Gate, *, timeout: float, limit: int, trust: ssl.SSLContext | None = None
    ) -> None:
        self._timeout = timeout
        self._allow_private = gate.allow_private
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=trust,
            max_connections=limit,
            # Each delivery has a connection of its own, and so a check of its own.
            max_keepalive_connections=0,
            network_backend=_Checked(gate),
        )

    async def send(self, delivery: Delivery, url: str, secret: str, time: datetime) -> Attempt:
        """What comes of one attempt; the body of the answer is not read.

        What is told of a fault does not say where a name leads: that is for insiders to know.
        """
        try:
            async with asyncio.timeout(self._timeout):
                return Attempt(status=await self._status(delivery, url, secret, time))
        except Forbidden as error:
            return Attempt(error=str(error))
        except (TimeoutError, httpcore.TimeoutException):
            return Attempt(error=f"No answer within {self._timeout:g} s")
        except _FAULTS as error:
            return Attempt(error=_in_words(error))

    async def close(self) -> None:
        """Close what is still open."""
        await self._pool.aclose()

    async def _status(self, delivery: Delivery, url: str, secret: str, time: datetime) -> int:
        endpoint = Endpoint.parse(url)
        if endpoint.scheme != "https" and not self._allow_private:
            raise Forbidden("The endpoint must use https")
        limits = dict.fromkeys(("connect", "read", "write", "pool"), self._timeout)
        async with self._pool.stream(
            "POST",
            httpcore.URL(
                scheme=endpoint.scheme,
                host=endpoint.host,
                port=endpoint.port,
                target=endpoint.target,
            ),
            headers=[("Host", endpoint.authority), *headers(delivery, secret, time).items()],
            content=delivery.body.encode(),
            extensions={"timeout": limits},
        ) as response:
            return int(response.status)


def _in_words(fault: Exception) -> str:
    cause = fault.__cause__ or fault.__context__
    if isinstance(cause, ssl.SSLError):
        return f"TLS failed: {cause.reason or 'no common ground'}"[:200]
    if isinstance(fault, httpcore.ConnectError):
        return "The endpoint could not be connected to"
    if isinstance(fault, httpcore.NetworkError | httpcore.ProtocolError):
        return "The connection broke before there was an answer"
    return "The name was not found"
