"""Sizes are visited up and down, everything is removed, and the law of each operation is found."""

import json
import math
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pgassay.exchange import Request
from pgassay.journal import Journal
from pgassay.ownership import Ownership, collections
from pgassay.redaction import Vault
from pgassay.target.model import Credential, Family, Scheme, Target, Timing
from pgassay.traffic import growth, visits
from pgassay.traffic.adapter import Unprepared
from pgassay.traffic.lifecycle import Traffic, adapter_of
from pgassay.traffic.plan import LoadPlan
from pgassay.traffic.progress import Progress
from pgassay.traffic.session import Answer, Session, Tools
from pgassay.traffic.visits import Visit, Visits
from pgassay.verdict import Verdict

LAWS = {"create": "log n", "read": "constant", "update": "log n", "list": "n", "delete": "n"}


class Server:
    """A dbaas server in virtual time, whose costs are functions of the number of instances."""

    def __init__(self, costs: dict[str, Callable[[int], float]]) -> None:
        self.now = 0.0
        self.instances: dict[str, dict[str, Any]] = {}
        self.most = 0
        self.refuse_beyond = math.inf
        self.progress = Progress()
        self.stages: list[str] = []
        self._costs = costs
        self._numbers = random.Random(1)
        self._created = 0

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def clock(self) -> float:
        return self.now

    def __call__(self, operation: str, request: Request) -> Answer:
        self.stages.append(self.progress.stage)
        cost = self._costs.get(operation)
        seconds = cost(len(self.instances)) if cost else 0.001
        self.now += seconds * math.exp(0.03 * self._numbers.gauss(0, 1))
        status, body = self._answer(request)
        return Answer(status, b"" if body is None else json.dumps(body).encode())

    def _answer(self, request: Request) -> tuple[int, Any]:
        key = request.path.rsplit("/", 1)[1]
        if request.method == "POST":
            return self._create(json.loads(request.body or b"{}"))
        if key == "versions":
            return 200, {"versions": [{"uuid": "v1"}]}
        if key == "instances":
            return 200, list(self.instances.values())
        if key not in self.instances:
            return 404, {"error": "NOT_FOUND"}
        if request.method == "PUT":
            self.instances[key] |= json.loads(request.body or b"{}")
        if request.method == "DELETE":
            del self.instances[key]
            return 204, None
        return 200, self.instances[key]

    def _create(self, body: dict[str, Any]) -> tuple[int, Any]:
        if len(self.instances) >= self.refuse_beyond:
            return 403, {"error": "QUOTA"}
        self._created += 1
        instance = {**body, "uuid": f"i{self._created}", "status": "ACTIVE"}
        self.instances[f"i{self._created}"] = instance
        self.most = max(self.most, len(self.instances))
        return 201, instance


def measured(server: Server, folder: Path, sizes: tuple[int, ...]) -> list[Visit]:
    """Visit `sizes` of a server, and return what was written."""
    plan = LoadPlan(
        family=Family.DBAAS, scenario="growth", program="", rate=0.0, duration=0.0, drain=0.0,
        max_in_flight=16, pool=0, seed=1, run="abcd", nonce="abcdg",
        target=replace(
            Target("server", "http://server", families=(Family.DBAAS,)), timing=Timing(poll=0.1)
        ),
        journal=str(folder / "growth.jsonl"), output=str(folder / "growth.samples.json"),
        existing=sizes, samples=10,
    )  # fmt: skip
    with Journal(Path(plan.journal), Vault(), {}) as journal:
        tools = Tools(server, server.sleep, server.clock)
        owned = Ownership(collections(plan.target.dbaas.prefix))
        session = Session(plan, Credential(Scheme.NONE), tools, journal, owned)
        traffic = Traffic(session, adapter_of(plan))
        traffic.adapter.prepare(session)
        server.progress = traffic.progress
        try:
            Visits(traffic).run()
        finally:
            session.recorder.close()
    return visits.read(visits.place(plan))


COSTS: dict[str, Callable[[int], float]] = {
    "list": lambda n: 0.001 + 1e-5 * n,
    "read": lambda n: 0.002,
    "delete": lambda n: 1e-7 * n * n + 0.0005,
}


def test_sizes_are_visited_up_and_down_and_everything_is_removed(tmp_path: Path) -> None:
    """Each size is held while it is measured, the biggest once, and nothing stays behind."""
    server = Server(COSTS)
    found = measured(server, tmp_path, (20, 60, 180))
    assert [(visit.resources, visit.deleted) for visit in found] == [
        (20, False), (60, False), (180, False), (60, True), (20, True),
    ]  # fmt: skip
    assert all(len(times) == 10 for visit in found for times in visit.seconds.values())
    assert all(set(visit.seconds) == set(visits.OPERATIONS) for visit in found)
    assert server.most == 181
    assert server.instances == {}


