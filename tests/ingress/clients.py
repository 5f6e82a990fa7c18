"""HTTP clients with keys of all kinds."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any

import httpx

from tests.support.bus import Outsider
from tests.support.workspace import SCOPES, http_client, make_key

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC).isoformat()


class Clients:
    """Makes clients, which are closed with the stack."""

    def __init__(self, outsider: Outsider, url: str, workspace_id: str) -> None:
        self.open = AsyncExitStack()
        self._outsider = outsider
        self._url = url
        self._workspace_id = workspace_id

    async def bare(self, **headers: str) -> httpx.AsyncClient:
        """A client without a key, but with these headers."""
        return await self.open.enter_async_context(http_client(self._url, None, **headers))

    async def with_key(
        self, scopes: Sequence[str] = SCOPES, **fields: Any
    ) -> tuple[httpx.AsyncClient, str]:
        """A client with a key of its own, and the key's id."""
        key, key_id = await make_key(self._outsider, self._workspace_id, scopes, **fields)
        return await self.open.enter_async_context(http_client(self._url, key)), key_id
