"""API keys stand in no log line and in no event, whatever is done with them.

What a full run has written is searched for all its keys at the end, see `tests/conftest.py`.
"""

import json
from pathlib import Path

from deploy.local.stack import Stack
from tests.ingress.clients import LONG_AGO, Clients
from tests.support.bus import Outsider
from tests.support.ingress import one_more_ingress
from tests.support.leaks import has_key, leaks, new_key
from tests.support.workspace import PDF, Workspace, http_client


async def test_whatever_is_done_with_a_key_no_log_and_no_event_has_it(
    stack: Stack, workspace: Workspace, clients: Clients, outsider: Outsider, tmp_path: Path
) -> None:
    debug = {"DOCLINK_LOG_LEVEL": "debug", "DOCLINK_FAILED_ATTEMPTS": "1/hour"}
    async with outsider.tap() as tap, one_more_ingress(stack, tmp_path, **debug) as (_, url):
        revoked, revoked_id = await clients.with_key()
        expired, _ = await clients.with_key(expires_at=LONG_AGO)
        await outsider.ask("api_key.revoke", workspace.command(key_id=revoked_id))
        body = {**PDF, "storage_path": workspace.path("secret.pdf")}
        for http in (workspace.http, revoked, expired, http_client(url, new_key())):
            key = http.headers["Authorization"].removeprefix("Bearer ")
            login = {"grant_type": "password", "username": "test", "password": key}
            for base in (stack.url, url):
                await http.post(f"{base}/v1/documents?api_key={key}", json=body)
                await http.post(f"{base}/v1/documents", content=b"{")
                await http.get(f"{base}/v1/documents/doc_1", headers={"X-Request-ID": "seen"})
                path = f"{base}/repository/v1/Repositories/{workspace.id}/Token"
                await http.post(path, data=login)
        await tap.one(type="document.registered", workspaceid=workspace.id)
        await tap.one(type="api_key.revoked", workspaceid=workspace.id)
    log = (tmp_path / "ingress.log").read_text()
    assert log.count('"seen"') == 4, "this is the log of what was done"
    assert leaks(tmp_path) == leaks(stack.infrastructure.folder.path) == []
    words = json.dumps(tap.events).replace('"', " ").split()
    assert words
    assert not any(has_key(word) for word in words)


def test_the_search_finds_a_key(tmp_path: Path) -> None:
    key = new_key()
    (tmp_path / "a.log").write_text(f'{{"url": "/v1?key={key}"}}\n{{"event": "x"}}\n')
    assert leaks(tmp_path) == [f'a.log: {{"url": "/v1?key={key}"}}']
