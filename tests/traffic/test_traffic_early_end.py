"""A load ends early only where an objective is lost for sure, with one worker and with several."""

import random
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import msgspec
import pytest

from pgassay.exchange import Request
from pgassay.target.model import Family, Timing
from pgassay.traffic import judgement
from pgassay.traffic.early_end import EarlyEnd, Standing, Standings
from pgassay.traffic.lifecycle import Arrival
from pgassay.traffic.options import LoadOptions
from pgassay.traffic.outlook import Outlook, outlook, together
from pgassay.traffic.pauses import most_polls, pauses
from pgassay.traffic.plan import LoadPlan
from pgassay.traffic.plan_file import read
from pgassay.traffic.planning import Planner
from pgassay.traffic.record import LoadRecord
from pgassay.traffic.samples import FigureRecord, OperationRecord, Outcome, Sample
from pgassay.traffic.session import Answer
from pgassay.traffic.shares import shares
from pgassay.traffic.slo import Budget, Objective, Objectives
from pgassay.traffic.verdicts import lost
from pgassay.verdict import Verdict

from .plans import planned
from .virtual import START, Program, VirtualTime, carry_out, reference

#: How a worker stood from second to second, and its record.
Told: TypeAlias = tuple[list[Standing], LoadRecord]
CREATE = Objective("create-p95", "crud_lifecycle", "create", 95.0, 0.25)
ACTIVE = Objective("active-p95", "crud_lifecycle", "time_to_active", 95.0, 0.5)
ERRORS = Budget("errors", "crud_lifecycle", 0.01)
NOWHERE = "http://127.0.0.1:9"


def operation(name: str, latencies: list[float], outcome: Outcome) -> OperationRecord:
    found = OperationRecord(name, len(latencies), len(latencies))
    for latency in latencies:
        found.add(outcome, latency, 0.0, complete=outcome is not Outcome.FAILED)
    if outcome is Outcome.FAILED:
        found.errors = {"status 503": len(latencies)}
    return found


def waits(lowers: list[float]) -> FigureRecord:
    found = FigureRecord("time_to_active")
    for lower in lowers:
        found.add(Sample(0.0, lower, lower + 0.1, Outcome.SUCCEEDED))
    return found


@pytest.mark.parametrize("first", [0.02, 1.0, 5.0])
def test_no_wait_polls_more_often_than_the_bound_says(first: float) -> None:
    """Whatever pauses are drawn, and wherever the seconds begin within the wait."""
    numbers = random.Random(7)
    for seconds in (0.0, 0.5, 7.0, 60.0, 333.3):
        bound = most_polls(first, seconds)
        assert bound is not None
        for _ in range(20):
            due, begin = 0.0, numbers.uniform(0.0, 5 * first)
            polls = 0
            for pause in pauses(first, numbers):
                due += pause
                if due > begin + seconds:
                    break
                polls += due >= begin
            assert polls <= bound


def test_without_a_pause_polls_have_no_bound() -> None:
    """A budget of a scenario that polls is then never lost early."""
    timing = Timing(poll=0.0)
    load = planned(NOWHERE, Path())
    load = replace(load, target=replace(load.target, timing=timing))
    assert outlook(load, 10, 10.0) == Outlook(10, waits=20)
    assert outlook(replace(load, scenario="list_heavy"), 10, 10.0) == Outlook(10, 0, 10, 0)
    assert outlook(replace(load, scenario="of somebody"), 10, 10.0) == Outlook(10)


def test_outlooks_of_several_workers_add_up_and_no_bound_stays_none() -> None:
    """What has no bound for one worker has none for all."""
    assert together([Outlook(3, 10, 20, 6), Outlook(4, 5, 9, 8)]) == Outlook(7, 15, 29, 14)
    assert together([Outlook(3, 10, 20, 6), Outlook(4)]) == Outlook(7)


def test_requests_that_nobody_has_sent_yet_may_still_save_a_budget(tmp_path: Path) -> None:
    """After an outage each life brings reads and polls that dilute its errors."""
    load = planned(NOWHERE, tmp_path, objectives=Objectives(budget=(ERRORS,)))
    down = LoadRecord(operations=[operation("create", [0.1] * 30, Outcome.FAILED)])
    look = EarlyEnd(load)
    # Each life has five requests, and two waits with up to eight polls in a second.
    assert look(down, 200, 0.0) == ""
    # Three lives more cannot dilute thirty errors to one in a hundred.
    assert look(down, 3, 0.9).startswith("errors: 30 of 0 allowed errors")


def test_waits_lose_their_objective_once_no_end_that_still_comes_could_save_it() -> None:
    """What lies between two polls counts by the earlier one, and refusals by nothing."""
    found = LoadRecord(lifecycle=[waits([0.1] * 20 + [0.6] * 80)])
    refused = Sample(0.0, 9.0, 9.1, Outcome.FAILED)
    for _ in range(50):
        found.lifecycle[0].add(refused)
    objectives = Objectives((ACTIVE,))
    assert lost(objectives, found, Outlook(0, waits=5000)) is None
    assert lost(objectives, found, Outlook(0)) is None
    result = lost(objectives, found, Outlook(0, waits=900))
    assert result is not None
    assert (result.verdict, result.samples) == (Verdict.FAIL, 100)
    close = LoadRecord(lifecycle=[waits([0.45] * 100)])
    assert lost(objectives, close, Outlook(0, waits=0)) is None


