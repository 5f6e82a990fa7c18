"""All services restarted one after the other under load, as a deployment does it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from ulid import ULID

from deploy.local.infrastructure import Infrastructure
from deploy.local.stack import Stack
from tests.support.bus import Outsider
from tests.support.commands import event_id
from tests.support.listener import Listener
from tests.support.load import Load
from tests.support.logbook import returned
from tests.support.promises import all_kept
from tests.support.receiver import receiver
from tests.support.waiting import until, until_true
from tests.support.webhooks import SETTINGS, make
from tests.support.workspace import PDF, Workspace


@pytest.fixture
def own_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("rolling")
    with Stack(Infrastructure(folder), copies={"links": 2}, env=SETTINGS) as running:
        yield running


@asynccontextmanager
async def _published(workspace: Workspace, outsider: Outsider) -> AsyncIterator[set[str]]:
    """Documents and entities, for as long as the block lasts; the ids of the events they make."""
    promised: set[str] = set()

    async def publish() -> None:
        while True:
            path = workspace.path(f"rolling/{ULID()}.pdf")
            document = workspace.command(**PDF, storage_path=path)
            entity = workspace.command(entity_type="deal", entity_id=f"deal_{ULID()}")
            await outsider.publish("document.register", document)
            await outsider.publish("entity.upsert", entity)
            promised.update((event_id(document), event_id(entity)))
            await asyncio.sleep(0.1)

    publishing = asyncio.create_task(publish())
    try:
        yield promised
    finally:
        publishing.cancel()
        await asyncio.gather(publishing, return_exceptions=True)


async def test_services_restarted_one_by_one_end_well_and_finish_what_they_have_begun(
    own_stack: Stack, own_outsider: Outsider, own_workspace: Workspace
) -> None:
    links = await Listener.bound(own_outsider, "rolling.links", "link.created")
    everything = await Listener.bound(own_outsider, "rolling.all", "#")
    async with receiver() as hook:
        await make(own_workspace, hook.url(), "link.created")
        async with (
            _published(own_workspace, own_outsider) as promised,
            Load.running(own_workspace, own_outsider, 60, 60) as load,
        ):
            for service in own_stack.services:
                await load.burst(30)
                assert await asyncio.to_thread(service.terminate) == 0
                service.start()
                await asyncio.to_thread(own_stack.await_ready)
            await load.until_confirmed(20)
        await all_kept(own_stack, load, links, own_workspace)
        await until(everything.ids, lambda ids: promised <= ids, 60)
        made = {event["id"] for event in links.events}
        await until_true(lambda: made <= {each.id for each in hook.at()})
    assert len(everything.events) == len({event["id"] for event in everything.events})
    # What was begun is finished before the end; what the broker sent while it was told to stop
    # comes again, once.
    assert set(returned(own_stack).values()) <= {1}
