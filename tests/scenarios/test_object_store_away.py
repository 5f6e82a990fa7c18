"""The object store away for everybody: who needs it waits, the others go on, nothing is parked."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from deploy.local.ports import free_port
from deploy.local.processes import ServiceProcess
from deploy.local.stack import Stack
from tests.support import commands
from tests.support.bus import Outsider
from tests.support.commands import event_id
from tests.support.dead import dead
from tests.support.readiness import readiness, until_ready
from tests.support.s3 import s3_env, s3_server
from tests.support.waiting import until
from tests.support.workspace import Workspace

STARTED = 60.0
"""Seconds after which a process is at work at the latest."""


@asynccontextmanager
async def _registry_on(stack: Stack, s3_port: int, log: Path) -> AsyncIterator[None]:
    """In the place of the stack's own registry, one whose object store is at a port."""
    [own] = stack.named("registry")
    process = ServiceProcess("registry", stack.infrastructure.urls, log=log, env=s3_env(s3_port))
    assert own.terminate() == 0
    try:
        process.start()
        yield
    finally:
        process.terminate()
        own.start()
        await until_ready(stack.url)


async def _waits_for(stack: Stack) -> tuple[int, list[str] | None]:
    status, body = await readiness(stack.url)
    return status, body["services"]["registry"].get("waits_for")


async def test_registrations_wait_for_it_and_what_does_not_need_it_goes_on(
    stack: Stack, workspace: Workspace, outsider: Outsider, tmp_path: Path
) -> None:
    document, port, log = await workspace.document(), free_port(), tmp_path / "log"
    bodies = [await commands.document(workspace, outsider) for _ in range(5)]
    async with outsider.tap("document.registered") as tap, _registry_on(stack, port, log):
        for body in bodies[1:]:
            await outsider.publish("document.register", body)
        asked = asyncio.create_task(outsider.ask("document.register", bodies[0]))
        await until(lambda: _waits_for(stack), lambda it: it == (200, ["object store"]), STARTED)
        update: dict[str, Any] = {"document_id": document, "name": "another"}
        assert "result" in await outsider.ask("document.update", workspace.command(**update))
        assert tap.all(workspaceid=workspace.id) == []
        assert not asked.done()
        with s3_server(port):
            for body in bodies:
                await tap.one(id=event_id(body))
            assert "result" in await asked
            await until(lambda: _waits_for(stack), lambda it: it == (200, []))
    assert len(tap.all(workspaceid=workspace.id)) == len(bodies)
    notes = log.read_text()
    assert notes.count('"event": "consumer.paused"') == 1
    assert notes.count('"event": "consumer.resumed"') == 1
    assert notes.count('"dependency": "object store"') == 2
    assert '"event": "message.retry"' not in notes
    assert not [each for each in await dead(outsider, "registry") if workspace.id in str(each.body)]
