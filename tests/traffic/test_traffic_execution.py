"""Plans are carried out as they say, whatever the server does: seen in virtual time."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from pgassay.exchange import Request
from pgassay.results import LoadScenario
from pgassay.target.model import Family, Target, Timing
from pgassay.traffic import judgement, watching
from pgassay.traffic.lifecycle import Arrival
from pgassay.traffic.phase import Phase
from pgassay.traffic.plan import LoadPlan
from pgassay.traffic.session import Answer
from pgassay.traffic.slo import Objective, Objectives
from pgassay.verdict import Verdict

from .virtual import START, Program, VirtualTime, carry_out

LATENCY = 0.004


class Listing(Program):
    """One arrival is one listing."""

    first_operation = "list"

    def arrive(self, arrival: Arrival) -> None:
        arrival.list()


class Server:
    """A server of a constant latency that stalls once: nothing is answered in the meantime."""

    def __init__(self, time: VirtualTime, begin: float = 0.0, seconds: float = 0.0) -> None:
        self.time = time
        self.stall = (START + begin, START + begin + seconds)
        self.latency = LATENCY
        self.listed: list[float] = []

    def send(self, operation: str, request: Request) -> Answer:
        begin, end = self.stall
        if begin <= self.time.now() < end:
            self.time.sleep(end - self.time.now())
        if operation == "list":
            self.listed.append(self.time.now() - START)
        self.time.sleep(self.latency)
        body = {"versions": [{"uuid": "v1"}]} if operation == "versions" else []
        return Answer(200, json.dumps(body).encode())


def planned(folder: Path, **changes: object) -> LoadPlan:
    target = Target(
        "virtual", "http://127.0.0.1", (Family.DBAAS,), timing=Timing(poll=0.1, settle=0.1)
    )
    base = LoadPlan(
        family=Family.DBAAS,
        scenario="listing",
        program="",
        rate=100.0,
        duration=8.0,
        drain=10.0,
        max_in_flight=1000,
        pool=0,
        seed=1,
        run="0a1b2c3d",
        nonce="0a1b2c3da",
        target=target,
        journal=str(folder / "load.jsonl"),
        output=str(folder / "load.samples.json"),
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def measured(plan: LoadPlan, server: Server) -> LoadScenario:
    found = carry_out(plan, server.time, server.send, Listing())
    return judgement.judge(plan, found, plan.objectives)


def figure(result: LoadScenario, q: float) -> float:
    (listing,) = result.operations
    (value,) = [item.value for item in listing.percentiles if item.q == q]
    assert value is not None
    return value


def test_the_open_model_shows_a_stall_to_everybody_who_came_meanwhile(tmp_path: Path) -> None:
    result = measured(planned(tmp_path), Server(VirtualTime(), begin=3.0, seconds=2.0))
    assert (result.offered, result.dropped) == (800, 0)
    assert figure(result, 90.0) > 1.0
    assert figure(result, 50.0) == pytest.approx(LATENCY, rel=0.01)
    assert 1.9 < (result.operations[0].maximum or 0.0) < 2.01


def test_the_closed_model_hides_it_and_is_marked(tmp_path: Path) -> None:
    plan = planned(tmp_path, model="closed", users=10, think=0.096)
    result = measured(plan, Server(VirtualTime(), begin=3.0, seconds=2.0))
    # Ten users came once during the stall and then waited, all others are good.
    assert 580 <= result.offered <= 620
    assert figure(result, 90.0) < 0.01
    assert 1.9 < (result.operations[0].maximum or 0.0) < 2.01


def test_arrivals_are_sent_at_their_times_however_slow_the_server_is(tmp_path: Path) -> None:
    moments = []
    for latency in (0.001, 0.9):
        server = Server(VirtualTime())
        server.latency = latency
        measured(planned(tmp_path, duration=2.0), server)
        start = server.listed[0]
        moments.append([moment - start for moment in server.listed if moment - start < 1.8])
    assert moments[0] == pytest.approx(moments[1])


def test_phases_come_one_after_the_other_and_only_the_measured_ones_are_judged(
    tmp_path: Path,
) -> None:
    phases = (
        Phase("warm-up", 2.0, "constant", 10.0, 10.0, measured=False),
        Phase("ramp", 2.0, "constant", 10.0, 30.0, measured=False),
        Phase("steady", 2.0, "constant", 30.0, 30.0),
        Phase("spike", 1.0, "constant", 90.0, 90.0),
    )
    server = Server(VirtualTime())
    plan = planned(tmp_path, phases=phases, duration=7.0)
    found = carry_out(plan, server.time, server.send, Listing())
    # The listings of the settlement come after the load.
    seconds = [
        sum(second <= moment < second + 1 for moment in server.listed) for second in range(7)
    ]
    assert seconds[:2] == [10, 10]
    assert seconds[2] + seconds[3] == 40
    assert seconds[4:] == [30, 30, 90]
    (listing,) = found.operations
    assert listing.answered.count == 150
    assert sum(listing.unjudged.values()) == 60


def test_a_request_that_is_due_in_the_warm_up_is_not_judged_even_if_its_answer_comes_later(
    tmp_path: Path,
) -> None:
    phases = (
        Phase("warm-up", 2.0, "constant", 50.0, 50.0, measured=False),
        Phase("steady", 6.0, "constant", 50.0, 50.0),
    )
    plan = planned(tmp_path, phases=phases, rate=50.0)
    result = measured(plan, Server(VirtualTime(), begin=1.0, seconds=1.0))
    assert figure(result, 99.0) < 0.01


def test_arrivals_end_early_once_an_objective_is_lost_for_sure(tmp_path: Path) -> None:
    objective = Objective("list-p50", "listing", "list", 50.0, 0.002)
    plan = planned(tmp_path, objectives=Objectives((objective,)))
    result = measured(plan, Server(VirtualTime()))
    # More than half of the 800 must be too slow, and some more for the interval.
    assert 400 < result.offered < 700
    assert result.verdict is Verdict.FAIL
    assert "ended early: list-p50" in result.note


def test_arrivals_do_not_end_while_an_objective_can_still_be_kept(tmp_path: Path) -> None:
    objective = Objective("list-p90", "listing", "list", 90.0, 1.0)
    plan = planned(tmp_path, objectives=Objectives((objective,)))
    assert measured(plan, Server(VirtualTime(), begin=0.0, seconds=1.5)).offered == 800


def test_judging_in_pauses_says_nothing_about_how_busy_the_generator_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the processor has nothing to do but to judge, the load takes no share of it."""
    spent = [0.0]

    def judge(*_: object) -> None:
        spent[0] += 0.016

    monkeypatch.setattr(watching, "_ROOM", 1000)
    monkeypatch.setattr(watching.Watching, "_judge", judge)
    monkeypatch.setattr(watching.Watching, "_repeats", lambda *_: False)
    monkeypatch.setattr("time.process_time", lambda: spent[0])
    server = Server(VirtualTime())
    plan = planned(tmp_path, rate=50.0, duration=4.0)
    found = carry_out(plan, server.time, server.send, Listing())
    assert found.judging > 0.3
    assert found.judging == pytest.approx(spent[0] / found.duration, rel=0.1)
    assert found.cpu == pytest.approx(0.0, abs=0.01)


def test_what_has_no_answer_when_the_drain_is_over_is_unfinished(tmp_path: Path) -> None:
    plan = planned(tmp_path, rate=10.0, duration=2.0, drain=1.0)
    server = Server(VirtualTime(), begin=1.5, seconds=30.0)
    found = carry_out(plan, server.time, server.send, Listing())
    result = judgement.judge(plan, found, Objectives())
    (listing,) = result.operations
    assert listing.unfinished > 0
    assert listing.succeeded + listing.unfinished == listing.sent == result.offered == 20


def test_a_stop_ends_the_arrivals_and_leaves_a_record(tmp_path: Path) -> None:
    class Impatient(Listing):
        def arrive(self, arrival: Arrival) -> None:
            arrival.list()
            if arrival.number == 50:
                raise RuntimeError("a defect of the suite")

    server = Server(VirtualTime())
    plan = planned(tmp_path)
    with pytest.raises(AssertionError, match="a defect of the suite"):
        carry_out(plan, server.time, server.send, Impatient())
    assert len(server.listed) < 100
