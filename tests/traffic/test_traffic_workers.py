"""Several workers carry out one plan: who may come, who is lost, what the shares add up to."""

import contextlib
import itertools
import json
import os
import signal
import socket
import threading
import urllib.request
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from pgassay.errors import UsageError
from pgassay.run.sweep import sweep
from pgassay.target.model import Credential, Limits, Scheme
from pgassay.traffic import figures, judgement, orders, record
from pgassay.traffic.arrivals import schedule
from pgassay.traffic.early_end import Standing
from pgassay.traffic.generator import Generator, generator
from pgassay.traffic.muster import Muster
from pgassay.traffic.options import LoadOptions
from pgassay.traffic.orders import SILENCE, Assign, End, Identity, Order, Stage, Start, State, Stop
from pgassay.traffic.outlook import Outlook
from pgassay.traffic.plan import LoadPlan
from pgassay.traffic.record import LoadRecord
from pgassay.traffic.round import Allowance, Round, Seat
from pgassay.traffic.samples import OperationRecord, Outcome
from pgassay.traffic.shares import prefix, shares
from pgassay.traffic.silence import Silence
from pgassay.traffic.slo import Objective, Objectives
from pgassay.verdict import Verdict
from pgassay.waiting import wait_until

from .plans import TOKEN, planned, requests_of

#: `Stub` of conftest.py, which importlib mode does not let tests import.
Stub: TypeAlias = Any
#: The limit is long: a tenth of it is what the generator may be late on a machine that is busy.
SLOW = {
    "duration": 20.0,
    "objectives": Objectives((Objective("create-p99", "crud_lifecycle", "create", 99.0, 3.0),)),
}
OURS = Identity("1.0", "a" * 64)


def state(assignment: int = 0, stage: Stage = Stage.IDLE, **changes: Any) -> State:
    return State(OURS, "host", 1, assignment, stage, **changes)


class Stage3:
    """A round of three workers on a clock that tests turn; `sent` are the orders."""

    def __init__(self, place: Path, **changes: Any) -> None:
        self.now = 100.0
        self.sent: list[tuple[str, Order]] = []
        plans = shares(planned("http://127.0.0.1:9", place, **changes), 3)
        seats = {
            f"c{share.worker}": Seat(share, "host", Silence(lambda: self.now)) for share in plans
        }
        self.round = Round(1, seats, Allowance(60.0, 10.0, SILENCE), self._send, lambda: self.now)

    def _send(self, client: str, order: Order) -> None:
        self.sent.append((client, order))

    def say(self, stage: Stage, *clients: str, **changes: Any) -> None:
        for client in clients or ("c0", "c1", "c2"):
            self.round.hear(client, state(1, stage, **changes))

    def advance(self, seconds: float = 0.0) -> None:
        self.now += seconds
        self.round.advance()

    def kinds(self, kind: type[Order]) -> list[str]:
        return [client for client, order in self.sent if isinstance(order, kind)]

    def lost(self) -> list[str]:
        return [seat.lost for seat in self.round.seats.values() if seat.lost]

    def load(self) -> None:
        """Bring all workers to where the load runs."""
        self.advance()
        self.say(Stage.PREPARED)
        self.advance()
        self.say(Stage.LOADING)


@pytest.fixture
def stage(tmp_path: Path) -> Stage3:
    return Stage3(tmp_path)


def test_the_load_begins_when_the_last_worker_is_prepared_and_at_one_moment(stage: Stage3) -> None:
    stage.advance()
    assert stage.kinds(Assign) == ["c0", "c1", "c2"]
    stage.say(Stage.PREPARED, "c0", "c1")
    stage.advance()
    assert stage.kinds(Start) == []
    stage.say(Stage.PREPARED, "c2")
    stage.advance()
    assert stage.kinds(Start) == ["c0", "c1", "c2"]
    assert len({order.delay for _, order in stage.sent if isinstance(order, Start)}) == 1


def test_an_order_that_was_not_heard_is_repeated(stage: Stage3) -> None:
    stage.advance()
    stage.say(Stage.PREPARING, "c0", "c1")
    stage.round.hear("c2", state())
    stage.advance(3.0)
    assert stage.kinds(Assign) == ["c0", "c1", "c2", "c2"]


def test_a_worker_that_dies_ends_the_load_and_is_named(stage: Stage3) -> None:
    stage.load()
    stage.round.lose("c1", "died")
    stage.advance()
    assert stage.kinds(Stop) == ["c0", "c2"]
    stage.say(Stage.ENDED, "c0", "c2")
    assert stage.round.over
    assert stage.lost() == ["worker 1 on host died"]


def test_a_worker_that_falls_silent_is_lost_and_not_heard_again(stage: Stage3) -> None:
    stage.load()
    for _ in range(int(SILENCE) + 1):
        stage.say(Stage.LOADING, "c0", "c2")
        stage.advance(1.0)
    assert stage.lost() == [f"worker 1 on host was not heard of for {SILENCE:g} s"]
    stage.say(Stage.ENDED)
    assert stage.round.over
    assert len(stage.lost()) == 1


