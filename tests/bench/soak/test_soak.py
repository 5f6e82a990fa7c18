import json
from dataclasses import replace
from pathlib import Path

from deploy.local.stack import Stack
from tests.bench.rounds import Round
from tests.bench.soak.comparisons import costs, memory
from tests.bench.soak.growth import LINK, LIST, links_of, side_of
from tests.bench.soak.memory import Sample
from tests.bench.soak.plan import SoakPlan
from tests.bench.soak.run import soak

TINY = SoakPlan(
    sizes=(100, 400),
    stretch=200,
    over_http=0.1,
    rounds=2,
    seconds=0.2,
    callers=8,
    documents=31,
    entities=100,
    listed=26,
)


async def test_a_run_grows_to_each_size_and_compares_them(stack: Stack, tmp_path: Path) -> None:
    report = await soak(stack, TINY, lambda _: None)
    report.write(tmp_path / "soak.json")
    written = json.loads((tmp_path / "soak.json").read_text())

    growing = [each["links"] for each in written["memory"] if each["service"] == "links"]
    assert growing == sorted(growing)
    assert growing[-1] >= 400
    services = {each.name for each in stack.services}
    assert {each["service"] for each in written["memory"]} == services
    names = [each["name"] for each in written["figures"]]
    assert names == [
        *("POST /link, CPU", "POST /link, p50"),
        *("GET documents, 25 of 1,000, CPU", "GET documents, 25 of 1,000, p50"),
        *(f"resident memory, {each.name}" for each in stack.services),
    ]
    for figure in written["figures"]:
        assert (figure["ours"], figure["rival"]) == ("400 links", "100 links")
        assert figure["met"] == (figure["ratio"] <= figure["goal"])
        assert 0 < figure["ratio_min"] <= figure["ratio"] <= figure["ratio_max"]
    assert written["left_out"] == []


async def test_when_its_time_is_over_it_measures_what_it_has_reached(stack: Stack) -> None:
    plan = replace(TINY, sizes=(10, 10_000_000), limit=0.0, rounds=1, callers=4)
    report = await soak(stack, plan, lambda _: None)
    assert report.left_out == ["10,000,000 links"]
    reached = {each.links for each in report.memory}
    assert max(reached) < 10_000_000
    assert {each.rival for each in report.figures} == {"10 links"}


async def test_a_database_that_is_filled_says_nothing_about_memory(stack: Stack) -> None:
    before = links_of(stack)
    report = await soak(stack, replace(TINY, filled=True), lambda _: None)
    assert links_of(stack) >= before + TINY.sizes[-1]
    assert [each.name for each in report.figures if each.name.startswith("resident")] == []
    assert {(each.ours, each.rival) for each in report.figures} == {("400 links", "100 links")}


def test_only_the_largest_size_has_a_goal() -> None:
    rounds = [
        Round(what, number, side_of(size), 100, 1.0, cost * 10, cost * 20, cost * 0.1)
        for size, cost in ((10, 1.0), (100, 1.1), (1000, 1.2))
        for what in (LINK, LIST)
        for number in (1, 2)
    ]
    found = {(each.name, each.ours): each for each in costs(rounds, [10, 100, 1000])}
    middle = found["POST /link, CPU", "100 links"]
    assert (middle.value, middle.rival_value, middle.ratio) == (1.1, 1.0, 1.1)
    assert (middle.goal, middle.met) == (None, None)
    assert found["POST /link, p50", "1,000 links"].met is False


def test_memory_is_compared_at_the_two_largest_sizes() -> None:
    held = {10: 70.0, 100: 80.0, 1000: 83.0}
    [found] = memory({size: [Sample("links", size, mib)] for size, mib in held.items()})
    assert (found.ours, found.rival) == ("1,000 links", "100 links")
    assert (found.ratio, found.met) == (1.038, True)
