"""The load process measures servers whose truth is known, and reports that truth."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, TypeAlias

import msgspec
import pytest

from pgassay import journal
from pgassay.target.model import Credential, Scheme
from pgassay.traffic import figures, judgement, plan, record
from pgassay.traffic.objectives import Objective, Objectives
from pgassay.traffic.plan import LoadPlan
from pgassay.traffic.record import LoadRecord
from pgassay.verdict import Verdict

from .plans import TOKEN, planned

#: `Stub` of conftest.py, which importlib mode does not let tests import.
Stub: TypeAlias = Any
LISTING = '''
from pgassay.traffic.dispatcher import Dispatcher

class Listing(Dispatcher):
    """One arrival is one listing."""

    first_operation = "list"

    def arrive(self, arrival):
        arrival.list()
'''

BROKEN = f"""
{LISTING}
    def __init__(self, environment):
        super().__init__(environment)
        self.execution.run = self.broken

    def broken(self):
        raise ZeroDivisionError("broken")
"""

COUNTED = f"""
import json
from pathlib import Path
{LISTING}
    def restore(self, arrival):
        self._tally.flush()
        total = self.environment.stats.total
        figures = [total.num_requests, total.num_failures, total.max_response_time]
        path = Path(self.plan.output).with_suffix(".locust")
        path.write_text(json.dumps(figures), encoding="utf-8")
