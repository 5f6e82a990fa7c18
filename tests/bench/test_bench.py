import json
from pathlib import Path

import pytest

from deploy.local.stack import Stack
from tests.bench.callers import CallersProcess
from tests.bench.contenders import Contender
from tests.bench.figures import OURS, RATE_GOAL, RIVAL, figures
from tests.bench.plan import Plan
from tests.bench.rounds import Contest, RequestFailedError, Round
from tests.bench.run import measure
from tests.bench.workload import Workload

TINY = Plan(rounds=2, seconds=0.3, warm_up=0.2, callers=8, documents=21, entities=500, limit=40.0)


async def test_a_run_writes_figures_that_agree_with_its_rounds(
    stack: Stack, tmp_path: Path
) -> None:
    said: list[str] = []
    report = await measure(stack, TINY, said.append)
    report.write(tmp_path / "new folder" / "bench.json")
    written = json.loads((tmp_path / "new folder" / "bench.json").read_text())

    assert {"cores", "cpu", "python", "broker", "database"} <= written["machine"].keys()
    assert [(each["number"], each["side"]) for each in written["rounds"]] == [
        *((1, "ours"), (1, "rival")),
        *((2, "ours"), (2, "rival")),
    ]
    assert all(each["requests"] >= TINY.callers for each in written["rounds"])
    for figure in written["figures"]:
        assert (figure["ours"], figure["rival"]) == (OURS, RIVAL)
        assert 0 < figure["ratio_min"] <= figure["ratio"] <= figure["ratio_max"]
        # The ratio of the medians lies among the ratios, but for rounding.
        of_medians = figure["value"] / figure["rival_value"]
        assert figure["ratio_min"] * 0.99 <= of_medians <= figure["ratio_max"] * 1.01
    rate = written["figures"][0]
    assert rate["unit"] == "requests/s"
    assert rate["met"] == (rate["ratio"] >= rate["goal"])
    assert f"{rate['value']:,.2f}" in report.table()


async def test_a_request_that_fails_ends_the_run(stack: Stack) -> None:
    nobody = Workload("wbk_of_nobody", ["doc_1"], [f"contact_{n}" for n in range(100)])
    async with CallersProcess.started(nobody) as callers:
        contest = Contest(callers, TINY, print)
        with pytest.raises(RequestFailedError, match="ours: 401"):
            await contest.run([Contender("ours", stack.url, frozenset())])


def test_a_ratio_is_the_median_of_neighbouring_rounds() -> None:
    rounds = [
        _round(number, side, rate)
        for number, ours, rival in ((1, 300.0, 100.0), (2, 100.0, 50.0), (3, 600.0, 150.0))
        for side, rate in (("ours", ours), ("rival", rival))
    ]
    rate = figures(rounds, callers=32)[0]
    assert (rate.value, rate.rival_value) == (300.0, 100.0)
    assert (rate.ratio_min, rate.ratio, rate.ratio_max) == (2.0, 3.0, 4.0)
    assert (rate.goal, rate.met) == (RATE_GOAL, True)


def test_without_proc_there_is_no_figure_of_cpu_time() -> None:
    rounds = [_round(1, "ours", 300.0, cpu=None), _round(1, "rival", 100.0, cpu=None)]
    assert [each.unit for each in figures(rounds, callers=32)] == ["requests/s", "ms", "ms"]


def test_no_pair_of_document_and_entity_comes_twice() -> None:
    workload = Workload("key", [f"d{n}" for n in range(7)], [f"e{n}" for n in range(10)])
    assert len({workload.pair(number) for number in range(70)}) == 70


def _round(number: int, side: str, rate: float, cpu: float | None = 2.0) -> Round:
    return Round(
        number=number,
        side=side,
        requests=100,
        seconds=1.0,
        per_second=rate,
        p50_ms=10.0,
        p99_ms=20.0,
        cpu_ms_per_link=cpu,
        others_cores=None,
    )
