"""What a load shows of itself while it runs: true figures, whole files, workers added up."""

import json
import os
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from pgassay.reporting import live as shown
from pgassay.target.model import Family, Target
from pgassay.traffic import live
from pgassay.traffic.live import LiveView, LiveWriter
from pgassay.traffic.outcome import Outcome
from pgassay.traffic.phase import Phase
from pgassay.traffic.plan import LoadPlan
from pgassay.traffic.progress import Progress
from pgassay.traffic.recorder import Recorder


class Load:
    """A load of ten requests a second that are answered after a tenth of one, on a false clock."""

    def __init__(self, plan: LoadPlan) -> None:
        self.now = 100.0
        self.plan = plan
        self.progress = Progress()
        self.recorder = Recorder(lambda: self.now)

    def run(self, seconds: int, *, failing: bool = False) -> None:
        for _ in range(seconds * 10):
            pending = self.recorder.begin("create", self.now)
            self.now += 0.1
            if failing:
                self.recorder.end(pending, Outcome.FAILED, 503, "status 503")
            else:
                self.recorder.end(pending, Outcome.SUCCEEDED, 201)


@pytest.fixture
def load(tmp_path: Path) -> Load:
    phases = (
        Phase("warm-up", 2, "constant", 10, 10, measured=False),
        Phase("steady", 18, "constant", 10, 10),
    )
    output = str(tmp_path / "load-dbaas-churn.samples.json")
    target = Target("t", "http://127.0.0.1:9", (Family.DBAAS,))
    return Load(
        LoadPlan(
            Family.DBAAS, "churn", "churn.py", 10.0, 20.0, 1.0, 10, 1, 1, "r", "ra", target, "",
            output, phases=phases,
        )
    )  # fmt: skip


def begin(load: Load) -> None:
    load.recorder.origin = load.now
    load.progress.begin(load.now)


def views(load: Load, seconds: int) -> LiveView:
    """The view after some seconds in which one was taken twice a second."""
    writer = LiveWriter(load, live.path_of(load.plan))
    view = writer.view(load.now)
    for _ in range(seconds):
        load.run(1)
        view = writer.view(load.now)
    return view


def test_before_arrivals_come_the_stage_is_told(load: Load) -> None:
    assert views(load, 0).phase == "preparing"


def test_rates_phase_and_time_left_follow_the_load(load: Load) -> None:
    begin(load)
    view = views(load, 6)
    assert view.phase == "steady"
    assert view.elapsed == pytest.approx(6)
    assert view.left == pytest.approx(14)
    assert (view.offered, view.sent, view.answered) == pytest.approx((10, 10, 10))


def test_latencies_are_those_of_the_last_seconds(load: Load) -> None:
    begin(load)
    view = views(load, 8)
    assert view.histogram.count == live.WINDOW * 10
    assert view.histogram.quantile(0.5) == pytest.approx(0.1, rel=0.01)


def test_what_waits_for_its_answer_is_sent_and_not_answered(load: Load) -> None:
    begin(load)
    writer = LiveWriter(load, live.path_of(load.plan))
    writer.view(load.now)
    for _ in range(30):
        load.recorder.begin("create", load.now)
    load.now += 1
    load.progress.backlog = 7
    view = writer.view(load.now)
    assert (view.sent, view.answered, view.in_flight, view.backlog) == (30, 0, 30, 7)


def test_a_view_from_elsewhere_counts_as_one_of_this_machine(load: Load, tmp_path: Path) -> None:
    """It travels as it was written, belongs to the plan's load, and goes with its end."""
    begin(load)
    load.run(6)
    theirs = replace(load.plan, output=str(tmp_path / "worker" / "load.samples.json"))
    (tmp_path / "worker").mkdir()
    assert live.encoded(theirs) == b""
    LiveWriter(load, live.path_of(theirs)).write(load.now)
    foreign = msgspec.json.decode(live.encoded(theirs), type=LiveView)
    renamed = msgspec.json.encode(msgspec.structs.replace(foreign, scenario="of somebody"))
    live.receive(renamed, load.plan)
    assert live.read(tmp_path) == foreign
    live.receive(b"no view", load.plan)
    assert live.read(tmp_path) == foreign
    live.forget(load.plan)
    assert live.read(tmp_path) is None


def test_errors_are_told_by_class_and_429_apart(load: Load) -> None:
    begin(load)
    load.run(1, failing=True)
    pending = load.recorder.begin("create", load.now)
    load.recorder.end(pending, Outcome.THROTTLED, 429, "status 429")
    load.recorder.drop("create", "too many in flight")
    view = views(load, 0)
    assert view.errors == {"status 503": 10}
    assert (view.throttled, view.dropped) == (1, 1)


def test_many_classes_of_errors_are_summed_up(load: Load) -> None:
    one = LiveView(family="dbaas", scenario="churn", phase="", errors={"a": 9, "b": 8, "c": 7})
    other = msgspec.structs.replace(one, errors={"d": 6, "e": 2, "f": 1, "others": 4})
    assert live.summed([one, other]).errors == {"a": 9, "b": 8, "c": 7, "d": 6, "others": 7}


def test_the_views_of_all_workers_are_read_as_one(load: Load, tmp_path: Path) -> None:
    begin(load)
    view = views(load, 6)
    for worker in range(3):
        (tmp_path / f"load-dbaas-churn.w0{worker}.live.json").write_bytes(msgspec.json.encode(view))
    found = live.read(tmp_path)
    assert found is not None
    assert found.workers == 3
    assert found.offered == pytest.approx(30)
    assert found.histogram.count == 3 * view.histogram.count
    assert found.histogram.quantile(0.99) == view.histogram.quantile(0.99)


def test_the_load_that_was_seen_last_is_the_one_that_runs(load: Load, tmp_path: Path) -> None:
    old = tmp_path / "load-dbaas-scaling.live.json"
    old.write_bytes(msgspec.json.encode(LiveView(family="dbaas", scenario="scaling", phase="x")))
    os.utime(old, (1, 1))
    (tmp_path / "load-dbaas-broken.live.json").write_bytes(b"{")
    LiveWriter(load, tmp_path / "load-dbaas-churn.live.json").write(load.now)
    found = live.read(tmp_path)
    assert found is not None
    assert found.scenario == "churn"
    assert live.read(tmp_path / "nothing") is None


class Ended(Exception):
    pass


def test_views_are_written_beside_the_output_and_removed_at_the_end(load: Load) -> None:
    path = live.path_of(load.plan)
    seen = []

    class Tools:
        def clock(self) -> float:
            return load.now

        def sleep(self, seconds: float) -> None:
            load.now += seconds
            seen.append(json.loads(path.read_bytes())["phase"] if path.exists() else "")
            if len(seen) == 4:
                raise Ended

    sources = iter([None, load, load])
    with pytest.raises(Ended):
        live.follow(lambda: next(sources), Tools())
    assert seen == ["", "", "preparing", "preparing"]
    assert not path.exists()


def test_a_line_tells_all_that_the_table_shows(load: Load) -> None:
    begin(load)
    load.run(1, failing=True)
    view = views(load, 6)
    told = shown.told(view)
    for part in ("dbaas churn", "phase steady", "left 13 s", "offered 10/s", "p50 100 ms"):
        assert part in told
    for part in ("p99 too few samples (50)", "errors 10 status 503", "429 0", "backlog 0"):
        assert part in told


def test_a_p99_needs_a_hundred_answers(load: Load) -> None:
    begin(load)
    two = live.summed([views(load, 6)] * 2)
    assert "p99 100 ms" in shown.told(two)
