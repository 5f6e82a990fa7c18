"""Rate limits counted in a store that all ingress processes share."""

import os
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import httpx
import pytest

from deploy.local.child import Child
from deploy.local.ports import free_port
from deploy.local.processes import ServiceProcess
from deploy.local.stack import Stack
from tests.support.bus import Outsider
from tests.support.waiting import until
from tests.support.workspace import Workspace, http_client, make_key

PATH = "/v1/documents/doc_01HY1"


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[tuple[Child, str]]:
    """A Redis server of the test's own, and its address."""
    program = shutil.which("redis-server")
    assert program is not None, "make install brings it"
    port = free_port()
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir"]
    server = Child("redis", [*command, tmp_path], log=tmp_path / "redis.log", env=os.environ)
    server.start()
    yield server, f"async+redis://127.0.0.1:{port}"
    server.kill()


@pytest.fixture
def ingresses(
    stack: Stack, redis: tuple[Child, str], tmp_path: Path
) -> Iterator[list[ServiceProcess]]:
    """Two ingress processes that count in the same store."""
    env = {"DOCLINK_RATE_LIMIT_STORAGE": redis[1]}
    urls = stack.infrastructure.urls
    started = [
        ServiceProcess(
            "ingress", urls, log=tmp_path / f"{each}.log", http_port=free_port(), env=env
        )
        for each in range(2)
    ]
    for each in started:
        each.start()
    yield started
    for each in started:
        each.terminate()


async def test_two_processes_count_as_one_and_outlive_the_store(
    ingresses: list[ServiceProcess],
    redis: tuple[Child, str],
    workspace: Workspace,
    outsider: Outsider,
) -> None:
    key, _ = await make_key(outsider, workspace.id, rate_limit="5/hour")
    first, second = (http_client(f"http://127.0.0.1:{each.http_port}", key) for each in ingresses)
    async with first, second:
        for client in (first, second):
            await until(partial(_is_ready, client))
        statuses = [(await c.get(PATH)).status_code for c in (first, second) * 4]
        assert statuses == [404] * 5 + [429] * 3
        redis[0].kill()
        assert (await first.get(PATH)).status_code == 404, "nobody is shut out by a lost store"


async def _is_ready(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/readyz")).is_success
    except httpx.TransportError:
        return False