def test_a_master_that_was_asleep_blames_no_worker_for_it(stage: Stage3) -> None:
    stage.load()
    stage.advance(10 * SILENCE)
    assert not stage.lost()


def test_a_worker_that_begins_later_than_the_others_is_lost(stage: Stage3) -> None:
    stage.advance()
    stage.say(Stage.PREPARED)
    stage.advance()
    stage.say(Stage.LOADING, "c0", "c1")
    stage.advance(3.0)
    assert stage.lost() == ["worker 2 on host did not begin with the others"]


def test_a_worker_that_cannot_take_its_plan_keeps_the_others_from_beginning(stage: Stage3) -> None:
    stage.advance()
    stage.say(Stage.PREPARED, "c0", "c1")
    stage.say(Stage.ENDED, "c2", trouble="no such scenario")
    stage.advance()
    assert (stage.kinds(Start), stage.kinds(Stop)) == ([], ["c0", "c1"])
    assert stage.lost() == ["worker 2 on host could not carry out its plan: no such scenario"]


def test_a_worker_that_never_ends_is_given_up(stage: Stage3) -> None:
    stage.load()
    for _ in range(80):
        stage.say(Stage.LOADING)
        stage.advance(1.0)
    assert stage.round.over
    assert stage.lost() == [f"worker {n} on host did not end within 10 s" for n in range(3)]


def test_an_objective_that_is_lost_for_all_workers_together_ends_the_load(tmp_path: Path) -> None:
    """Every worker is told why, again until it ends, and none before all were heard."""
    objective = Objective("create-p50", "crud_lifecycle", "create", 50.0, 0.1)
    stage = Stage3(tmp_path, objectives=Objectives((objective,)))
    stage.load()
    slow = OperationRecord("create")
    for _ in range(20):
        slow.add(Outcome.SUCCEEDED, 0.2, 0.0, complete=True)
    standing = Standing(record.encode(LoadRecord(operations=[slow])), Outlook(2))
    for client in ("c0", "c1"):
        stage.round.weigh(client, standing)
        stage.advance()
    stage.round.weigh("c2", Standing(b"no record", Outlook(0)))
    stage.round.weigh("a stranger", standing)
    stage.advance()
    assert stage.kinds(End) == []
    stage.round.weigh("c2", standing)
    stage.advance()
    assert stage.kinds(End) == ["c0", "c1", "c2"]
    stage.say(Stage.ENDED, "c0", "c1")
    stage.advance(3.0)
    assert stage.kinds(End) == ["c0", "c1", "c2", "c2"]
    assert {order.reason for _, order in stage.sent if isinstance(order, End)} == {
        "create-p50: even the lower bound, 0.200 s, breaks the limit"
    }
    assert not stage.lost()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"identity": Identity("0.9", OURS.specification)}, "it is pgassay 0.9"),
        ({"identity": Identity(OURS.pgassay, "b" * 64)}, "its specification"),
        ({"assignment": 3}, "it was given up before"),
    ],
)
def test_a_worker_that_does_not_fit_is_refused_with_the_reason(
    changes: dict[str, Any], reason: str
) -> None:
    muster = Muster(OURS, 2, SILENCE, lambda: 0.0)
    fitting = State(OURS, "host", 1)
    other = State(**{name: getattr(fitting, name) for name in fitting.__struct_fields__} | changes)
    assert muster.hear("c0", other).startswith(reason)
    assert not muster.members


def test_a_worker_that_comes_late_or_beyond_the_number_is_refused() -> None:
    muster = Muster(OURS, 2, SILENCE, lambda: 0.0)
    assert [muster.hear(f"c{n}", state()) for n in range(3)] == [
        "",
        "",
        "the run has all of its 2 workers",
    ]
    assert muster.missing() == ()
    muster.drop("c1")
    assert muster.missing() == ("worker 1, last on host",)
    muster.open = False
    assert muster.hear("c3", state()) == "it came too late: the load has begun"
    muster.open = True
    assert muster.hear("c3", state()) == ""
    assert muster.members["c3"].number == 1


def test_the_shares_of_all_workers_are_the_whole(tmp_path: Path) -> None:
    load = planned(
        "http://127.0.0.1:9", tmp_path, max_in_flight=10, pool=7, rate=50.0, duration=0.7
    )
    limits = Limits(requests_per_second=30.0)
    load = replace(load, target=replace(load.target, limits=limits))
    for workers in (1, 3, 4):
        parts = shares(load, workers)
        assert sum(part.max_in_flight for part in parts) == 10
        assert sum(part.pool for part in parts) == 7
        per_second = sum(part.target.limits.requests_per_second for part in parts)
        assert per_second == pytest.approx(30.0)
        arrivals = [len(list(_times(part))) for part in parts]
        assert sum(arrivals) == 35


def _times(share: LoadPlan) -> list[float]:
    return list(schedule(share.timetable, share.seed, share.worker, share.workers))


def test_no_nonce_and_no_file_of_a_worker_begins_like_that_of_another(tmp_path: Path) -> None:
    parts = shares(planned("http://127.0.0.1:9", tmp_path), 25)
    for one, other in itertools.permutations(parts, 2):
        assert one.nonce not in other.nonce
        assert not Path(other.journal).name.startswith(prefix(one))


