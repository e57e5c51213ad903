"""What several workers were given for one identifier is found when their records are merged."""

import itertools
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pgassay.exchange import Exchange, Request
from pgassay.results import LoadFinding
from pgassay.target.model import DbaasSettings, Family
from pgassay.traffic import record
from pgassay.traffic.births import Birth, births
from pgassay.traffic.dbaas import DbaasAdapter
from pgassay.traffic.evidence import of_lost
from pgassay.traffic.finding import Kind
from pgassay.traffic.ledger import Ledger
from pgassay.traffic.options import LoadOptions
from pgassay.traffic.plan import LoadPlan
from pgassay.traffic.plan_file import read
from pgassay.traffic.planning import Planner
from pgassay.traffic.record import LoadRecord
from pgassay.traffic.session import Answer
from pgassay.traffic.shares import shares

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


@pytest.fixture
def plans(server: Reference, tmp_path: Path) -> tuple[LoadPlan, ...]:
    """Two workers, one after the other."""
    options = LoadOptions((Family.DBAAS,), ("crud_lifecycle",), 1, rate=6.0, duration=3.0)
    (plan,) = Planner(server.target, options, read("smoke"), tmp_path).plans()
    return shares(plan, 2)


def run(
    server: Reference, time: VirtualTime, plan: LoadPlan, borrowed: str = ""
) -> tuple[LoadRecord, list[str]]:
    """Carry out a worker's plan, and the identifiers of its creations.

    Where another worker's identifier is `borrowed`, the server gives it to the first creation.
    """
    given: list[str] = []

    def send(operation: str, request: Request) -> Answer:
        own = given[0] if given and borrowed else ""
        hidden = request.path.endswith(borrowed) if borrowed else False
        sent = replace(request, path=request.path.replace(borrowed, own)) if hidden else request
        answer = server.send(operation, sent)
        if operation == "create":
            given.append(json.loads(answer.body)["uuid"])
        own = given[0] if given and borrowed else ""
        return replace_body(answer, own, borrowed) if own else answer

    return carry_out(plan, time, send, credentials=server.target.credentials), given


def replace_body(answer: Answer, before: str, after: str) -> Answer:
    body = answer.body.replace(before.encode(), after.encode())
    return Answer(answer.status, body, answer.headers)


def test_an_identifier_that_two_workers_were_given_is_one_finding_with_both_names(
    server: Reference, time: VirtualTime, plans: tuple[LoadPlan, ...]
) -> None:
    first, given = run(server, time, plans[0])
    second, _ = run(server, time, plans[1], borrowed=given[0])
    assert not first.findings
    (found,) = LoadRecord.merge([first, second]).findings
    names = [f"pga_{plan.nonce}_0001" for plan in plans]
    assert found.kind == Kind.DUPLICATE_ID
    assert found.subject == f"{names[0]!r} ({given[0]})"
    assert found.text == f"worker 0 was given its identifier, and so was worker 1 for {names[1]!r}"
    for worker, (name, line) in enumerate(zip(names, found.evidence, strict=True)):
        assert line.startswith(f"worker {worker}: #")
        assert f"created {name!r}, sent 2026-" in line


def test_an_identifier_that_two_tenants_of_one_worker_were_given_is_found(
    server: Reference, time: VirtualTime, tmp_path: Path
) -> None:
    """Each tenant has a ledger of its own, in one process as well."""
    options = LoadOptions((Family.DBAAS,), ("noisy_neighbour",), 1, rate=1.0, duration=3.0)
    target = server.target
    (plan,) = Planner(target, options, read("standard"), tmp_path).plans()
    given: list[str] = []

    def send(operation: str, request: Request) -> Answer:
        """The first creation is the quiet tenant's; its identifier is shown to the noisy one."""
        noisy = request.credential == "main" and len(given) > 1
        own = replace(request, path=request.path.replace(given[0], given[1])) if noisy else request
        answer = server.send(operation, own)
        if operation == "create":
            given.append(json.loads(answer.body)["uuid"])
        noisy = request.credential == "main" and len(given) > 1
        return replace_body(answer, given[1], given[0]) if noisy else answer

    found = carry_out(plan, time, send, credentials=target.credentials)
    [shared] = [each for each in found.findings if each.kind == Kind.DUPLICATE_ID]
    assert shared.text.startswith(
        "other_tenant of worker 0 was given its identifier, and so was wor"
    )
    assert found.births == ()


