"""The database away for a while under load: nothing is parked, nothing lost, nobody gets a 500.

`DOCLINK_OUTAGE_SECONDS` says for how long; with `pytest -s` it says what it has counted.
"""

import asyncio
import os
import time
from collections.abc import Iterator
from math import ceil

import pytest

from contracts.topology import QUEUES, command_queue
from deploy.local.infrastructure import Infrastructure
from deploy.local.stack import Stack
from tests.support.bus import Outsider
from tests.support.listener import Listener
from tests.support.load import Load
from tests.support.logbook import times_noted
from tests.support.operations import outcome
from tests.support.promises import all_kept
from tests.support.queues import waiting
from tests.support.readiness import until_ready
from tests.support.waiting import until
from tests.support.workspace import Workspace

SECONDS = float(os.environ.get("DOCLINK_OUTAGE_SECONDS", "10"))
PACE = 0.5
BURST = 5
PAIRS = int(SECONDS / PACE) * BURST + 3000
"""Enough for callers and publishers over the whole time."""
DRAINED = 60 + SECONDS
"""Seconds within which a slow machine has worked off the backlog."""
NOTES = ("consumer.paused", "consumer.resumed", "message.retry")


@pytest.fixture
def own_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    # Callers give up soon, so that many of them do in a short outage.
    env = {"DOCLINK_DEADLINE": "3"}
    with Stack(Infrastructure(tmp_path_factory.mktemp("outage")), env=env) as running:
        yield running


async def _left(outsider: Outsider) -> dict[str, int]:
    """What waits in any queue of ours, be it to be tried again; events' log and listeners aside."""
    names = [queue.name for queue in QUEUES if queue.arguments.get("x-queue-type") == "quorum"]
    counts = {name: await waiting(outsider, name) for name in names}
    return {name: count for name, count in counts.items() if count}


async def test_an_outage_of_the_database_parks_nothing_and_all_that_was_accepted_takes_effect(
    own_stack: Stack, own_outsider: Outsider, own_workspace: Workspace
) -> None:
    database = own_stack.infrastructure.database
    listener = await Listener.bound(own_outsider, "outage", "link.created")
    before = {note: times_noted(own_stack, "links", note) for note in NOTES}
    work = command_queue("links")
    documents = ceil(PAIRS**0.5)
    async with Load.running(own_workspace, own_outsider, documents, documents) as load:
        await load.until_confirmed(50)
        database.kill()
        until_then, published = time.monotonic() + SECONDS, 0
        while time.monotonic() < until_then:
            await load.burst(BURST)
            published += BURST
            await asyncio.sleep(PACE)
        backlog = await waiting(own_outsider, work)
        await asyncio.to_thread(database.start)
        back = time.monotonic()
        await until_ready(own_stack.url)
        # New callers stand in line behind those of the whole outage.
        await until(lambda: waiting(own_outsider, work), lambda count: not count, DRAINED)
        drained_after = time.monotonic() - back
        await load.until_confirmed(50)
    assert await until(lambda: _left(own_outsider), lambda left: not left, DRAINED) == {}

    assert {answer.status_code for _, answer in load.refused} == {503}
    assert all(int(answer.headers["retry-after"]) > 0 for _, answer in load.refused)
    promised = {pair: answer for pair, answer in load.refused if "location" in answer.headers}
    assert promised
    for answer in promised.values():
        operation = await outcome(own_workspace.http, answer.headers["location"])
        assert operation["status"] == "done", operation
    load.confirmed |= promised.keys()
    await listener.ids()  # one by one, which takes its time
    await all_kept(own_stack, load, listener, own_workspace)
    now = {note: times_noted(own_stack, "links", note) for note in NOTES}
    assert now["consumer.paused"] - before["consumer.paused"] == 1
    assert now["consumer.resumed"] - before["consumer.resumed"] == 1
    print(  # noqa: T201 - for whoever runs it for longer
        f"\n{SECONDS:.0f} s: accepted {len(load.confirmed)}, of these {published} published and "
        f"{len(promised)} answered 503 with a Location, {len(load.refused) - len(promised)} not "
        f"accepted (503), tried again {now['message.retry'] - before['message.retry']}, "
        f"backlog {backlog}, worked off {drained_after:.1f} s after the return"
    )
