import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from deploy.local.stack import Stack
from tests.bench.callers import CallersProcess
from tests.bench.comparisons import COMPARISONS, figures
from tests.bench.contenders import Contender, ours
from tests.bench.machine import facts
from tests.bench.measures import MEASURES
from tests.bench.orders import Order
from tests.bench.plan import Plan
from tests.bench.report import Report
from tests.bench.rounds import Contest, Measure, RequestFailedError, Round
from tests.bench.run import measure
from tests.bench.workload import Workload

TINY = Plan(
    rounds=2,
    seconds=0.2,
    few=4,
    many=8,
    commands=50,
    puts=2,
    scaling=1,
    documents=103,
    entities=50,
    listed=30,
    limit=120.0,
)


async def test_a_run_has_every_figure_that_its_report_promises(
    stack: Stack, tmp_path: Path
) -> None:
    said: list[str] = []
    rounds = await measure(stack, TINY, MEASURES, said.append)
    report = Report(await facts(stack.infrastructure, 0.0), 1.0, figures(rounds), rounds)
    report.write(tmp_path / "new folder" / "bench.json")
    written = json.loads((tmp_path / "new folder" / "bench.json").read_text())

    assert {"cores", "cpu", "python", "broker", "database"} <= written["machine"].keys()
    assert {each["measure"] for each in written["rounds"]} == set(MEASURES)
    assert all(each["count"] > 0 for each in written["rounds"])
    assert [each["name"] for each in written["figures"]] == [each.name for each in COMPARISONS]
    for figure in written["figures"]:
        assert 0 < figure["ratio_min"] <= figure["ratio"] <= figure["ratio_max"]
        # The ratio of the medians lies among the ratios, but for rounding.
        of_medians = figure["value"] / figure["rival_value"]
        assert figure["ratio_min"] * 0.98 <= of_medians <= figure["ratio_max"] * 1.02
        above, goal = figure["ratio"] >= figure["goal"], figure["ratio"] == figure["goal"]
        assert figure["met"] == (goal or above == (figure["direction"] == "at least"))
        assert f"{figure['ratio']:.2f}" in report.table()


async def test_a_request_that_fails_ends_the_run(stack: Stack) -> None:
    nobody = Workload("wbk_of_nobody", ["doc_1"], [f"contact_{n}" for n in range(100)])
    measure = Measure("a measure", ["ours"], 1, _ours(stack), _briefly)
    async with CallersProcess.started(nobody) as callers:
        contest = Contest(callers, 1.0, print)
        with pytest.raises(RequestFailedError, match="a measure, ours: 401"):
            await contest.run(measure)


def _ours(stack: Stack) -> Callable[[str], Awaitable[Contender]]:
    async def enter(side: str) -> Contender:
        return ours(stack, side)

    return enter


def _briefly(side: Contender, first: int, size: float) -> Order:
    return Order(side.url, 4, size * 0.1, first)


def test_no_pair_of_document_and_entity_comes_twice() -> None:
    workload = Workload("key", [f"d{n}" for n in range(7)], [f"e{n}" for n in range(10)])
    assert len({workload.pair(number) for number in range(70)}) == 70


def test_without_proc_there_is_no_figure_of_cpu_time() -> None:
    sides = ("ours", "textbook", "monolith", "floor")
    rounds = [Round("link-64", 1, side, count=10, seconds=1.0) for side in sides]
    assert {each.unit for each in figures(rounds)} == {"requests/s"}
