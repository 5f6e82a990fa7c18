"""A key that is revoked opens nothing any more, wherever it was in use."""

from pathlib import Path

import httpx

from deploy.local.stack import Stack
from tests.ingress.clients import Clients
from tests.support.bus import Outsider
from tests.support.ingress import one_more_ingress
from tests.support.waiting import until
from tests.support.workspace import Workspace


async def test_a_revocation_reaches_every_ingress(
    stack: Stack, workspace: Workspace, clients: Clients, outsider: Outsider, tmp_path: Path
) -> None:
    http, key_id = await clients.with_key()
    async with one_more_ingress(stack, tmp_path) as (_, url):
        addresses = [f"{base}/v1/documents" for base in (stack.url, url)]

        async def statuses() -> list[int]:
            answers: list[httpx.Response] = [await http.get(address) for address in addresses]
            return [answer.status_code for answer in answers]

        assert await statuses() == [200, 200]  # both remember the key now
        await outsider.ask("api_key.revoke", workspace.command(key_id=key_id))
        await until(statuses, lambda found: found == [401, 401])
