"""A relay: stands between clients and one server, under a URL of its own."""

import asyncio
from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self

from yarl import URL

from deploy.local.ports import LOOPBACK, free_port


class Relay(ABC):
    """A context manager.

    Args:
        server: The URL of what the clients mean to talk to.

    Attributes:
        url: What clients are given in the server's place.
    """

    def __init__(self, server: str) -> None:
        self._upstream = URL(server)
        self._port = free_port()
        self._server: asyncio.Server | None = None
        self.url = str(self._upstream.with_host(LOOPBACK).with_port(self._port))

    async def __aenter__(self) -> Self:
        """Begin to listen."""
        self._server = await asyncio.start_server(self._serve, LOOPBACK, self._port)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Break what is left."""
        if self._server is not None:
            self._server.close()
        await self._end()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection to the server."""
        return await asyncio.open_connection(self._upstream.host, self._upstream.port)

    @abstractmethod
    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one client."""

    @abstractmethod
    async def _end(self) -> None:
        """Break all connections."""