def test_the_identifiers_of_a_lost_worker_are_known_from_its_journal(
    server: Reference, time: VirtualTime, plans: tuple[LoadPlan, ...]
) -> None:
    """What it was given and what another one was given is compared all the same."""
    whole, given = run(server, time, plans[0])
    other, _ = run(server, time, plans[1], borrowed=given[0])
    lost = of_lost(plans[0], "worker 0 died")
    assert [birth.line for birth in lost.births] == [birth.line for birth in whole.births]
    assert {birth.id for birth in lost.births} == set(given)
    assert LoadRecord.merge([lost, other]).findings == LoadRecord.merge([whole, other]).findings


def test_workers_of_the_reference_have_no_identifier_in_common(
    server: Reference, time: VirtualTime, plans: tuple[LoadPlan, ...]
) -> None:
    records = [run(server, time, plan)[0] for plan in plans]
    merged = LoadRecord.merge(records)
    assert merged.findings == ()
    assert len(merged.births) == merged.created > 2


def test_a_worker_that_carries_the_whole_load_keeps_no_list(
    server: Reference, time: VirtualTime, plans: tuple[LoadPlan, ...]
) -> None:
    alone = replace(plans[0], workers=1, worker=0)
    assert run(server, time, alone)[0].births == ()


def test_what_a_worker_reads_or_lists_of_another_one_is_no_birth_of_its_own() -> None:
    adapter = DbaasAdapter(DbaasSettings())
    ledger = Ledger("0a1b2c3da01", adapter)
    other = {"uuid": "x", "name": "pga_0a1b2c3da00_0001", "status": "ACTIVE"}
    for number, (path, shown) in enumerate(
        [(adapter.path("x"), other), (adapter.collection(), [other])]
    ):
        ticket = ledger.sending("GET", path)
        body = json.dumps(shown).encode()
        request = Request.of("GET", path)
        ledger.answered(ticket, Exchange(number, "load", request, "", 0.0, 0.1, 200, {}, body))
    assert births(1, ledger.entries) == ()


def worker(number: int, *identifiers: str, findings: tuple[LoadFinding, ...] = ()) -> LoadRecord:
    """The record of a worker that was given some identifiers."""
    born = tuple(
        Birth(number, sequence, identifier, f"n{number}_{sequence}", 0.0)
        for sequence, identifier in enumerate(identifiers, 1)
    )
    return LoadRecord(births=born, findings=findings)


def test_what_only_follows_from_an_identifier_given_twice_is_not_told_beside_it() -> None:
    follows = (
        LoadFinding(Kind.LOST_CREATE, "'n1_1' (x)", "it is not there"),
        LoadFinding(Kind.LOST_CREATE, "'u' (1)", "", ("#9 GET /instances/x/users/1 -> 404",)),
    )
    other = LoadFinding(Kind.LOST_CREATE, "'n1_2' (y)", "", ("#8 GET /instances/y -> 404",))
    merged = LoadRecord.merge([worker(0, "x"), worker(1, "x", "y", findings=(*follows, other))])
    assert [(found.kind, found.subject) for found in merged.findings] == [
        (Kind.DUPLICATE_ID, "'n0_1' (x)"),
        (Kind.LOST_CREATE, other.subject),
    ]


def test_the_order_in_which_records_come_and_are_put_together_does_not_matter() -> None:
    parts = [worker(0, "a", "x"), worker(1, "x", "b"), worker(2, "c", "x")]
    whole = LoadRecord.merge(parts)
    (found,) = whole.findings
    assert found.text.endswith("worker 1 for 'n1_1', worker 2 for 'n2_2'")
    for first, second, third in itertools.permutations(parts):
        for merged in (
            LoadRecord.merge([first, second, third]),
            LoadRecord.merge([first, LoadRecord.merge([second, third])]),
            LoadRecord.merge([LoadRecord.merge([first, second]), third]),
        ):
            assert (merged.findings, merged.births) == (whole.findings, whole.births)


def test_one_identifier_twice_from_one_worker_is_that_ledgers_business() -> None:
    assert LoadRecord.merge([worker(0, "x", "x"), worker(1, "y")]).findings == ()


def test_a_hundred_thousand_births_take_few_bytes_each_and_come_back_as_they_were() -> None:
    names = [f"11111111-1111-4111-8111-{number:012d}" for number in range(100_000)]
    written = record.encode(worker(3, *names))
    assert len(written) < 100 * len(names)
    found = record.decode(written)
    merged = LoadRecord.merge([found, worker(4, names[7])])
    assert len(merged.births) == len(names) + 1
    assert [each.subject for each in merged.findings] == [f"'n3_8' ({names[7]})"]
