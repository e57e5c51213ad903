"""Every shipped scenario does on both families what its first sentence says, and leaves nothing."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pgassay import journal
from pgassay._folders import folder
from pgassay.exchange import Request
from pgassay.results import LoadScenario
from pgassay.target.model import Credential, Family
from pgassay.traffic import figures, judgement, neighbour
from pgassay.traffic.examination import Examination
from pgassay.traffic.kind import SCENARIOS
from pgassay.traffic.options import LoadOptions
from pgassay.traffic.outlook import POLLS, outlook
from pgassay.traffic.plan import LoadPlan
from pgassay.traffic.plan_file import read
from pgassay.traffic.planning import Planner
from pgassay.traffic.record import LoadRecord
from pgassay.traffic.session import Answer
from pgassay.verdict import Verdict

from .virtual import Reference, VirtualTime, carry_out, reference


@pytest.fixture
def time() -> VirtualTime:
    """Virtual time."""
    return VirtualTime()


@pytest.fixture
def server(time: VirtualTime) -> Iterator[Reference]:
    """A fresh reference server in virtual time."""
    with reference(time) as found:
        yield found


def planned(server: Reference, place: Path, family: Family, scenario: str) -> LoadPlan:
    options = LoadOptions((family,), (scenario,), seed=1, rate=10.0, duration=4.0)
    (plan,) = Planner(server.target, options, read("smoke"), place).plans()
    return plan


def run(server: Reference, time: VirtualTime, plan: LoadPlan) -> LoadRecord:
    return carry_out(plan, time, server.send, credentials=server.target.credentials)


def counts(found: LoadRecord) -> dict[str, int]:
    return {item.name: item.sent for item in found.operations}


def test_every_program_has_a_kind_and_every_kind_a_program_and_a_place_in_the_plans() -> None:
    # What growth does is no arrivals: it is a search of its own, and no scenario.
    assert {path.stem for path in folder("load").glob("*.py")} == {*SCENARIOS, "growth"}
    for plan in ("smoke", "standard"):
        assert list(read(plan).scenario) == list(SCENARIOS)


def assert_bounded(plan: LoadPlan, found: LoadRecord) -> None:
    """No arrival sends more than its kind says: the decision to end early rests on it."""
    sent = counts(found)
    polls = sum(sent.pop(name, 0) for name in POLLS)
    most = outlook(plan, found.offered, plan.duration + plan.drain)
    assert most.requests is not None
    assert most.polls is not None
    assert polls <= most.polls
    assert sum(sent.values()) <= most.requests - most.polls
    assert max(sent.values()) <= found.offered


@pytest.mark.parametrize("family", list(Family))
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_it_succeeds_on_the_reference_and_leaves_nothing_behind(
    server: Reference, time: VirtualTime, tmp_path: Path, family: Family, scenario: str
) -> None:
    plan = planned(server, tmp_path, family, scenario)
    found = run(server, time, plan)
    assert (found.obstacle, found.dropped, found.findings, found.left) == ("", 0, (), ())
    assert found.offered == found.sent > 20
    assert found.created == found.removed > 0
    assert_bounded(plan, found)
    for operation in map(figures.operation, found.operations):
        assert operation.succeeded == operation.sent == operation.offered, operation
    entries = list(journal.read(Path(plan.journal)))
    created = {entry["path"]: entry["name"] for entry in entries if entry["kind"] == "created"}
    removed = {entry["path"] for entry in entries if entry["kind"] == "removed"}
    assert all(plan.nonce in name for name in created.values())
    assert created.keys() == removed


@pytest.mark.parametrize("family", list(Family))
def test_churn_creates_as_many_as_it_deletes_and_holds_the_population(
    server: Reference, time: VirtualTime, tmp_path: Path, family: Family
) -> None:
    sizes: list[int] = []

    def watching(operation: str, request: Request) -> Answer:
        answer = server.send(operation, request)
        if request.method == "GET" and operation == "list":
            body = json.loads(answer.body)
            items = body["result"] if family is Family.CLICKHOUSE else body
            names = [item["name"] for item in items if item.get("state") != "deleting"]
            sizes.append(sum(plan.nonce in name for name in names))
        return answer

    plan = planned(server, tmp_path, family, "churn")
    found = carry_out(plan, time, watching, credentials=server.target.credentials)
    assert counts(found)["create"] == counts(found)["delete"]
    # The first listing after the drain shows what is held.
    assert sizes[0] == plan.population == 20


def test_mixes_are_followed_and_the_seed_repeats_them(
    server: Reference, time: VirtualTime, tmp_path: Path
) -> None:
    plan = planned(server, tmp_path, Family.DBAAS, "list_heavy")
    plan = replace(plan, mix={"list": 1.0, "read": 1.0}, population=5)
    first, again, other = (
        counts(run(server, time, replace(plan, seed=seed, nonce=f"{plan.nonce}{number}")))
        for number, seed in enumerate((1, 1, 2))
    )
    assert first == again
    assert first.keys() == other.keys() == {"list", "read"}
    assert 8 < first["read"] < 28


@pytest.mark.parametrize("family", list(Family))
def test_passwords_are_in_no_file(
    server: Reference, time: VirtualTime, tmp_path: Path, family: Family
) -> None:
    secret: list[str] = []

    def listening(operation: str, request: Request) -> Answer:
        answer = server.send(operation, request)
        if operation in ("create_user", "set_password"):
            body = request.body if operation == "create_user" else answer.body
            found = json.loads(body or b"{}")
            secret.append(found.get("password") or found["result"]["password"])
        return answer

    plan = planned(server, tmp_path, family, "config_and_password")
    carry_out(plan, time, listening, credentials=server.target.credentials)
    assert len(secret) > 3
    written = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert not [password for password in secret if password.encode() in written]


class Unfair:
    """A reference that answers 429 to one tenant while the other makes noise."""

    def __init__(self, server: Reference, victim: str, family: Family) -> None:
        self._server = server
        self._header = server.target.credentials[f"{family}.{victim}"].headers["Authorization"]
        self.refused = 0

    def send(self, operation: str, request: Request) -> Answer:
        mine = request.headers["Authorization"] == self._header
        if mine and operation in ("list", "list_in_noise") and self.refused < 5:
            self.refused += 1
            return Answer(429, b"{}", {"retry-after": "0"})
        return self._server.send(operation, request)


def judged(plan: LoadPlan, found: LoadRecord) -> LoadScenario:
    return neighbour.judged(judgement.judge(plan, found, plan.objectives))


@pytest.mark.parametrize(
    ("victim", "verdict"), [("main", Verdict.PASS), ("other_tenant", Verdict.FAIL)]
)
def test_a_429_may_go_to_the_noisy_tenant_only(
    server: Reference, time: VirtualTime, tmp_path: Path, victim: str, verdict: Verdict
) -> None:
    plan = planned(server, tmp_path, Family.DBAAS, "noisy_neighbour")
    unfair = Unfair(server, victim, Family.DBAAS)
    found = carry_out(plan, time, unfair.send, credentials=server.target.credentials)
    result = judged(plan, found)
    (slo,) = result.slos
    assert (slo.id, slo.verdict) == ("neighbour-throttled", verdict)
    assert unfair.refused == 5
    quiet, noisy = (5, 0) if verdict is Verdict.FAIL else (0, 5)
    assert f"{quiet} requests of the quiet tenant and {noisy} of the noisy one" in slo.note


def test_the_quiet_tenant_is_measured_with_and_without_the_noise(
    server: Reference, time: VirtualTime, tmp_path: Path
) -> None:
    plan = planned(server, tmp_path, Family.CLICKHOUSE, "noisy_neighbour")
    plan = replace(plan, background=40.0)

    def slower(operation: str, request: Request) -> Answer:
        server.latency = 0.020 if operation.endswith(neighbour.IN_NOISE) else 0.004
        return server.send(operation, request)

    found = carry_out(plan, time, slower, credentials=server.target.credentials)
    sent = counts(found)
    assert sent["read_alone"] == sent["list_alone"] == 80
    assert sent["read_in_noise"] == sent["list_in_noise"] == 80
    assert {"create", "list", "delete"} <= sent.keys()
    note = judged(plan, found).note
    assert "read: p95 0.0040 s alone, 0.020" in note


def test_without_a_second_tenant_it_is_not_testable_and_says_why(
    server: Reference, tmp_path: Path
) -> None:
    only = {"dbaas.main": server.target.credentials["dbaas.main"]}
    target = replace(server.target, credentials=only)
    options = LoadOptions((Family.DBAAS,), ("noisy_neighbour",))
    said: list[str] = []
    (result,) = Examination(target, options, tmp_path, said.append, None).run().load
    assert (result.verdict, result.offered) == (Verdict.NOT_TESTABLE, 0)
    assert "[auth.other_tenant]" in result.note


def test_the_quiet_tenants_resource_is_journalled_as_its_own(
    server: Reference, time: VirtualTime, tmp_path: Path
) -> None:
    plan = planned(server, tmp_path, Family.DBAAS, "noisy_neighbour")
    run(server, time, plan)
    created = [entry for entry in journal.read(Path(plan.journal)) if entry["kind"] == "created"]
    assert [entry["credential"] for entry in created].count("other_tenant") == 1


def test_a_refused_second_tenant_leaves_nothing_and_names_the_answer(
    server: Reference, time: VirtualTime, tmp_path: Path
) -> None:
    plan = planned(server, tmp_path, Family.DBAAS, "noisy_neighbour")
    wrong = replace(server.target.credentials["dbaas.other_tenant"], token="wrong")
    given: dict[str, Credential] = {**server.target.credentials, "dbaas.other_tenant": wrong}
    found = carry_out(plan, time, server.send, credentials=given)
    assert "401" in found.obstacle
    assert (found.offered, found.left) == (0, ())
