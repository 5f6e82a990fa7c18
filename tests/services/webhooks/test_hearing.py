"""Which types of events reach the service: what some webhook wants, and nothing is forgotten."""

import pytest

from services.webhooks.hearing import Hearing
from shared.errors import BrokerUnavailable
from shared.ids import new_id
from shared.store.client import Database


class Queue:
    """What the service's queue is bound to."""

    def __init__(self) -> None:
        self.bound: list[str] = []
        self.is_away = False

    async def bind(self, event_type: str) -> None:
        if self.is_away:
            raise BrokerUnavailable
        self.bound.append(event_type)


async def test_each_type_is_bound_once_and_again_for_a_new_process(database: Database) -> None:
    wanted = [f"a.{new_id('type')}", f"b.{new_id('type')}"]
    queue, later = Queue(), Queue()
    hearing = Hearing(database, queue.bind)
    await hearing.of([*wanted, wanted[0]])
    await hearing.of(wanted)
    assert sorted(queue.bound) == wanted
    await Hearing(database, later.bind).prepare()
    assert set(wanted) <= set(later.bound)


async def test_what_could_not_be_bound_is_bound_the_next_time(database: Database) -> None:
    queue, wanted = Queue(), f"c.{new_id('type')}"
    hearing = Hearing(database, queue.bind)
    queue.is_away = True
    with pytest.raises(BrokerUnavailable):
        await hearing.of([wanted])
    queue.is_away = False
    await hearing.of([wanted])
    assert queue.bound == [wanted]
