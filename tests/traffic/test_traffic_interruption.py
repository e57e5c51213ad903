"""What ends a run before its plan does not lose what was measured until then; Ctrl-C above all."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from pgassay import results as results_module
from pgassay import traffic
from pgassay.errors import ConfigurationError
from pgassay.results import RequirementResult
from pgassay.run.assembly import with_load
from pgassay.target.model import Credential, Family, Scheme, Target
from pgassay.traffic import examination, judgement, limits, load_process, plan_file, record, slo
from pgassay.traffic.command import Finished
from pgassay.traffic.examination import Examination
from pgassay.traffic.limits import Searches
from pgassay.traffic.options import LoadOptions
from pgassay.traffic.outcome import Outcome
from pgassay.traffic.plan import LoadPlan
from pgassay.traffic.record import LoadRecord
from pgassay.traffic.samples import OperationRecord
from pgassay.traffic.slo import Objectives
from pgassay.traffic.workforce import Workforce
from pgassay.verdict import Verdict

from .plans import RESULTS, planned

BOTH = (Family.CLICKHOUSE, Family.DBAAS)
TARGET = Target("server", "http://server", BOTH, {"main": Credential(Scheme.NONE)})
SEARCHES = """
name = "test"
[[phase]]
name = "steady"
seconds = 5
[scenario.crud_lifecycle]
rate = 5
on_request = true
[capacity]
scenario = "crud_lifecycle"
objectives = ["crud-create-p95"]
lowest = 5
highest = 40
seconds = 30
[growth]
sizes = [10, 100, 1000]
samples = 20
[growth.laws]
read = "constant"
"""


def measured(*, interrupted: bool = True) -> LoadRecord:
    """A load that kept its objectives as long as it lasted."""
    create = OperationRecord("create", offered=500, sent=500)
    for _ in range(500):
        create.add(Outcome.SUCCEEDED, 0.01, 0.0, complete=True)
    return LoadRecord(
        offered=500, sent=500, operations=[create], created=9, removed=9, interrupted=interrupted
    )


@dataclass
class Generator:
    """Load processes that are none; the last load that is begun is interrupted."""

    whole: int = 0
    between: bool = False  # whether the interruption comes before that load
    plans: list[LoadPlan] = field(default_factory=list)
    deserted: bool = False  # whether the workers of that load do not come

    def carry_out(self, load: LoadPlan, stem: Path) -> LoadRecord:
        """The record of one load."""
        del stem
        self.plans.append(load)
        last = len(self.plans) > self.whole
        if last and self.deserted:
            raise ConfigurationError("1 of 2 workers came")
        if last and self.between:
            raise KeyboardInterrupt
        return measured(interrupted=last)


@pytest.fixture
def put(monkeypatch: pytest.MonkeyPatch) -> Callable[[Generator], None]:
    """Put a generator in the place of load processes."""

    def place(source: Generator) -> None:
        @contextmanager
        def stand_in(*_: object, **__: object) -> Iterator[Generator]:
            yield source

        monkeypatch.setattr(examination, "generator", stand_in)
        monkeypatch.setattr(limits, "generator", stand_in)
        monkeypatch.setattr(limits, "OneProcess", lambda *_: source)

    return place


@pytest.mark.parametrize("between", [False, True])
def test_scenarios_after_an_interruption_are_not_begun_and_those_before_are_kept(
    put: Callable[[Generator], None], tmp_path: Path, between: bool
) -> None:
    source = Generator(whole=2, between=between)
    put(source)
    found = Examination(TARGET, LoadOptions(), tmp_path, lambda text: None, None).run()
    assert found.interrupted
    assert len(source.plans) == 3
    assert [load.interrupted for load in found.load] == [False, False] + [True] * (not between)


@pytest.mark.parametrize(
    ("whole", "between", "trials"),
    [(0, False, 0), (2, False, 2), (2, True, 2)],
)
def test_a_search_ends_where_it_is_interrupted_and_tells_what_it_found(
    put: Callable[[Generator], None],
    tmp_path: Path,
    whole: int,
    between: bool,
    trials: int,
) -> None:
    source = Generator(whole, between)
    put(source)
    (tmp_path / "plan.toml").write_text(SEARCHES, encoding="utf-8")
    plan = plan_file.read(str(tmp_path / "plan.toml"))
    found = Searches(TARGET, plan, LoadOptions(), tmp_path, lambda text: None, None).run()
    assert found.interrupted
    assert len(source.plans) == whole + 1
    [capacity] = found.capacity
    assert (capacity.verdict, capacity.note.split(";")[0]) == (Verdict.INCONCLUSIVE, "interrupted")
    assert "highest rate of the plan" not in capacity.note
    assert (len(capacity.trials), len(found.growth)) == (trials, 0)
    assert len(found.load) + len(found.trials) == whole + (not between)


def test_an_interrupted_growth_is_the_last_one(
    put: Callable[[Generator], None], tmp_path: Path
) -> None:
    source = Generator()
    put(source)
    growth = 'name = "test"\n[growth]' + SEARCHES.partition("[growth]")[2]
    (tmp_path / "plan.toml").write_text(growth, "utf-8")
    plan = plan_file.read(str(tmp_path / "plan.toml"))
    found = Searches(TARGET, plan, LoadOptions(), tmp_path, lambda text: None, None).run()
    assert (found.interrupted, len(source.plans)) == (True, 1)
    assert {one.verdict for one in found.growth} == {Verdict.INCONCLUSIVE}


def test_workers_that_do_not_come_back_cost_their_own_scenario_alone(
    put: Callable[[Generator], None], tmp_path: Path
) -> None:
    put(Generator(whole=1, deserted=True))
    found = Examination(TARGET, LoadOptions(), tmp_path, lambda text: None, None).run()
    assert not found.interrupted
    first, *others = found.load
    assert first.sent == 500
    assert {(load.verdict, load.note) for load in others} == {
        (Verdict.INCONCLUSIVE, "1 of 2 workers came.")
    }
    put(Generator(whole=0, deserted=True))
    with pytest.raises(ConfigurationError, match="1 of 2 workers came"):
        Examination(TARGET, LoadOptions(), tmp_path, lambda text: None, None).run()


def test_workers_that_do_not_come_back_end_a_search_that_keeps_what_it_found(
    put: Callable[[Generator], None], tmp_path: Path
) -> None:
    (tmp_path / "plan.toml").write_text(SEARCHES.partition("[growth]")[0], encoding="utf-8")
    plan = plan_file.read(str(tmp_path / "plan.toml"))
    target = replace(TARGET, families=(Family.DBAAS,))
    put(Generator(whole=2, deserted=True))
    found = Searches(target, plan, LoadOptions(), tmp_path, lambda text: None, None).run()
    [capacity] = found.capacity
    assert (len(capacity.trials), capacity.verdict) == (2, Verdict.INCONCLUSIVE)
    assert "1 of 2 workers came" in capacity.note
    put(Generator(whole=0, deserted=True))
    with pytest.raises(ConfigurationError):
        Searches(target, plan, LoadOptions(), tmp_path, lambda text: None, None).run()


def judged(found: LoadRecord, folder: Path) -> traffic.Found:
    """What is said of a load with the shipped objectives."""
    load = planned("http://server", folder)
    return traffic.Found((judgement.judge(load, found, slo.read(slo.shipped())),))


def test_what_was_interrupted_keeps_no_objective_and_proves_no_requirement(tmp_path: Path) -> None:
    rows = tuple(
        RequirementResult(name, Family.DBAAS, "MUST", "", "load", "", "", "", Verdict.NOT_TESTABLE)
        for name in ("DB-LOAD-SLO", "DB-LOAD-LEDGER", "DB-LOAD-NO-5XX")
    )
    whole = judged(measured(interrupted=False), tmp_path).load
    assert Verdict.PASS in {item.verdict for item in whole[0].slos}
    kept = with_load(replace(RESULTS, requirements=rows), whole).requirements
    assert [row.verdict for row in kept[1:]] == [Verdict.PASS, Verdict.PASS]
    cut = judged(measured(), tmp_path).load
    assert cut[0].note == "interrupted"
    assert {item.verdict for item in cut[0].slos} == {Verdict.INCONCLUSIVE}
    open_ = with_load(replace(RESULTS, requirements=rows), cut).requirements
    assert {row.verdict for row in open_} == {Verdict.INCONCLUSIVE}
    assert all("interrupted" in row.note for row in open_)


class Endless:
    """A process that is interrupted each time when it is waited for."""

    stdin = None

    def wait(self, _: float | None = None) -> int:
        """Never ends."""
        raise KeyboardInterrupt

    def terminate(self) -> None:
        """Asked to clean up; it takes its time."""


def test_a_second_interruption_does_not_wait_and_tells_what_the_files_prove(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(load_process, "start", lambda *_, **__: Endless())
    monkeypatch.setattr(load_process, "hand_over", lambda *_: None)
    told: list[str] = []
    load = planned("http://127.0.0.1:9", tmp_path)
    found = load_process.carry_out(load, (), tmp_path / "load", told.append)
    assert (found.interrupted, found.crash) == (True, "")
    assert told == [load_process.INTERRUPTED]
    result = judgement.judge(load, found, Objectives())
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "was not waited for" in result.note
    record.write(measured(interrupted=False), Path(load.output))
    found = load_process.carry_out(load, (), tmp_path / "load", told.append)
    assert (found.interrupted, found.sent) == (True, 500)


def test_interrupted_workers_are_told_to_end_and_those_not_waited_for_are_lost(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    told: list[str] = []
    force = object.__new__(Workforce)
    monkeypatch.setattr(force, "_workers", 1, raising=False)
    monkeypatch.setattr(force, "_progress", told.append, raising=False)
    monkeypatch.setattr(force, "_tell", lambda order: told.append(type(order).__name__))
    ends: list[Finished | None] = [None, Finished({0: "worker 0 is gone"})]

    def await_end() -> Finished | None:
        if len(ends) == 2:
            ends.pop(0)
            raise KeyboardInterrupt
        return ends.pop()

    monkeypatch.setattr(force, "_await_end", await_end)
    found = force.carry_out(planned("http://127.0.0.1:9", tmp_path), tmp_path / "load")
    assert told == ["CarryOut", load_process.INTERRUPTED, "Halt"]
    assert found.interrupted
    assert "worker 0 is gone" in found.lost[0]


def started(folder: Path, *options: str) -> "subprocess.Popen[str]":
    """A load of the reference with these options; its files go to `folder`."""
    arguments = ("load", "--family", "dbaas", "--duration", "300", "--output", str(folder))
    return subprocess.Popen(
        [sys.executable, "-m", "pgassay", *arguments, *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        env=os.environ | {"COLUMNS": "200"},
    )


@pytest.mark.parametrize("workers", ["1", "2"])
def test_an_interrupted_command_reports_and_leaves_nothing(tmp_path: Path, workers: str) -> None:
    """As by Ctrl-C, which reaches all processes of the group."""
    process = started(tmp_path / "run", "--workers", workers)
    assert process.stdout is not None
    for line in process.stdout:
        if "phase" in line and "answered 0/s" not in line and "preparing" not in line:
            break
    os.killpg(process.pid, signal.SIGINT)
    shown, _ = process.communicate(timeout=120)
    assert process.returncode == 4, shown
    assert "The run was interrupted, so this is not the whole picture." in shown
    found = results_module.read(tmp_path / "run" / "results.json")
    assert found.run.interrupted
    assert found.cleanup.created == found.cleanup.removed > 0
    [load] = found.load
    assert (load.verdict, load.interrupted) == (Verdict.INCONCLUSIVE, True)
    assert re.match(r"interrupted after [0-9.]+ of 300 s", load.note)
    assert load.workers == int(workers)
    assert sum(item.succeeded for item in load.operations) > 0
    assert (tmp_path / "run" / "report.html").is_file()
