"""The users that a load creates on standing instances are in a ledger of their own."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pgassay import journal
from pgassay.exchange import Request
from pgassay.target.model import Family
from pgassay.traffic import record
from pgassay.traffic.execution import Execution
from pgassay.traffic.finding import Kind
from pgassay.traffic.options import LoadOptions
from pgassay.traffic.plan import LoadPlan
from pgassay.traffic.plan_file import read
from pgassay.traffic.planning import Planner
from pgassay.traffic.record import LoadRecord
from pgassay.traffic.session import Answer, Tools

from .virtual import Reference, VirtualTime, carry_out, reference, scenario

#: Every so many creations of a user are struck.
EVERY = 4
UNKNOWN = "99999999-9999-4999-8999-999999999999"


class Faulty:
    """The reference with one fault in its users; counts what it struck."""

    def __init__(self, server: Reference, fault: str = "") -> None:
        self._server, self._fault = server, fault
        self._number = 0
        self._last = b""
        self.struck = 0

    def send(self, operation: str, request: Request) -> Answer:
        """Answer as the reference does, or as the fault wants."""
        if operation == "create_user":
            self._number += 1
            struck = self._number % EVERY == 0 and self._fault != "deaf"
            self.struck += struck
            return self._create(operation, request, self._fault if struck else "")
        if self._fault == "deaf" and operation == "delete_user":
            self.struck += 1
            return Answer(204)
        return self._server.send(operation, request)

    def _create(self, operation: str, request: Request, fault: str) -> Answer:
        if fault == Kind.LOST_CREATE:
            shown = {**json.loads(self._last), "uuid": UNKNOWN[:-4] + f"{self._number:04d}"}
            return Answer(201, json.dumps(shown).encode(), {"content-type": "application/json"})
        if fault == Kind.DUPLICATE_ID:
            return Answer(201, self._last, {"content-type": "application/json"})
        answer = self._server.send(operation, request)
        self._last = answer.body
        if fault == Kind.PHANTOM:
            twin = json.loads(request.body or b"")
            body = json.dumps({**twin, "name": f"{twin['name']}_twin"}).encode()
            self._server.send(operation, replace(request, body=body))
        if fault == "mute":
            return Answer(0, failure="timeout", timed_out=True)
        return answer


@pytest.fixture
def time() -> VirtualTime:
    """Virtual time."""
    return VirtualTime()


@pytest.fixture
def server(time: VirtualTime) -> Iterator[Reference]:
    """A fresh reference server in virtual time."""
    with reference(time) as found:
        yield found


@pytest.fixture
def plan(server: Reference, tmp_path: Path) -> LoadPlan:
    """New users alone, on two instances."""
    options = LoadOptions((Family.DBAAS,), ("config_and_password",), 1, rate=10.0, duration=4.0)
    (found,) = Planner(server.target, options, read("smoke"), tmp_path).plans()
    return replace(found, mix={"password": 1.0}, population=2)


def run(server: Reference, time: VirtualTime, plan: LoadPlan, faulty: Faulty) -> LoadRecord:
    return carry_out(plan, time, faulty.send, credentials=server.target.credentials)


@pytest.mark.parametrize("kind", [Kind.LOST_CREATE, Kind.PHANTOM])
def test_a_fault_of_users_is_found_on_each_that_it_strikes_and_on_no_other(
    server: Reference, time: VirtualTime, plan: LoadPlan, kind: Kind
) -> None:
    faulty = Faulty(server, kind)
    found = run(server, time, plan, faulty)
    assert faulty.struck > 1
    assert [each.kind for each in found.findings] == [kind] * faulty.struck
    assert all("/users" in each.evidence[-1] for each in found.findings)
    assert found.left == ()


def test_two_users_of_one_identifier_are_found(
    server: Reference, time: VirtualTime, plan: LoadPlan
) -> None:
    found = run(server, time, replace(plan, population=1), Faulty(server, Kind.DUPLICATE_ID))
    assert {each.kind for each in found.findings} == {Kind.DUPLICATE_ID}


def test_users_whose_deletion_does_nothing_are_found_and_go_with_their_instance(
    server: Reference, time: VirtualTime, plan: LoadPlan
) -> None:
    faulty = Faulty(server, "deaf")
    found = run(server, time, plan, faulty)
    assert [each.kind for each in found.findings] == [Kind.RESURRECTED_DELETE] * faulty.struck
    assert found.created == found.removed > faulty.struck
    assert found.left == ()


def test_users_without_an_answer_are_settled_by_the_listing_under_their_instance(
    server: Reference, time: VirtualTime, plan: LoadPlan
) -> None:
    faulty = Faulty(server, "mute")
    found = run(server, time, plan, faulty)
    assert (found.findings, found.left, found.settled) == ((), (), faulty.struck)
    assert found.created == found.removed


def test_the_reference_has_no_findings_and_its_users_are_counted(
    server: Reference, time: VirtualTime, plan: LoadPlan
) -> None:
    found = run(server, time, plan, Faulty(server))
    assert (found.findings, found.left) == ((), ())
    assert found.created == found.removed == plan.population + found.requests["create_user"]
    assert found.requests["list_user"] == plan.population


def test_what_is_lost_with_its_instance_is_told_of_the_instance_alone(
    server: Reference, time: VirtualTime, plan: LoadPlan
) -> None:
    lost: list[str] = []

    def losing(operation: str, request: Request) -> Answer:
        if operation == "create_user" and not lost:
            lost.append(request.path.partition("/users")[0].rpartition("/")[2])
            return server.send(operation, request)
        if lost and lost[0] in request.path:
            return Answer(404, b'{"error": "NOT_FOUND"}', {"content-type": "application/json"})
        answer = server.send(operation, request)
        if lost and operation == "list":
            kept = [item for item in json.loads(answer.body) if item["uuid"] != lost[0]]
            return Answer(200, json.dumps(kept).encode(), answer.headers)
        return answer

    found = carry_out(plan, time, losing, credentials=server.target.credentials)
    (finding,) = found.findings
    assert finding.kind == Kind.LOST_CREATE
    assert lost[0] in finding.subject


def test_users_of_an_instance_that_cannot_be_removed_are_left_with_it(
    server: Reference, time: VirtualTime, plan: LoadPlan
) -> None:
    def deaf(operation: str, request: Request) -> Answer:
        return Answer(204) if request.method == "DELETE" else server.send(operation, request)

    plan = replace(plan, population=1, duration=1.0)
    found = carry_out(plan, time, deaf, credentials=server.target.credentials)
    users = found.requests["create_user"]
    assert [each.kind for each in found.left] == ["instance"] + ["user"] * users
    assert found.left[-1].reason == "what holds it could not be removed"
    assert (found.created, found.removed) == (1 + users, 0)


def test_the_journal_tells_that_users_went_with_their_instances(
    server: Reference, time: VirtualTime, plan: LoadPlan
) -> None:
    run(server, time, plan, Faulty(server, "deaf"))
    entries = list(journal.read(Path(plan.journal)))
    removed = {entry["path"] for entry in entries if entry["kind"] == "removed"}
    created = {entry["path"] for entry in entries if entry["kind"] == "created"}
    assert all(any(path.startswith(gone) for gone in removed) for path in created)


def test_an_interrupted_run_lists_no_users_and_removes_them_all_the_same(
    server: Reference, time: VirtualTime, plan: LoadPlan
) -> None:
    def interrupting(operation: str, request: Request) -> Answer:
        if operation == "user_poll":
            execution.stop()
        return server.send(operation, request)

    tools = Tools(interrupting, time.sleep, time.now)
    credential = server.target.credentials["dbaas.main"]
    execution = Execution(scenario(Path(plan.program)), plan, credential, tools, time)
    time.run(execution.run)
    found = record.read(Path(plan.output))
    assert found is not None
    assert (found.interrupted, found.findings, found.left) == (True, (), ())
    assert found.created == found.removed == plan.population + found.requests["create_user"]
    assert "list_user" not in found.requests
