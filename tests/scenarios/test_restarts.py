"""Services stopped, killed and started again, one at a time, while the others go on."""

import asyncio
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from contracts.catalogue import Service
from contracts.topology import command_queue
from deploy.local.ports import LOOPBACK, free_port
from deploy.local.processes import GRACE, ServiceProcess
from deploy.local.stack import Stack
from tests.support.bus import Outsider
from tests.support.commands import CASES, Case, event_id
from tests.support.dead import dead
from tests.support.ingress import one_more_ingress
from tests.support.proxy import Proxy, publishes_event
from tests.support.queues import waiting
from tests.support.readiness import until_not_ready, until_ready
from tests.support.waiting import until, until_true
from tests.support.workspace import Workspace, http_client

WAYS: dict[str, tuple[Callable[[ServiceProcess], int], int]] = {
    "stopped": (ServiceProcess.terminate, 0),
    "killed": (ServiceProcess.kill, -signal.SIGKILL),
}
CASES_OF: dict[Service, list[Case]] = {
    service: [case for case in CASES.values() if case.service == service]
    for service in ("registry", "links", "crm_sync")
}


def _pids(stack: Stack, *, but: ServiceProcess | None = None) -> list[int | None]:
    return [each.pid for each in stack.services if each is not but]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("service", CASES_OF)
async def test_a_service_goes_and_comes_back_and_what_was_sent_meanwhile_takes_effect_once(
    service: Service, way: str, stack: Stack, workspace: Workspace, outsider: Outsider
) -> None:
    end, exit_code = WAYS[way]
    [process] = stack.named(service)
    others = _pids(stack, but=process)
    cases = CASES_OF[service]
    bodies = [await case.body(workspace, outsider) for case in cases]
    async with outsider.tap("#") as tap:
        try:
            assert end(process) == exit_code
            services = await until_not_ready(stack.url)
            missing = {name for name, answer in services.items() if not answer["ready"]}
            assert missing == {service}
            for case, body in zip(cases, bodies, strict=True):
                await outsider.publish(case.command, body)
            assert tap.all(workspaceid=workspace.id) == []
        finally:
            process.start()
        for body in bodies:
            await tap.one(id=event_id(body))
        await until_ready(stack.url)
    assert len(tap.all(workspaceid=workspace.id)) == len(bodies)
    assert _pids(stack, but=process) == others


async def test_the_ingress_is_killed_and_started_again_and_the_services_do_not_mind(
    stack: Stack, workspace: Workspace
) -> None:
    [process] = stack.named("ingress")
    others = _pids(stack, but=process)
    document = await workspace.document()
    process.kill()
    process.start()
    stack.await_ready()
    assert (await workspace.http.get(f"/v1/documents/{document}")).status_code == 200
    assert _pids(stack, but=process) == others


async def test_an_ingress_that_is_told_to_stop_answers_what_it_was_asked(
    stack: Stack, workspace: Workspace, outsider: Outsider, tmp_path: Path
) -> None:
    document, contact = await workspace.document(), await workspace.entity()
    [links] = stack.named("links")
    async with (
        one_more_ingress(stack, tmp_path) as (second, url),
        http_client(url, workspace.key) as http,
    ):
        assert links.terminate() == 0
        try:
            body = {"entity_type": "contact", "entity_id": contact}
            asked = asyncio.create_task(http.post(f"/v1/documents/{document}/link", json=body))
            await until(lambda: waiting(outsider, command_queue("links")))
            second.ask_to_end()
        finally:
            links.start()
        assert (await asked).status_code == 201
        assert await asyncio.to_thread(second.end_within, GRACE) == 0
        with pytest.raises(httpx.ConnectError):
            await http.get("/healthz")


