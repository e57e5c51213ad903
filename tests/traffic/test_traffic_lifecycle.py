"""Waits are measured as intervals that contain the truth, on a clock that the test drives."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from pgassay.exchange import Request
from pgassay.journal import Journal
from pgassay.ownership import Ownership
from pgassay.redaction import Vault
from pgassay.target.model import Credential, Family, Limits, Scheme, Target, Timing
from pgassay.traffic.dbaas import DbaasAdapter
from pgassay.traffic.lifecycle import Arrival, Traffic
from pgassay.traffic.plan import LoadPlan
from pgassay.traffic.samples import Outcome
from pgassay.traffic.session import Answer, Session, Tools

LATENCY = 0.010


class World:
    """A clock, and behind it a server that takes `LATENCY` for each answer."""

    def __init__(self, final: str = "ACTIVE", active_after: float = 1.0) -> None:
        self.now = 100.0
        self.final = final
        self.active_after = active_after
        self.created_at = 0.0
        self.sent_at: list[float] = []

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds

    def send(self, operation: str, request: Request) -> Answer:
        """Answer a request."""
        self.sent_at.append(self.now)
        self.now += LATENCY / 2
        if operation == "create":
            self.created_at = self.now
        due = self.now - self.created_at >= self.active_after
        status = self.final if due else "IN_PROGRESS"
        self.now += LATENCY / 2
        return Answer(200, json.dumps({"uuid": "1", "status": status}).encode())


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """An open journal."""
    with Journal(tmp_path / "journal.jsonl", Vault(), {}) as found:
        yield found


def traffic(world: World, journal: Journal, limits: Limits | None = None) -> Traffic:
    timing = Timing(create=5.0, poll=0.1)
    target = Target(
        "t", "http://127.0.0.1", (Family.DBAAS,), timing=timing, limits=limits or Limits()
    )
    plan = LoadPlan(Family.DBAAS, "s", "", 1.0, 1.0, 1.0, 1, 1, 1, "0a", "0ab", target, "", "")
    tools = Tools(world.send, world.sleep, lambda: world.now)
    session = Session(plan, Credential(Scheme.NONE), tools, journal, Ownership(()))
    found = Traffic(session, DbaasAdapter(target.dbaas))
    session.recorder.origin = world.now
    return found


def test_the_time_to_active_lies_in_the_measured_interval(journal: Journal) -> None:
    world = World(active_after=1.0)
    arrival = Arrival(traffic(world, journal), 1, world.now)
    resource = arrival.create()
    assert resource is not None
    assert arrival.wait_active(resource)
    (record,) = arrival.traffic.session.recorder.lifecycle
    (sample,) = record.samples
    assert sample.outcome is Outcome.SUCCEEDED
    assert sample.upper is not None
    assert sample.lower <= 1.0 <= sample.upper
    last_gap = world.sent_at[-1] - world.sent_at[-2]
    assert sample.upper - sample.lower == pytest.approx(last_gap + 2 * LATENCY)


@pytest.mark.parametrize(
    ("final", "after", "outcome"),
    [("ERROR", 0.5, Outcome.FAILED), ("ACTIVE", 60.0, Outcome.UNFINISHED)],
)
def test_an_error_or_an_exhausted_budget_is_no_slow_success(
    journal: Journal, final: str, after: float, outcome: Outcome
) -> None:
    world = World(final, after)
    arrival = Arrival(traffic(world, journal), 1, world.now)
    resource = arrival.create()
    assert resource is not None
    assert not arrival.wait_active(resource)
    (record,) = arrival.traffic.session.recorder.lifecycle
    assert record.samples[0].outcome is outcome
    assert (record.samples[0].upper is None) == (outcome is Outcome.UNFINISHED)


def test_latency_counts_from_when_the_arrival_was_due(journal: Journal) -> None:
    world = World()
    late = Arrival(traffic(world, journal), 1, world.now - 0.5)
    late.list()
    recorder = late.traffic.session.recorder
    assert recorder.operations[0].latencies[Outcome.SUCCEEDED].total == pytest.approx(0.5 + LATENCY)
    assert recorder.operations[0].service[Outcome.SUCCEEDED].total == pytest.approx(LATENCY)
    late.list()
    # The second request follows at once upon the first: it tells nothing about the generator.
    assert recorder.lags.count == 1
    assert recorder.lags.maximum == pytest.approx(0.5)


def test_a_request_limit_of_the_target_spaces_the_requests_without_counting_as_latency(
    journal: Journal,
) -> None:
    world = World()
    arrival = Arrival(traffic(world, journal, Limits(requests_per_second=2.0)), 1, world.now)
    for _ in range(3):
        arrival.list()
    assert world.sent_at == pytest.approx([100.0, 100.5, 101.0])
    latencies = arrival.traffic.session.recorder.operations[0].latencies[Outcome.SUCCEEDED]
    assert (latencies.minimum, latencies.maximum) == pytest.approx((LATENCY, LATENCY))


def test_after_a_429_nothing_leaves_before_the_time_that_it_named(journal: Journal) -> None:
    world = World()
    arrival = Arrival(traffic(world, journal), 1, world.now)
    send, refusals = world.send, iter([Answer(429, b"", {"retry-after": "2"})])

    def transport(operation: str, request: Request) -> Answer:
        answer = send(operation, request)
        return next(refusals, answer)

    session = arrival.traffic.session
    session.tools = Tools(transport, world.sleep, lambda: world.now)
    arrival.list()
    for due in (100.5, 101.0, 110.0):
        arrival.due = due
        arrival.list()
    assert world.sent_at[1] == pytest.approx(100.0 + LATENCY + 2.0)
    assert world.sent_at[3] == pytest.approx(110.0)
    (operation,) = session.recorder.operations
    assert operation.count(Outcome.THROTTLED) == 1
    # The target asked for the wait: it is no latency.
    assert operation.seconds[2].good.maximum == pytest.approx(2 * LATENCY)
    assert session.admission.throttling.held == 2


def test_reads_are_journalled_only_where_they_fail(journal: Journal) -> None:
    world = World()
    arrival = Arrival(traffic(world, journal), 1, world.now)
    seen: list[str] = []
    arrival.traffic.session.watch = lambda exchange: seen.append(exchange.line)
    arrival.list()
    answers = iter([Answer(500, b"{}"), Answer(0, failure="connection reset")])
    arrival.traffic.session.tools = Tools(
        lambda operation, request: next(answers), world.sleep, lambda: world.now
    )
    arrival.list()
    arrival.list()
    entries = [json.loads(line) for line in journal.path.read_text("utf-8").splitlines()]
    told = [(entry["status"], entry["failure"]) for entry in entries if entry["kind"] == "exchange"]
    assert told == [(500, None), (0, "connection reset")]
    assert [line.partition("-> ")[2] for line in seen] == [
        "200",
        "500",
        "no answer (connection reset)",
    ]