def test_whoever_watches_is_told_how_far_it_is(tmp_path: Path) -> None:
    """Without arrivals no phase and no rate tells."""
    server = Server(COSTS)
    measured(server, tmp_path, (2, 1100))
    told = dict.fromkeys(server.stages)
    for stage in (
        "growing to 2 resources, 1 there",
        "timing at 2 resources",
        "growing to 1,100 resources, 1,099 there",
        "timing at 1,100 resources",
        "shrinking to 2 resources, 3 there",
        "shrinking to 0 resources, 1 there",
    ):
        assert stage in told


def test_the_laws_of_a_server_are_found_and_judged(tmp_path: Path) -> None:
    """List grows with n, read does not, delete grows with n squared, which is more than allowed."""
    found = {
        one.operation: one
        for one in growth.results(
            Family.DBAAS, measured(Server(COSTS), tmp_path, (20, 60, 180, 540)), LAWS
        )
    }
    assert {name: (one.law, one.verdict) for name, one in found.items()} == {
        "create": ("constant", Verdict.PASS),
        "read": ("constant", Verdict.PASS),
        "update": ("constant", Verdict.PASS),
        "list": ("n", Verdict.PASS),
        "delete": ("n squared", Verdict.FAIL),
    }
    listed = found["list"]
    assert listed.lower is not None
    assert listed.upper is not None
    assert 0 < listed.lower < 1 < listed.upper < 2
    assert [point.resources for point in listed.points] == [20, 60, 180, 540, 180, 60, 20]
    assert listed.points[0].samples == 10
    assert listed.points[0].p99 is None


def test_a_server_that_refuses_to_grow_is_left_clean(tmp_path: Path) -> None:
    """Creations that are refused again and again end the growth with their reason, and cleaned."""
    server = Server(COSTS)
    server.refuse_beyond = 30
    with pytest.raises(Unprepared, match="50 creations in a row were refused with 30 resources"):
        measured(server, tmp_path, (20, 60))
    assert server.instances == {}


def visit(resources: int, seconds: float, *, deleted: bool = False) -> Visit:
    """A visit in which all operations took the same time but for a percent."""
    times = [seconds * (1 + 0.01 * (number % 3)) for number in range(20)]
    return Visit(resources, deleted, {name: list(times) for name in visits.OPERATIONS})


SIZES = (100, 1000, 10_000)


def test_what_deletions_leave_behind_is_told() -> None:
    """One operation that stays slow after deletions is a warning, the others are not affected."""
    up = [visit(size, 0.01) for size in SIZES]
    down = [visit(size, 0.01, deleted=True) for size in (1000, 100)]
    for one in down:
        one.seconds["list"] = [value * 3 for value in one.seconds["list"]]
    found = {one.operation: one for one in growth.results(Family.DBAAS, [*up, *down], LAWS)}
    assert found["list"].verdict is Verdict.WARN
    assert "resources it takes 3 times as long after deletions" in found["list"].note
    assert found["read"].verdict is Verdict.PASS


def test_a_machine_that_is_busy_with_something_else_is_inconclusive() -> None:
    """All operations take twice as long at a size visited again: nothing is said of any law."""
    up = [visit(size, 0.01) for size in SIZES]
    down = [visit(size, 0.025, deleted=True) for size in (1000, 100)]
    found = growth.results(Family.DBAAS, [*up, *down], LAWS)
    assert {one.verdict for one in found} == {Verdict.INCONCLUSIVE}
    assert "too noisy a machine" in found[0].note


def test_too_few_sizes_are_inconclusive() -> None:
    """Two sizes have no law, and a size that the limits left out is told."""
    found = growth.results(Family.DBAAS, [visit(10, 0.1), visit(20, 0.1)], LAWS, "10000 left out")
    assert {one.verdict for one in found} == {Verdict.INCONCLUSIVE}
    assert "10000 left out" in found[0].note
    assert found[0].law == ""


def test_an_operation_without_a_limit_passes_with_its_law() -> None:
    """The plan may leave an operation free: its law is told, and nothing is held against it."""
    found = growth.results(Family.DBAAS, [visit(n, n * 1e-4) for n in SIZES], {"list": "constant"})
    verdicts = {one.operation: (one.law, one.allowed, one.verdict) for one in found}
    assert verdicts["read"] == ("n", "", Verdict.PASS)
    assert verdicts["list"] == ("n", "constant", Verdict.FAIL)


def test_batches_hold_all_values_once() -> None:
    """Five medians of consecutive values; too few values have none."""
    assert growth.medians([1.0, 1.0, 2.0, 2.0, 3.0, 3.0, 4.0, 4.0, 5.0, 5.0]) == [1, 2, 3, 4, 5]
    assert growth.medians([1.0] * 4) == []
