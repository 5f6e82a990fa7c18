"""More callers at once than an ingress has places for, while nobody answers them."""

import asyncio
from collections import Counter
from itertools import product
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from contracts.topology import command_queue
from deploy.local.stack import Stack
from tests.support.bus import Outsider
from tests.support.ingress import one_more_ingress
from tests.support.queues import waiting
from tests.support.readiness import until_ready
from tests.support.records import stored
from tests.support.waiting import until, until_true
from tests.support.workspace import Workspace

CALLERS = 1000
PLACES = 100
MAX_GROWTH = 64 * 1024
"""KiB; what 100 callers and 1,000 connections may take."""


class Callers:
    """Raw connections, each with one request: an HTTP client has trouble with so many.

    Attributes:
        answers: The head of each answer so far.
    """

    def __init__(self, url: str, workspace: Workspace) -> None:
        self.answers: list[bytes] = []
        self._host, self._port = urlsplit(url).hostname, urlsplit(url).port
        self._workspace = workspace

    async def link(self, document: str, contact: str) -> None:
        """Ask for a link."""
        body = f'{{"entity_type": "contact", "entity_id": "{contact}"}}'
        reader, writer = await asyncio.open_connection(self._host, self._port)
        writer.write(
            f"POST /v1/documents/{document}/link HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
            f"Authorization: Bearer {self._workspace.key}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}".encode()
        )
        self.answers.append((await reader.read()).partition(b"\r\n\r\n")[0].lower())
        writer.close()

    def statuses(self) -> Counter[bytes]:
        """How often each status was answered."""
        return Counter(answer.split()[1] for answer in self.answers)


async def test_callers_beyond_the_places_are_told_to_come_back_at_once_and_memory_stays_bounded(
    stack: Stack, workspace: Workspace, outsider: Outsider, tmp_path: Path
) -> None:
    documents = await asyncio.gather(*(workspace.document() for _ in range(20)))
    contacts = await asyncio.gather(*(workspace.entity() for _ in range(CALLERS // 20)))
    [links] = stack.named("links")
    # So many connections at once keep it busy for seconds; nothing is to time out meanwhile.
    patience = {"DOCLINK_DEADLINE": "60", "DOCLINK_PUBLISH_TIMEOUT": "60"}
    places = {"DOCLINK_MAX_IN_FLIGHT": str(PLACES), **patience}
    async with one_more_ingress(stack, tmp_path, **places) as (process, url):
        callers = Callers(url, workspace)
        await _known(url, workspace)
        before = _resident(process.pid)
        assert links.terminate() == 0
        try:
            calls = [
                asyncio.create_task(callers.link(*pair)) for pair in product(documents, contacts)
            ]
            await until_true(lambda: len(callers.answers) >= CALLERS - PLACES, timeout=60)
            assert all(b"\r\nretry-after: " in answer for answer in callers.answers)
            assert callers.statuses() == {b"503": CALLERS - PLACES}
            # Those that have a place are accepted, many in one frame, and wait for their answers.
            await until(lambda: waiting(outsider, command_queue("links")), lambda n: n >= 1)
            assert _resident(process.pid) - before < MAX_GROWTH
        finally:
            links.start()
        await asyncio.gather(*calls)
        assert callers.statuses() == {b"503": CALLERS - PLACES, b"201": PLACES}
        await until_ready(url)
    assert len(stored(stack, "links", "links", workspace_id=workspace.id)) == PLACES


async def _known(url: str, workspace: Workspace) -> None:
    """Return when the ingress knows the workspace's key."""
    async with httpx.AsyncClient(base_url=url, trust_env=False) as http:
        headers = {"Authorization": f"Bearer {workspace.key}"}
        assert (await http.get("/v1/documents/doc_x", headers=headers)).status_code == 404


def _resident(pid: int | None) -> int:
    """A process's memory in KiB."""
    [line] = [x for x in Path(f"/proc/{pid}/status").read_text().splitlines() if "VmRSS" in x]
    return int(line.split()[1])
