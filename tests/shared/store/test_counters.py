import asyncio
from typing import Any

import pytest

from deploy.local.ports import LOOPBACK, free_port
from deploy.local.stack import Stack
from shared.errors import StoreUnavailable
from shared.ids import new_id
from shared.settings import Settings
from shared.store.client import Database
from shared.store.counters import Counters


@pytest.fixture
def counters(database: Database) -> Counters:
    return Counters(database)


async def test_numbers_rise_from_one_for_each_name_and_workspace(
    counters: Counters, workspace_id: str
) -> None:
    assert [await counters.take(workspace_id, "entries") for _ in range(3)] == [1, 2, 3]
    assert await counters.take(workspace_id, "links", 5) == 1
    assert await counters.take(workspace_id, "links") == 6
    assert await counters.take(new_id("ws"), "entries") == 1
    assert await counters.take(workspace_id, "entries", start=10) == 13


async def test_of_many_takers_in_several_processes_no_two_get_the_same_number(
    stack: Stack, workspace_id: str
) -> None:
    settings = Settings(mongo_url=stack.infrastructure.urls.mongo, mongo_database_prefix="tests_")
    others = [Database(settings, "counters") for _ in range(3)]
    counts = [number % 3 + 1 for number in range(60)]
    firsts = await asyncio.gather(
        *(
            counters.take(workspace_id, "entries", count)
            for counters in [Counters(other) for other in others]
            for count in counts
        )
    )
    for other in others:
        await other.close()
    taken = [
        first + offset
        for first, count in zip(firsts, counts * len(others), strict=True)
        for offset in range(count)
    ]
    assert sorted(taken) == list(range(1, sum(counts) * len(others) + 1))


@pytest.mark.parametrize("driver", ["pymongo", "motor"])
async def test_a_database_that_is_away_is_a_fault_that_passes(driver: Any) -> None:
    url = f"mongodb://{LOOPBACK}:{free_port()}/"
    away = Database(Settings(mongo_url=url, mongo_driver=driver, store_timeout=0.05), "kernel")
    with pytest.raises(StoreUnavailable):
        await Counters(away).take("ws_1", "entries")
    await away.close()
