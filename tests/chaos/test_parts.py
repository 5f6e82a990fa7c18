"""The parts of a run, each on its own."""

from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

from tests.bench.machine import Machine
from tests.chaos.compare import Findings
from tests.chaos.journal import Journal, Reader
from tests.chaos.killer import Struck, script
from tests.chaos.phase import Result
from tests.chaos.probe import Probe, recovery
from tests.chaos.publishers import KINDS
from tests.chaos.report import Report
from tests.chaos.victims import Victim
from tests.chaos.workload import CRM_LINK, Workload, World

WORLD = World(
    workspace_id="ws_1",
    documents=[f"doc_{n}" for n in range(7)],
    entities=[f"c_{n}" for n in range(50)],
    links=[(f"dlnk_{n}", f"doc_{n}") for n in range(9)],
    sources=["doc_s", "doc_t"],
    crms=["crm-1"],
)
CLEAN = Result(
    name="services",
    asked=10,
    accepted=9,
    findings=Findings(),
    parked=0,
    struck=[Struck("database", 1, 2.5), Struck("links 1 + broker", 2, 4.5)],
    seconds=1.0,
    settling=1.0,
    left={},
    reached=True,
)
LOSSY = replace(CLEAN, name="broken", findings=Findings(effects_missing=["a", "b"]))
MACHINE = Machine(2, "cpu", "system", "3.11", "broker", "database", {}, 0.5)


def _victim(name: str) -> Victim:
    return Victim(name, (name,), lambda: lambda: None)


def test_no_party_asks_for_what_another_one_asks_for() -> None:
    wishes = [
        (wish.command, wish.key)
        for share in range(3)
        for wish in islice(Workload(WORLD, f"p{share}", (share, 3), 1).wishes(KINDS), 100)
    ]
    assert len(set(wishes)) == len(wishes) == 300
    assert {command for command, _ in wishes} | {CRM_LINK} == set(KINDS)


def test_the_same_seed_gives_the_same_commands_and_the_same_strikes() -> None:
    def commands(seed: int) -> list[str]:
        return [w.key for w in islice(Workload(WORLD, "p", (0, 1), seed).wishes(KINDS), 50)]

    def strikes(seed: str) -> list[str]:
        victims = [_victim(name) for name in ("a", "b", "c")]
        return [str(strike) for strike in islice(script(victims, seed), 50)]

    assert commands(1) == commands(1) != commands(2)
    assert strikes("1") == strikes("1") != strikes("2")


def test_everybody_is_struck_alone_and_with_others() -> None:
    victims = [_victim(name) for name in ("a", "b", "c")]
    struck = [strike.victims for strike in islice(script(victims, "1"), 30)]
    assert {each[0].name for each in struck if len(each) == 1} == {"a", "b", "c"}
    assert any(len(each) > 1 for each in struck)


def _probes(answers: str, path: str = "links") -> list[Probe]:
    """One a second, each of which takes half a second; `+` for success."""
    return [Probe(path, float(n), n + 0.5, each == "+") for n, each in enumerate(answers)]


def test_recovery_is_when_probes_that_began_later_succeed_steadily() -> None:
    assert recovery(_probes("++++"), ["links"], 0.5) == 1.0
    assert recovery(_probes("++-+++"), ["links"], 0.5) == 3.0
    assert recovery(_probes("+--++"), ["links"], 0.5) is None


def test_recovery_is_that_of_the_slowest_path() -> None:
    slow = _probes("--+++", path="registry")
    probes = [*_probes("+++++"), *slow]
    assert recovery(probes, ["links", "registry"], 0.0) == 2.5
    assert recovery(probes, ["registry", "links"], 0.0) == 2.5
    assert recovery(probes, ["links", "crm_sync"], 0.0) is None


def test_a_reader_leaves_half_a_line_for_later(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    reader = Reader(path)
    assert reader.news() == []
    Journal(path).note("begun", number="1")
    with path.open("a") as file:
        file.write('{"what": "con')
    assert [note["number"] for note in reader.news()] == ["1"]
    with path.open("a") as file:
        file.write('firmed"}\n')
    assert reader.news() == [{"what": "confirmed"}]


def test_a_clean_run_with_a_broken_one_that_lost_something_has_no_faults() -> None:
    report = Report(7, MACHINE, [CLEAN], LOSSY)
    assert report.faults == []
    assert "4.5" in report.table()


@pytest.mark.parametrize(
    "worse",
    [
        *(replace(CLEAN, findings=Findings(**{kind: ["a fault"]})) for kind in vars(Findings())),
        replace(CLEAN, parked=1),
        replace(CLEAN, reached=False),
        replace(CLEAN, left={"queue": 1}),
        replace(CLEAN, struck=[Struck("database", 1, None)]),
    ],
)
def test_whatever_is_wrong_with_a_phase_is_a_fault_of_the_run(worse: Result) -> None:
    assert len(Report(7, MACHINE, [CLEAN, worse], LOSSY).faults) == 1


def test_a_broken_run_that_loses_nothing_is_a_fault() -> None:
    assert len(Report(7, MACHINE, [CLEAN], replace(CLEAN, name="broken")).faults) == 1
