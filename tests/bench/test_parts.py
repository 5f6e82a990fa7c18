import asyncio
from collections import Counter
from itertools import pairwise

import pytest

from tests.bench.calls import LinkCalls, ListCalls, put_fault
from tests.bench.comparisons import at_least, at_most, figures
from tests.bench.connection import Connection
from tests.bench.figures import Goal, figure, paired
from tests.bench.load import Callers
from tests.bench.measures import highest
from tests.bench.orders import Order
from tests.bench.plan import FULL, QUICK, Plan
from tests.bench.rounds import Round, turns
from tests.bench.run import ALL, chosen
from tests.bench.workload import Workload

SIDES = ["ours", "textbook", "monolith", "floor"]
WORKLOAD = Workload("key", ["doc_1", "doc_2"], ["contact_1", "contact_2", "contact_3"])
SLOW_ANSWER = 0.02


def test_each_side_comes_after_each_other_one_equally_often() -> None:
    neighbours = Counter(pair for number in range(1, 5) for pair in pairwise(turns(SIDES, number)))
    assert neighbours == {(a, b): 1 for a in SIDES for b in SIDES if a != b}
    assert [turns(["a", "b"], number) for number in (1, 2)] == [["a", "b"], ["b", "a"]]


def test_a_ratio_is_the_median_of_rounds_of_one_number() -> None:
    rounds = [
        _round(number, side, rate)
        for number, ours, rival in ((1, 300, 100), (2, 100, 50), (3, 600, 150))
        for side, rate in (("monolith", rival), ("ours", ours))
    ]
    [rate] = figures(rounds)
    assert (rate.rival, rate.value, rate.rival_value) == ("monolith", 300, 100)
    assert (rate.ratio_min, rate.ratio, rate.ratio_max) == (2.0, 3.0, 4.0)
    assert (rate.goal, rate.met, rate.direction) == (1.3, True, "at least")


def test_a_round_without_its_counterpart_is_in_no_ratio() -> None:
    rounds = [_round(1, "ours", 100), _round(2, "ours", 100), _round(2, "floor", 50)]
    values = paired(rounds, "link-64", ("ours", "floor"), lambda each: each.per_second)
    assert values == [(100.0, 50.0)]


@pytest.mark.parametrize(
    ("goal", "met"), [(at_least(2), True), (at_least(2.1), False), (at_most(2), True)]
)
def test_a_goal_has_a_direction(goal: Goal, met: bool) -> None:  # noqa: FBT001
    assert figure("f", "s", ("us", "them"), [(4.0, 2.0)], goal).met is met


def test_starts_are_compared_with_a_limit() -> None:
    [start] = figures([Round("make run, new data", 1, "ours", count=1, seconds=10.0)])
    assert (start.value, start.rival_value, start.ratio, start.met) == (10.0, 8.0, 1.25, False)


def test_the_highest_load_is_the_best_median_of_one_side() -> None:
    rounds = [_round(n, "monolith", rate) for n, rate in ((1, 10), (2, 30), (3, 20))]
    rounds += [_round(1, "ours", 99), _round(1, "monolith", 25, measure="link-256")]
    assert highest(rounds, "monolith") == 25


def test_the_quick_plan_leaves_out_what_takes_long() -> None:
    assert chosen(FULL, ()) == set(ALL)
    assert chosen(QUICK, ()) == set(ALL) - {"start", "scaling"}
    assert chosen(Plan(), ("half-load",)) == {"half-load", "link-64"}


def test_an_answer_must_be_about_the_link_that_was_asked_for() -> None:
    calls = LinkCalls(WORKLOAD)
    assert calls.fault(1, (201, b'{"doc_2": "contact_2"}')) is None
    assert "contact_2" in (calls.fault(1, (201, b'{"doc_2": "contact_1"}')) or "")
    assert "200" in (calls.fault(1, (200, b'{"doc_2": "contact_2"}')) or "")


def test_a_list_must_be_a_full_page() -> None:
    row = b'{"data":{"documents":[%s]},"meta":{"total":1000}}'
    assert ListCalls(WORKLOAD).fault(0, (200, row % b",".join([b"1"] * 25))) is None
    assert "24 of 1000" in (ListCalls(WORKLOAD).fault(0, (200, row % b",".join([b"1"] * 24))) or "")
    assert "503" in (ListCalls(WORKLOAD).fault(0, (503, b"busy")) or "")


def test_an_entry_must_get_as_many_links_as_it_was_given() -> None:
    assert put_fault((200, b'[{"linkId": 1}, {"linkId": 2}]'), 2) is None
    assert "2 links" in (put_fault((200, b'[{"linkId": 1}]'), 2) or "")


async def test_a_caller_by_the_clock_counts_the_wait_for_its_turn() -> None:
    """Else a slow server would be asked less, and its slowness not be seen."""
    server = await asyncio.start_server(_answer_slowly, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        order = Order(f"http://127.0.0.1:{port}", 1, 0.2, first=0, rate=150)
        result = await Callers(LinkCalls(_many()), order).run()
    assert result.failures == []
    assert result.requests == 30
    assert result.p99 is not None
    # Thirty answers, one after another; the last was due after 0.2 s.
    assert result.p99 > 30 * SLOW_ANSWER - 0.2 - SLOW_ANSWER


async def test_a_connection_that_the_server_closes_is_a_failure() -> None:
    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        connection = await Connection.opened(f"http://127.0.0.1:{port}")
        with pytest.raises(ConnectionError):
            await connection.ask(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")


async def _answer_slowly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    number = 0
    while head := await _head(reader):
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
        await reader.readexactly(length)
        await asyncio.sleep(SLOW_ANSWER)
        body = " ".join(_many().pair(number)).encode()
        number += 1
        writer.write(b"HTTP/1.1 201 Created\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


async def _head(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""


def _many() -> Workload:
    return Workload("key", [f"doc_{n}" for n in range(7)], [f"contact_{n}" for n in range(30)])


def _round(number: int, side: str, rate: float, measure: str = "link-64") -> Round:
    return Round(measure, number, side, count=round(rate), seconds=1.0)
