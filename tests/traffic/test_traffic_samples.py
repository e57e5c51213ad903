"""Every request ends as one sample; samples are read as written; records merge exactly."""

from pathlib import Path

import pytest

from pgassay.errors import UsageError
from pgassay.results import LoadFinding, ResourceRecord
from pgassay.traffic import figures, record
from pgassay.traffic.record import LoadRecord
from pgassay.traffic.recorder import Heartbeat, Recorder, Window
from pgassay.traffic.samples import Outcome
from pgassay.traffic.samples_file import RawSample, SampleWriter, read_origin, read_samples

WINDOWS = (Window("warm-up", 2.0, judged=False), Window("steady", 10.0))


class Clock:
    """A clock that is set."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def request(
    recorder: Recorder,
    clock: Clock,
    at: float,
    latency: float,
    outcome: Outcome = Outcome.SUCCEEDED,
    *,
    operation: str = "read",
    lag: float = 0.0,
) -> None:
    clock.now = 100.0 + at + lag
    pending = recorder.begin(operation, 100.0 + at)
    clock.now = 100.0 + at + latency
    status = 200 if outcome is Outcome.SUCCEEDED else 503
    error = "" if outcome is Outcome.SUCCEEDED else "status 503"
    recorder.end(pending, outcome, status, error, size=(50, 170))


def recorded(number: int, parts: int, path: Path | None = None) -> LoadRecord:
    """What worker `number` of `parts` records of one load."""
    clock = Clock()
    recorder = Recorder(clock, WINDOWS, path, number)
    for index in range(number, 120, parts):
        outcome = Outcome.FAILED if index % 10 == 0 else Outcome.SUCCEEDED
        request(recorder, clock, index / 12, 0.001 * (1 + index % 7), outcome, lag=0.0005)
        recorder.span("time_to_active", 100.0 + index / 12, 0.5, 1.0, Outcome.SUCCEEDED)
    recorder.beat(0.25)
    recorder.close()
    return LoadRecord(
        offered=len(range(number, 120, parts)),
        operations=recorder.operations,
        lifecycle=recorder.lifecycle,
        lags=recorder.lags,
        findings=(LoadFinding("phantom", str(number), "x"),) if parts == 1 else (),
    )


def test_samples_are_read_as_they_were_written(tmp_path: Path) -> None:
    path = tmp_path / "load.w0.samples"
    clock = Clock()
    recorder = Recorder(clock, WINDOWS, path)
    recorder.origin = 100.0
    request(recorder, clock, 1.0, 0.25, lag=0.125)
    request(recorder, clock, 3.0, 0.5, Outcome.THROTTLED, operation="an operation " * 9)
    request(recorder, clock, 12.0, 2.0)
    recorder.close()
    error = "status 503"
    assert list(read_samples(path)) == [
        RawSample("read", "warm-up", 1.0, 0.125, 0.25, Outcome.SUCCEEDED, 200, 50, 170),
        RawSample(
            "an operation " * 9, "steady", 3.0, 0.0, 0.5, Outcome.THROTTLED, 503, 50, 170, error
        ),
        RawSample("read", "drain", 12.0, 0.0, 2.0, Outcome.SUCCEEDED, 200, 50, 170),
    ]
    assert read_origin(path) > 1e9


def test_a_file_that_was_cut_off_is_read_up_to_its_last_sample(tmp_path: Path) -> None:
    path = tmp_path / "load.w0.samples"
    recorded(0, 1, path)
    path.write_bytes(path.read_bytes()[:-5])
    assert len(list(read_samples(path))) == 119


def test_names_and_samples_beyond_one_block_are_read(tmp_path: Path) -> None:
    path = tmp_path / "load.w0.samples"
    with SampleWriter(path) as writer:
        none = writer.number("")
        for index in range(5000):
            name = writer.number(f"operation {index // 1000} " + "x" * 40)
            writer.write(name, none, Outcome.SUCCEEDED, 200, (float(index), 0.0, 0.5))
    found = list(read_samples(path))
    assert [sample.intended for sample in found] == [float(index) for index in range(5000)]
    assert found[-1].operation.startswith("operation 4 ")


@pytest.mark.parametrize("content", [b"", b"something else" * 9])
def test_a_file_that_holds_no_samples_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other"
    path.write_bytes(content)
    with pytest.raises(UsageError, match="not a file of samples"):
        list(read_samples(path))


def test_phases_that_are_not_judged_are_counted_and_in_no_percentile() -> None:
    whole = recorded(0, 1).operations[0]
    assert whole.sent == 120
    assert sum(whole.unjudged.values()) == 24
    assert whole.judged(Outcome.SUCCEEDED) + whole.judged(Outcome.FAILED) == 96
    assert whole.count(Outcome.FAILED) == whole.errors["status 503"] == 12
    assert sum(second.offered for second in whole.seconds.values()) == 120
    assert figures.operation(whole).unjudged == 24


@pytest.mark.parametrize("parts", [2, 3, 5])
def test_a_load_that_was_split_merges_into_the_same_record(parts: int) -> None:
    split = [record.decode(record.encode(recorded(number, parts))) for number in range(parts)]
    whole = recorded(0, 1)
    for merged in (LoadRecord.merge(split), LoadRecord.merge(reversed(split))):
        assert merged.workers == parts
        assert merged.offered == 120
        assert merged.operations == whole.operations
        assert merged.lifecycle == whole.lifecycle
        assert merged.lags == whole.lags


def test_what_several_workers_left_behind_is_put_together() -> None:
    left = [
        ResourceRecord("dbaas", "instance", name, name, f"/{name}", "") for name in ("b", "a", "c")
    ]
    merged = LoadRecord.merge([LoadRecord(left=(left[0],)), LoadRecord(left=tuple(left[1:]))])
    assert [each.id for each in merged.left] == ["a", "b", "c"]


def test_of_the_generators_of_a_second_the_busiest_counts() -> None:
    mine, other = Heartbeat(cpu=0.2, in_flight=3), Heartbeat(cpu=0.9, in_flight=4)
    mine.lag.record(0.001)
    other.lag.record(0.010)
    mine.merge(other)
    assert (mine.cpu, mine.in_flight, mine.lag.count, mine.lag.maximum) == (0.9, 7, 2, 0.010)


def test_what_is_on_its_way_at_the_end_is_unfinished() -> None:
    clock = Clock()
    recorder = Recorder(clock)
    pending = recorder.begin("read", 100.0)
    clock.now = 103.0
    recorder.close()
    recorder.end(pending, Outcome.SUCCEEDED, 200)
    (operation,) = recorder.operations
    assert (operation.count(Outcome.UNFINISHED), operation.count(Outcome.SUCCEEDED)) == (1, 0)
    assert operation.waited.maximum == 3.0


def test_the_backlog_counts_what_is_on_its_way_at_the_end_of_each_second() -> None:
    recorder = Recorder(Clock())
    recorder.span("time_to_active", 100.2, 1.0, 1.5, Outcome.SUCCEEDED)
    recorder.span("time_to_active", 101.5, 1.0, 1.2, Outcome.FAILED)
    recorder.span("time_to_active", 101.8, 2.0, None, Outcome.UNFINISHED)
    assert figures.backlog(recorder.lifecycle) == (1, 2, 1, 0)
