"""A dependency that is away: who waits, what the log says, and when waiting is no use."""

import asyncio
from typing import Any

import pytest
from structlog.testing import capture_logs

from contracts import headers as h
from contracts.entities import EntityDelete
from contracts.messages import Command
from shared.bus.consumer import SUSPECT_AFTER, TRIES, Consumer
from shared.bus.dependency import Dependency
from shared.bus.publisher import Publisher
from shared.errors import Passing, PeerUnavailable, StoreUnavailable
from shared.ids import new_id
from shared.outcome import Outcome
from tests.support.bus import Outsider
from tests.support.settling import Bench
from tests.support.waiting import until_true


class Thing:
    """What a dependency is to be."""

    def __init__(self, *, answers: bool) -> None:
        self.answers = answers
        self.probes = 0

    async def ping(self) -> None:
        self.probes += 1
        if not self.answers:
            raise StoreUnavailable("away")


def noted(notes: list[Any]) -> list[str]:
    return [note["event"] for note in notes if note["event"].startswith("consumer.")]


async def test_all_who_wait_go_on_when_it_is_back_and_the_log_says_so_once() -> None:
    thing = Thing(answers=False)
    dependency = Dependency("thing", thing.ping)
    with capture_logs() as notes:
        waiting = [asyncio.create_task(dependency.until_back()) for _ in range(100)]
        await until_true(lambda: thing.probes >= 2)
        assert dependency.away
        assert not any(each.done() for each in waiting)
        thing.answers = True
        assert all(await asyncio.gather(*waiting))
    assert not dependency.away
    assert thing.probes < 10
    assert noted(notes) == ["consumer.paused", "consumer.resumed"]


async def test_what_answers_keeps_nobody_waiting_and_the_log_quiet() -> None:
    dependency = Dependency("thing", Thing(answers=True).ping)
    with capture_logs() as notes:
        assert await dependency.until_back() is False
    assert noted(notes) == []


COMMAND = EntityDelete(
    command_id=new_id("cmd"), workspace_id="ws_1", entity_type="deal", entity_id="1"
)
HANDLED = {h.ROUTING_KEY: COMMAND.type}


class Handler:
    """Fails with a fault until it has run so many times."""

    def __init__(self, fault: Passing, times: int) -> None:
        self.fault = fault
        self.times = times
        self.runs = 0

    async def __call__(self, _: Command) -> Outcome:
        self.runs += 1
        if self.runs <= self.times:
            raise self.fault
        return Outcome()


@pytest.fixture
async def bench(outsider: Outsider, publisher: Publisher) -> Bench:
    bench = Bench(outsider, publisher)
    await bench.start()
    return bench


def _consumer(bench: Bench, handler: Handler, thing: Thing) -> Consumer:
    return Consumer(
        *(bench.queue_name, lambda _: COMMAND, {COMMAND.type: handler}, bench.settlement),
        at_once=2,
        needs={StoreUnavailable: Dependency("thing", thing.ping)},
    )


async def test_a_message_waits_in_its_consumers_hands_while_what_it_needs_is_away(
    bench: Bench,
) -> None:
    thing, handler = Thing(answers=False), Handler(StoreUnavailable("away"), times=1)
    delivery = await bench.deliver(headers=HANDLED)
    taking = asyncio.create_task(_consumer(bench, handler, thing).take(delivery.raw))
    await until_true(lambda: thing.probes >= 2)
    assert (handler.runs, taking.done()) == (1, False)
    thing.answers = True
    await taking
    assert handler.runs == 2
    assert (await bench.seen(delivery)).kinds == set()


async def test_a_fault_that_stays_though_the_dependency_answers_is_the_messages_own(
    bench: Bench,
) -> None:
    handler = Handler(StoreUnavailable("for this one"), times=1000)
    delivery = await bench.deliver(headers=HANDLED)
    await _consumer(bench, handler, Thing(answers=True)).take(delivery.raw)
    assert handler.runs == 1 + TRIES
    assert (await bench.seen(delivery)).kinds == {"retried"}


async def test_what_has_come_back_is_suspect_but_not_while_something_is_away(bench: Bench) -> None:
    thing, handler = Thing(answers=False), Handler(StoreUnavailable("away"), times=0)
    consumer = _consumer(bench, handler, thing)
    # A classic queue has no count of its own: it leaves ours as it is.
    await bench.deliver(headers=HANDLED | {h.DELIVERY_COUNT: SUSPECT_AFTER})
    delivery = await bench.deliver_again()
    await consumer.take(delivery.raw)
    assert handler.runs == 0
    assert (await bench.seen(delivery)).kinds == {"retried"}

    handler.times = 1
    waits = await bench.deliver(headers=HANDLED)
    waiting = asyncio.create_task(consumer.take(waits.raw))
    await until_true(lambda: thing.probes >= 1)
    await bench.deliver(headers=HANDLED | {h.DELIVERY_COUNT: SUSPECT_AFTER})
    delivery = await bench.deliver_again()
    await consumer.take(delivery.raw)
    assert handler.runs == 2
    assert (await bench.seen(delivery)).kinds == set()
    thing.answers = True
    await waiting


async def test_a_fault_of_something_else_does_not_wait_for_it(bench: Bench) -> None:
    thing, handler = Thing(answers=False), Handler(PeerUnavailable("busy"), times=1000)
    delivery = await bench.deliver(headers=HANDLED)
    await _consumer(bench, handler, thing).take(delivery.raw)
    assert (handler.runs, thing.probes) == (1, 0)
    assert (await bench.seen(delivery)).kinds == {"retried"}