@pytest.mark.parametrize("seed", range(5))
def test_what_a_worker_tells_decides_as_its_whole_record_would(tmp_path: Path, seed: int) -> None:
    """The short form that travels gives the same sentence, also for waits without an answer."""
    numbers = random.Random(seed)
    load = planned(NOWHERE, tmp_path, objectives=Objectives((CREATE, ACTIVE), (ERRORS,)))
    slow, long = numbers.choice([0.02, 0.2, 0.6]), numbers.choice([0.1, 1.0])

    def drawn(share: LoadPlan) -> LoadRecord:
        latencies = [numbers.expovariate(1 / slow) for _ in range(200)]
        found = LoadRecord(operations=[operation("create", latencies, Outcome.SUCCEEDED)])
        failed = [numbers.uniform(0.0, 1.0) for _ in range(numbers.choice([0, 0, 5]))]
        found.operations[0].merge(operation("create", failed, Outcome.FAILED))
        found.lags.record(numbers.choice([0.0001, 0.003]))
        found.lifecycle = [waits([numbers.expovariate(1 / long) for _ in range(100)])]
        return found

    parts = shares(load, 3)
    records = [drawn(share) for share in parts]
    whole = lost(load.objectives, LoadRecord.merge(records), Outlook(30, 30, 90, 30))
    standings = Standings(load.objectives, 3)
    for number, (share, found) in enumerate(zip(parts, records, strict=True)):
        look = EarlyEnd(share)
        assert look(found, 10, 0.0) == ""
        assert look.standing is not None
        assert standings.lost() == ""
        coming = Outlook(10, 10, 30, 10)
        standings.hear(f"c{number}", msgspec.structs.replace(look.standing, outlook=coming))
    assert standings.lost() == (f"{whole.id}: {whole.note}" if whole else "")
    assert standings.lost() == ""


class Listing(Program):
    """One arrival is one listing."""

    first_operation = "list"

    def arrive(self, arrival: Arrival) -> None:
        arrival.list()


class Outage:
    """A server that refuses, after half a second, until it has recovered."""

    def __init__(self, time: VirtualTime, seconds: float) -> None:
        self.time = time
        self.until = START + seconds

    def send(self, operation: str, request: Request) -> Answer:
        bad = operation == "list" and self.time.now() < self.until
        self.time.sleep(0.5 if bad else 0.01)
        return Answer(503 if bad else 200, b"[]" if operation == "list" else b'[{"uuid": "v1"}]')


def standings_of(load: LoadPlan, seconds: float, monkeypatch: pytest.MonkeyPatch) -> Told:
    """Carry out a share; return how it stood from second to second, and its record."""
    told: list[Standing] = []
    look = EarlyEnd.__call__

    def spy(self: EarlyEnd, found: LoadRecord, arrivals: int, elapsed: float) -> str:
        said = look(self, found, arrivals, elapsed)
        assert self.standing is not None
        told.append(self.standing)
        return said

    time = VirtualTime()
    with monkeypatch.context() as patch:
        patch.setattr(EarlyEnd, "__call__", spy)
        found = carry_out(load, time, Outage(time, seconds).send, Listing())
    return told, found


@pytest.mark.parametrize(
    ("seconds", "fails"),
    [
        pytest.param(30.0, True, id="an outage to the end"),
        pytest.param(6.0, True, id="long enough"),
        pytest.param(3.5, False, id="not quite"),
    ],
)
def test_standings_of_whatever_age_prove_only_what_the_whole_load_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seconds: float, fails: bool
) -> None:
    """Messages may be late, lost or of different moments: counts lag behind and never lead."""
    budget = Budget("errors", "list_heavy", 0.2)
    load = planned(
        NOWHERE,
        tmp_path,
        scenario="list_heavy",
        rate=30.0,
        duration=20.0,
        objectives=Objectives(budget=(budget,)),
    )
    shared = [standings_of(share, seconds, monkeypatch) for share in shares(load, 3)]
    whole = LoadRecord.merge(found for _, found in shared)
    assert judgement.judge(load, whole, load.objectives).verdict is (
        Verdict.FAIL if fails else Verdict.PASS
    )
    ages, said = random.Random(3), set()
    for _ in range(200):
        standings = Standings(load.objectives, 3)
        for number, (told, _) in enumerate(shared):
            standings.hear(f"c{number}", ages.choice(told))
        said.add(bool(standings.lost()))
    assert said == ({True, False} if fails else {False})


def test_an_outage_ends_a_scenario_that_polls(tmp_path: Path) -> None:
    """Polls are bounded by the time that is left, so that the budget is lost before the end."""
    time = VirtualTime()
    load = planned(
        NOWHERE,
        tmp_path,
        scenario="burst",
        duration=20.0,
        objectives=Objectives(budget=(replace(ERRORS, scenario="burst"),)),
    )
    found = carry_out(load, time, Outage(time, 30.0).send, Listing())
    assert found.ended.startswith("errors: ")
    assert 0 < found.offered < 400


def test_a_load_whose_resources_become_active_too_late_ends_early(tmp_path: Path) -> None:
    """The time to active is lost for sure long before the last arrival."""
    time = VirtualTime()
    with reference(time) as server:
        options = LoadOptions((Family.DBAAS,), ("crud_lifecycle",), 1, rate=10.0, duration=30.0)
        (plan,) = Planner(server.target, options, read("smoke"), tmp_path).plans()
        objectives = Objectives((replace(ACTIVE, limit=0.001),))
        load = replace(plan, objectives=objectives)
        found = carry_out(load, time, server.send, credentials=server.target.credentials)
    assert found.ended.startswith("active-p95: even the lower bound")
    assert found.offered < 150
    assert (found.created, found.left) == (found.removed, ())
