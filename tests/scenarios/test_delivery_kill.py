"""A service killed with SIGKILL between any two of: write, publish, acknowledge.

The proxy between the process and the broker makes the moment certain.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from contracts.catalogue import Service
from deploy.local.processes import ServiceProcess
from deploy.local.stack import Stack
from shared.ids import derive
from tests.support.bus import Outsider
from tests.support.commands import CASES, Case, event_id
from tests.support.proxy import Frame, Proxy, acknowledges, publishes_event
from tests.support.records import stored
from tests.support.waiting import until_true
from tests.support.workspace import Workspace

OF_SERVICE: dict[Service, list[Case]] = {
    service: [case for case in CASES.values() if case.service == service]
    for service in ("registry", "links", "crm_sync")
}


@asynccontextmanager
async def _victim(
    stack: Stack, service: Service, hold_at: Callable[[Frame], bool], log: Path
) -> AsyncIterator[Proxy]:
    """In place of the stack's own process of a service, one behind a proxy; killed at the end."""
    [own] = stack.named(service)
    urls = stack.infrastructure.urls
    async with Proxy(urls.amqp, hold_at) as proxy:
        victim = ServiceProcess(service, replace(urls, amqp=proxy.url, broker_users={}), log=log)
        assert own.terminate() == 0
        try:
            victim.start()
            yield proxy
            assert victim.kill() == -9
        finally:
            victim.kill()
            own.start()


@pytest.mark.parametrize("service", OF_SERVICE)
async def test_killed_between_its_write_and_its_publish_the_event_still_comes_once(
    service: Service, stack: Stack, workspace: Workspace, outsider: Outsider, tmp_path: Path
) -> None:
    case = OF_SERVICE[service][0]
    body, later = [await case.body(workspace, outsider) for _ in range(2)]
    before = case.records(stack, workspace)
    async with outsider.tap("#") as tap:
        async with _victim(stack, service, publishes_event, tmp_path / "log") as proxy:
            await outsider.publish(case.command, body)
            await proxy.holds.wait()
            [record] = case.records(stack, workspace) - before
            assert tap.all(workspaceid=workspace.id) == []
        event = await tap.one(id=event_id(body))
        await outsider.publish(case.command, later)
        await tap.one(id=event_id(later))
    assert event["type"] == case.event
    assert record.endswith(event["subject"])
    assert len(tap.all(id=event_id(body))) == 1
    assert len(case.records(stack, workspace) - before) == 2


@pytest.mark.parametrize("service", OF_SERVICE)
async def test_killed_before_it_acknowledged_it_announces_the_same_events_again(
    service: Service, stack: Stack, workspace: Workspace, outsider: Outsider, tmp_path: Path
) -> None:
    cases = OF_SERVICE[service]
    bodies = [await case.body(workspace, outsider) for case in cases]
    async with outsider.tap("#") as tap:

        def heard(times: int) -> bool:
            return all(len(tap.all(id=event_id(body))) == times for body in bodies)

        async with _victim(stack, service, acknowledges, tmp_path / "log") as proxy:
            for case, body in zip(cases, bodies, strict=True):
                await outsider.publish(case.command, body)
            await until_true(lambda: heard(times=1))
            await proxy.holds.wait()
            records = [case.records(stack, workspace) for case in cases]
        await until_true(lambda: heard(times=2))
    assert len(tap.all(workspaceid=workspace.id)) == 2 * len(bodies)
    for first, second in (tap.all(id=event_id(body)) for body in bodies):
        assert first == second
    assert [case.records(stack, workspace) for case in cases] == records


async def test_killed_while_it_removes_an_entitys_links_every_removal_is_still_announced(
    stack: Stack, workspace: Workspace, outsider: Outsider, tmp_path: Path
) -> None:
    contact = await workspace.entity()
    answers = [await workspace.link(await workspace.document(), contact) for _ in range(3)]
    links = {answer.json()["data"]["link_id"] for answer in answers}
    end = workspace.command(entity_type="contact", entity_id=contact)
    async with outsider.tap("link.deleted") as tap:
        async with _victim(stack, "links", publishes_event, tmp_path / "log") as proxy:
            await outsider.publish("entity.delete", end)
            await proxy.holds.wait()
            gone = stored(stack, "links", "links", deleted_by=event_id(end))
            assert {record["id"] for record in gone} == links
            assert tap.events == []
        await tap.until(lambda events: len(events) >= len(links))
    assert {event["subject"] for event in tap.all(workspaceid=workspace.id)} == links
    assert {event["id"] for event in tap.events} == {
        derive("evt", event_id(end), link) for link in links
    }
