"""A message that ends every consumer that takes it: it is found out, and nothing else suffers."""

import asyncio
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from contracts import headers as h
from contracts.topology import COMMANDS, command_queue
from deploy.local.processes import ServiceProcess
from deploy.local.stack import Stack
from shared.bus.consumer import RUNS_ALONE, SUSPECT_AFTER
from tests.support import commands
from tests.support.bus import Outsider
from tests.support.commands import event_id
from tests.support.dead import dead
from tests.support.operations import location, outcome
from tests.support.proxy import Proxy
from tests.support.readiness import until_ready
from tests.support.records import stored
from tests.support.waiting import until_true
from tests.support.workspace import Workspace

NEIGHBOURS = 20
STARTED = 60.0
"""Seconds after which a process is at work at the latest."""


class Killer:
    """Runs the link service and kills it whenever it is about to announce one command's event."""

    def __init__(self, stack: Stack, log: Path) -> None:
        self.kills = 0
        self._urls = stack.infrastructure.urls
        self._log = log

    async def run(self, deadly: dict[str, Any]) -> None:
        """Go on until the service says that it has parked the command."""
        while not await self._outlives(deadly):
            self.kills += 1

    async def _outlives(self, deadly: dict[str, Any]) -> bool:
        """Whether a new process has parked the command before it had to be killed."""
        its_event = event_id(deadly).encode()
        async with Proxy(self._urls.amqp, lambda frame: its_event in frame) as proxy:
            urls = replace(self._urls, amqp=proxy.url, broker_users={})
            process = ServiceProcess("links", urls, log=self._log)
            process.start()
            try:
                await until_true(lambda: proxy.holds.is_set() or self._has_parked(), STARTED)
                if self._has_parked():
                    # So that it finishes with it; in a thread, since the proxy is ours.
                    assert await asyncio.to_thread(process.terminate) == 0
                    return True
            finally:
                process.kill()
        return False

    def _has_parked(self) -> bool:
        return self._log.exists() and '"event": "message.parked"' in self._log.read_text()


async def test_a_message_that_ends_its_consumers_is_parked_and_its_neighbours_are_handled(
    stack: Stack, workspace: Workspace, outsider: Outsider, tmp_path: Path
) -> None:
    deadly, *others = [await commands.link(workspace, outsider) for _ in range(1 + 2 * NEIGHBOURS)]
    [links] = stack.named("links")
    killer = Killer(stack, tmp_path / "log")
    async with outsider.tap("link.created") as tap:
        assert links.terminate() == 0
        try:
            for body in others[:NEIGHBOURS]:
                await outsider.publish("link.create", body)
            message_id = await outsider.publish(
                "link.create", deadly, headers={h.KEEP_OUTCOME_AFTER: 0, "x-own": "kept"}
            )
            for body in others[NEIGHBOURS:]:
                await outsider.publish("link.create", body)
            await killer.run(deadly)
        finally:
            links.start()
        for body in others:
            await tap.one(id=event_id(body))
        await until_ready(stack.url)
    found = await outsider.parked("links", message_id)
    assert killer.kills == SUSPECT_AFTER + RUNS_ALONE

    facts = {name: found.headers[name] for name in (h.REASON, h.ATTEMPTS, h.EXCHANGE, h.QUEUE)}
    assert facts == {
        h.REASON: "crashed_consumer",
        h.ATTEMPTS: killer.kills,
        h.EXCHANGE: COMMANDS,
        h.QUEUE: command_queue("links"),
    }
    assert found.headers[h.ROUTING_KEY] == "link.create"
    assert found.headers["x-own"] == "kept"
    assert str(killer.kills) in str(found.headers[h.ERROR])
    first, last = (
        datetime.fromisoformat(str(found.headers[name]))
        for name in (h.FIRST_FAILED_AT, h.LAST_FAILED_AT)
    )
    assert first < last
    operation = await outcome(workspace.http, location(workspace.id, deadly["command_id"], "links"))
    assert operation["status"] == "failed"
    assert operation["error"]["code"] == "internal_error"
    assert "doclink.links.dead (crashed_consumer)" in operation["error"]["message"]

    assert [each for each in await dead(outsider, "links") if workspace.id in str(each.body)] == []
    made = stored(stack, "links", "links", workspace_id=workspace.id)
    assert len(made) == len({link["key"] for link in made}) == 1 + len(others)