async def test_a_service_told_to_stop_while_the_broker_is_away_stops(
    stack: Stack, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    nobody = f"amqp://{LOOPBACK}:{free_port()}/"
    lonely = ServiceProcess(
        "links", stack.infrastructure.urls, log=log, env={"DOCLINK_AMQP_URL": nobody}
    )
    lonely.start()
    try:
        await until_true(lambda: log.exists() and "Reconnecting" in log.read_text())
        assert lonely.terminate() == 0
    finally:
        lonely.kill()


async def test_a_call_outlasts_its_deadline_while_the_service_is_away_and_takes_effect_once(
    stack: Stack, workspace: Workspace, outsider: Outsider, tmp_path: Path
) -> None:
    document, contact = await workspace.document(), await workspace.entity()
    [links] = stack.named("links")
    body = {"entity_type": "contact", "entity_id": contact}
    async with (
        one_more_ingress(stack, tmp_path, DOCLINK_DEADLINE="1") as (_, url),
        http_client(url, workspace.key) as http,
        outsider.tap("link.created") as tap,
    ):
        assert links.terminate() == 0
        try:
            answer = await http.post(f"/v1/documents/{document}/link", json=body)
        finally:
            links.start()
        await tap.one(document_id=document)
        await until_ready(url)
        again = await http.post(f"/v1/documents/{document}/link", json=body)
    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "unavailable"
    assert int(answer.headers["retry-after"]) > 0
    assert again.status_code == 200, again.text
    assert len(tap.all(document_id=document)) == 1
    assert (await workspace.listed(contact))["meta"]["total"] == 1


async def test_links_stopped_at_work_finishes_what_it_has_and_leaves_the_rest_to_the_next(
    stack: Stack, workspace: Workspace, outsider: Outsider, tmp_path: Path
) -> None:
    document = await workspace.document()
    contacts = await asyncio.gather(*(workspace.entity() for _ in range(200)))
    bodies = [
        workspace.command(document_id=document, entity_type="contact", entity_id=contact)
        for contact in contacts
    ]
    [links] = stack.named("links")
    # Few at a time, so that it is told to stop while most of them still wait in the queue.
    worker = ServiceProcess(
        "links", stack.infrastructure.urls, log=tmp_path / "log", env={"DOCLINK_PREFETCH": "10"}
    )
    async with outsider.tap("link.created") as tap:
        try:
            assert links.terminate() == 0
            await asyncio.gather(*(outsider.publish("link.create", body) for body in bodies))
            worker.start()
            await tap.until(lambda _: len(tap.all(document_id=document)) >= 20)
            assert worker.terminate() == 0
            done = len(tap.all(document_id=document))
        finally:
            worker.kill()
            links.start()
        await tap.until(lambda _: len(tap.all(document_id=document)) >= len(bodies))
        await until_ready(stack.url)
    assert done < len(bodies)
    heard = [event["id"] for event in tap.all(document_id=document)]
    assert sorted(heard) == sorted(event_id(body) for body in bodies)
    assert not [each for each in await dead(outsider, "links") if workspace.id in str(each.body)]


async def test_a_service_told_to_stop_takes_nothing_new_and_ends_when_all_it_has_is_settled(
    stack: Stack, workspace: Workspace, outsider: Outsider, tmp_path: Path
) -> None:
    body, later = [await CASES["link.create"].body(workspace, outsider) for _ in range(2)]
    [links] = stack.named("links")
    urls, log = stack.infrastructure.urls, tmp_path / "log"
    async with Proxy(urls.amqp, publishes_event) as proxy, outsider.tap("link.created") as tap:
        worker = ServiceProcess("links", replace(urls, amqp=proxy.url, broker_users={}), log=log)
        try:
            assert links.terminate() == 0
            worker.start()
            await outsider.publish("link.create", body)
            await proxy.holds.wait()  # its event is not confirmed yet
            worker.ask_to_end()
            await until_true(lambda: "service.stopping" in log.read_text())
            await outsider.publish("link.create", later)
            await until(lambda: waiting(outsider, command_queue("links")))
            assert await waiting(outsider, command_queue("links")) == 1
            proxy.release()
            assert await asyncio.to_thread(worker.end_within, GRACE) == 0
        finally:
            worker.kill()
            links.start()
        await tap.one(id=event_id(later))
        await until_ready(stack.url)
    assert [event["id"] for event in tap.all(workspaceid=workspace.id)] == [
        event_id(body),
        event_id(later),
    ]
