"""The service that is broken on purpose: it must lose what a real one keeps."""

from dataclasses import replace
from pathlib import Path

import pytest

from deploy.local.processes import ServiceProcess
from deploy.local.stack import Stack
from tests.support.bus import Outsider
from tests.support.commands import CASES, event_id
from tests.support.proxy import Proxy, publishes_event
from tests.support.readiness import until_ready
from tests.support.workspace import Workspace

BROKEN = ("tests.chaos.broken_service", "crm_sync")


@pytest.mark.parametrize("program", [None, BROKEN])
async def test_what_is_in_hand_at_a_kill_is_lost_if_it_was_acknowledged_first_and_only_then(
    program: tuple[str, str] | None,
    stack: Stack,
    workspace: Workspace,
    outsider: Outsider,
    tmp_path: Path,
) -> None:
    in_hand, later = [await CASES["entity.upsert"].body(workspace, outsider) for _ in range(2)]
    [own] = stack.named("crm_sync")
    urls = stack.infrastructure.urls
    async with (
        Proxy(urls.amqp, publishes_event) as proxy,
        outsider.tap("entity.upserted") as tap,
    ):
        victim = ServiceProcess(
            *("crm_sync", replace(urls, amqp=proxy.url, broker_users={})),
            log=tmp_path / "log",
            program=program,
        )
        own.terminate()
        try:
            victim.start()
            await outsider.publish("entity.upsert", in_hand)
            await proxy.holds.wait()  # it has written, and its event is not out
        finally:
            victim.kill()
            own.start()
        await outsider.publish("entity.upsert", later)
        await tap.one(id=event_id(later))
        await until_ready(stack.url)
        heard = {event["id"] for event in tap.all(workspaceid=workspace.id)}
    assert (event_id(in_hand) in heard) == (program is None)