def test_more_workers_than_resources_are_refused(tmp_path: Path) -> None:
    load = planned("http://127.0.0.1:9", tmp_path, max_in_flight=2)
    with pytest.raises(UsageError, match="at most 2"):
        shares(load, 3)


def test_what_is_no_message_of_ours_is_passed_over() -> None:
    for data in (None, {}, {"value": b"\xc1"}, {"value": 7}, [1], {"value": b"\x80"}):
        assert orders.order(data) is None
        assert orders.state(data) is None
        assert orders.piece(data) is None
        assert orders.news(data) is None


def counted(stub: Stub) -> dict[str, int]:
    return {name: count for name, count in stub.requests.items() if count}


def test_workers_count_what_the_server_counts_and_a_killed_one_is_named_and_swept(
    stub: Stub, tmp_path: Path
) -> None:
    """Counts are exact to the unit, and a run that lost a worker proves nothing."""
    load = planned(stub.url, tmp_path, rate=30.0, duration=0.7)
    credentials = {"main": Credential(Scheme.BEARER, token=TOKEN)}
    target = replace(load.target, credentials=credentials)
    port = free_port()
    options = LoadOptions(workers=2, web=port)
    with generator(target, options, tmp_path, lambda text: None) as source:
        # The server stands still while the last arrivals come: they are under way when load ends.
        stub.stall_at, stub.stall_seconds = 15, 1.0
        found = source.carry_out(load, tmp_path / "load")
        check_exact(found, stub)
        check_page(port, sum(item.sent for item in found.operations))
        check_ended(source, stub, tmp_path)
        stub.stall_at, stub.mute_every = 0, 4
        stub.requests.clear()
        stub.created = threading.Semaphore(0)
        other = planned(
            stub.url,
            tmp_path,
            "more",
            rate=30.0,
            duration=300.0,
            nonce="0a1b2c3db",
        )
        thread = threading.Thread(target=kill, args=(stub, tmp_path / "more.w1.jsonl"))
        thread.start()
        check_lost(source.carry_out(other, tmp_path / "more"), stub, other)
        thread.join()
    stub.instances["other"] = {"uuid": "other", "name": "production", "status": "ACTIVE"}
    assert sweep(tmp_path, target).left == ()
    assert list(stub.instances) == ["other"]
    for path in tmp_path.iterdir():
        assert TOKEN.encode() not in path.read_bytes(), path


def check_exact(found: LoadRecord, stub: Stub) -> None:
    assert requests_of(found.requests) == counted(stub)
    assert (found.offered, found.sent, found.created, found.removed) == (21, 21, 21, 21)
    operations = {item.name: figures.operation(item) for item in found.operations}
    for name in ("create", "update", "delete"):
        assert (operations[name].sent, operations[name].succeeded) == (21, 21)
    assert (found.lost, found.findings, found.left, found.crash) == ((), (), (), "")
    assert stub.instances == {}


def check_ended(source: Generator, stub: Stub, folder: Path) -> None:
    """The stall makes more creations slow than one in a hundred of all: both workers end early.

    A machine that stands still as well makes the generator late, which proves nothing: once more.
    """
    for attempt in range(4):
        stub.stall_at, stub.stall_seconds = stub.requests["list"] + 1, 4.5
        name, nonce = f"slow{attempt}", f"0a1b2c3dc{attempt}"
        load = planned(stub.url, folder, name, rate=15.0, nonce=nonce, **SLOW)
        found = source.carry_out(load, folder / name)
        result = judgement.judge(load, found, load.objectives)
        if not result.saturated:
            break
    assert found.ended.startswith("create-p99: even the lower bound")
    assert found.offered < 300
    assert (found.lost, found.left, found.interrupted) == ((), (), False)
    assert result.verdict is Verdict.FAIL
    assert "ended early: create-p99" in result.note


def check_page(port: int, requests: int) -> None:
    """The master's page comes to show what the workers measured; their reports take seconds."""

    def shown() -> int:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/stats/requests") as answer:
            return int(json.load(answer)["stats"][-1]["num_requests"])

    waited = wait_until(shown, lambda number: number == requests, budget=30.0, poll=0.1)
    assert waited.value == requests


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def check_lost(found: LoadRecord, stub: Stub, load: LoadPlan) -> None:
    (sentence,) = found.lost
    assert sentence.startswith("worker 1 on ")
    assert " died" in sentence
    # What was about to leave when the worker was killed is an intent as well.
    assert found.requests["create"] >= stub.requests["create"]
    assert found.samples == ("more.w0.samples", "more.w1.samples")
    result = judgement.judge(load, found, Objectives())
    assert result.verdict is Verdict.INCONCLUSIVE
    assert sentence in result.note


def kill(stub: Stub, journal: Path) -> None:
    """Kill the process that writes `journal` once it has created something."""
    for _ in range(20):
        assert stub.created.acquire(timeout=60)
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        with contextlib.suppress(OSError):
            if link.resolve() == journal:
                os.kill(int(link.parts[2]), signal.SIGKILL)