"""


def start(load: LoadPlan, folder_: Path) -> "subprocess.Popen[bytes]":
    path = folder_ / "plan.json"
    plan.write(load, path)
    process = subprocess.Popen(
        [sys.executable, "-m", "pgassay.traffic.driver", str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert process.stdin is not None
    process.stdin.write(msgspec.json.encode([Credential(Scheme.BEARER, token=TOKEN)]) + b"\n")
    process.stdin.flush()
    return process


def finish(process: "subprocess.Popen[bytes]", load: LoadPlan) -> LoadRecord:
    assert process.stdout is not None
    assert process.stdin is not None
    said = process.stdout.read().decode()
    assert process.wait(60) == 0, said
    process.stdin.close()
    process.stdout.close()
    found = record.read(Path(load.output))
    assert found is not None, said
    assert not found.crash, found.crash
    return found


def drive(load: LoadPlan, folder_: Path) -> LoadRecord:
    return finish(start(load, folder_), load)


def by_hand(load: LoadPlan) -> list[str]:
    return [sys.executable, "-m", "locust", "-f", load.program, "--headless", "--users", "1"]


def environment(load: LoadPlan, folder_: Path) -> dict[str, str]:
    plan.write(load, folder_ / "plan.json")
    return os.environ | {"PGASSAY_LOAD_PLAN": str(folder_ / "plan.json")}


def check_counts(found: LoadRecord, stub: Stub) -> None:
    """What was sent is what the server saw, and every count adds up."""
    own = dict(found.requests)
    own["read"] = own.get("read", 0) + own.pop("poll", 0)
    assert {name: count for name, count in own.items() if count} == dict(stub.requests)
    assert found.offered == found.sent + found.dropped
    for operation in map(figures.operation, found.operations):
        assert operation.offered == operation.sent + operation.dropped
        outcomes = (
            operation.succeeded,
            operation.failed,
            operation.throttled,
            operation.unfinished,
        )
        assert operation.sent == sum(outcomes)


def test_a_stall_shows_in_the_percentiles_of_everyone_who_had_to_wait(
    stub: Stub, tmp_path: Path
) -> None:
    stub.stall_at, stub.stall_seconds = 50, 1.0
    program = tmp_path / "listing.py"
    program.write_text(LISTING, encoding="utf-8")
    load = planned(stub.url, tmp_path, rate=50.0, duration=3.0, program=str(program))
    found = drive(load, tmp_path)
    check_counts(found, stub)
    listing = figures.operation(found.operations[0])
    assert listing.sent == 150
    by_q = {item.q: item.value for item in listing.percentiles}
    # 50 of the 150 arrivals came during the stall; the first 15 of them waited over 0.6 s.
    assert (by_q[90.0] or 0.0) > 0.5
    assert (listing.maximum or 0.0) > 0.9


def test_lost_creates_are_found_and_nothing_else(stub: Stub, tmp_path: Path) -> None:
    stub.lose_every = 10
    load = planned(stub.url, tmp_path)
    found = drive(load, tmp_path)
    check_counts(found, stub)
    assert [finding.kind for finding in found.findings] == ["lost create"] * 2
    assert judgement.judge(load, found, Objectives()).verdict is Verdict.FAIL
    assert stub.instances == {}


def test_creates_without_an_answer_are_settled_by_the_listing_and_removed(
    stub: Stub, tmp_path: Path
) -> None:
    stub.mute_every = 5
    load = planned(stub.url, tmp_path)
    found = drive(load, tmp_path)
    check_counts(found, stub)
    create = figures.operation(found.operations[0])
    assert (create.succeeded, create.failed) == (16, 4)
    assert (found.findings, found.settled, found.left) == ((), 4, ())
    assert found.created == found.removed == 20
    assert stub.instances == {}


def test_a_broken_connection_does_not_make_the_generator_repeat_a_request(
    stub: Stub, tmp_path: Path
) -> None:
    stub.drop_every = 5
    found = drive(planned(stub.url, tmp_path), tmp_path)
    check_counts(found, stub)
    updates = {item.name: figures.operation(item) for item in found.operations}["update"]
    assert (updates.sent, updates.succeeded, updates.failed) == (20, 16, 4)
    assert found.findings == ()


def test_throttled_creates_are_a_class_of_their_own(stub: Stub, tmp_path: Path) -> None:
    stub.throttle_every = 4
    found = drive(planned(stub.url, tmp_path), tmp_path)
    check_counts(found, stub)
    create = figures.operation(found.operations[0])
    assert (create.succeeded, create.failed, create.throttled) == (15, 0, 5)
    assert found.findings == ()


def test_arrivals_beyond_the_bound_are_dropped_and_counted(stub: Stub, tmp_path: Path) -> None:
    stub.stall_at, stub.stall_seconds = 1, 1.0
    program = tmp_path / "listing.py"
    program.write_text(LISTING, encoding="utf-8")
    load = planned(stub.url, tmp_path, rate=40.0, max_in_flight=5, program=str(program))
    found = drive(load, tmp_path)
    check_counts(found, stub)
    assert found.offered == 40
    assert found.drops == {"5 arrivals were in flight": found.dropped}
    assert found.dropped > 0


@pytest.mark.parametrize("way", ["SIGTERM", "the parent is gone"])
def test_an_interrupted_process_removes_what_it_created_and_reports(
    stub: Stub, tmp_path: Path, way: str
) -> None:
    load = planned(stub.url, tmp_path, duration=300.0)
    process = start(load, tmp_path)
    for _ in range(5):
        assert stub.created.acquire(timeout=60)
    if way == "SIGTERM":
        process.send_signal(signal.SIGTERM)
    else:
        assert process.stdin is not None
        process.stdin.close()
    found = finish(process, load)
    check_counts(found, stub)
    assert found.interrupted
    assert found.created == found.removed >= 5
    assert stub.instances == {}
    result = judgement.judge(load, found, Objectives())
    assert (result.verdict, result.created) == (Verdict.INCONCLUSIVE, found.created)


def test_nothing_that_is_written_holds_the_credential_and_the_journal_names_every_resource(
    stub: Stub, tmp_path: Path
) -> None:
    load = planned(stub.url, tmp_path)
    drive(load, tmp_path)
    for path in tmp_path.iterdir():
        assert TOKEN.encode() not in path.read_bytes(), path
    entries = list(journal.read(Path(load.journal)))
    created = [entry for entry in entries if entry["kind"] == "created"]
    assert len(created) == 20
    assert all(load.nonce in entry["name"] for entry in created)
    assert [entries[0]["nonce"], entries[-1]["kind"]] == [load.run, "end"]
    removed = {entry["path"] for entry in entries if entry["kind"] == "removed"}
    assert removed == {entry["path"] for entry in created}


def test_a_run_by_hand_that_is_interrupted_cleans_up(stub: Stub, tmp_path: Path) -> None:
    load = planned(stub.url, tmp_path, duration=300.0, supervised=False)
    process = subprocess.Popen(
        [*by_hand(load), "--stop-timeout", "60"],
        env=environment(load, tmp_path),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    for _ in range(5):
        assert stub.created.acquire(timeout=60)
    process.send_signal(signal.SIGINT)
    process.wait(60)
    found = record.read(Path(load.output))
    assert found is not None
    assert found.interrupted
    assert found.created == found.removed >= 5
    assert stub.instances == {}


def test_a_run_by_hand_that_breaks_ends(stub: Stub, tmp_path: Path) -> None:
    program = tmp_path / "broken.py"
    program.write_text(BROKEN, encoding="utf-8")
    load = planned(stub.url, tmp_path, program=str(program), duration=300.0, supervised=False)
    ended = subprocess.run(
        by_hand(load), env=environment(load, tmp_path), capture_output=True, timeout=60, check=False
    )
    assert ended.returncode == 1
    assert ended.stderr.count(b"ZeroDivisionError: broken") == 1


def test_a_run_by_hand_with_locust_itself_writes_the_same_record(
    stub: Stub, tmp_path: Path
) -> None:
    load = planned(stub.url, tmp_path, supervised=False)
    ended = subprocess.run(
        by_hand(load),
        env=environment(load, tmp_path),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr.decode()
    found = record.read(Path(load.output))
    assert found is not None
    check_counts(found, stub)
    assert (found.sent, found.interrupted) == (20, False)


def test_the_figures_of_locust_are_those_of_the_record(stub: Stub, tmp_path: Path) -> None:
    program = tmp_path / "counted.py"
    program.write_text(COUNTED, encoding="utf-8")
    load = planned(stub.url, tmp_path, program=str(program))
    found = drive(load, tmp_path)
    (operation,) = found.operations
    requests, failures, longest = json.loads(
        Path(load.output).with_suffix(".locust").read_text("utf-8")
    )
    assert (requests, failures) == (operation.sent, 0) == (20, 0)
    assert longest / 1000 == pytest.approx(operation.answered.maximum)


def test_arrivals_end_once_an_objective_is_lost_for_sure(stub: Stub, tmp_path: Path) -> None:
    """The stall makes more listings slow than one in a hundred of all.

    A machine that stands still as well makes the generator late, which proves nothing: once more.
    """
    program = tmp_path / "listing.py"
    program.write_text(LISTING, encoding="utf-8")
    wanted = Objectives((Objective("list-p99", "crud_lifecycle", "list", 99.0, 3.0),))
    for attempt in range(4):
        folder = tmp_path / str(attempt)
        folder.mkdir()
        stub.stall_at, stub.stall_seconds = stub.requests["list"] + 1, 4.5
        load = planned(
            stub.url, folder, program=str(program), rate=15.0, duration=20.0, objectives=wanted
        )
        found = drive(load, folder)
        result = judgement.judge(load, found, load.objectives)
        if not result.saturated:
            break
    assert found.ended.startswith("list-p99: ")
    assert found.offered < 300
    assert result.verdict is Verdict.FAIL
    assert "ended early" in result.note
