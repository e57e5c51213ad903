"""The ledger recognises which way a server went, and breaks on nothing that servers answer."""

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from pgassay.exchange import Exchange
from pgassay.gaps import GapLedger, Recorder
from pgassay.results import GapResult
from pgassay.specification import specification
from pgassay.target.model import Family, Target

from . import clickhouse_examples, dbaas_examples
from .exchanges import CREATION, INSTANCE, ONE, SERVICES, SHOWN, TARGET, clickhouse, dbaas

EXAMPLES = {
    (gap, branch): exchanges
    for examples in (clickhouse_examples.EXAMPLES, dbaas_examples.EXAMPLES)
    for gap, branches in examples.items()
    for branch, exchanges in branches.items()
}
#: JSON values that stand where something else is expected.
ODD: tuple[Any, ...] = (None, [], [1], 1, "text", {}, {"pgConfig": [], "tags": [3], "name": {}})


def noted(exchanges: Iterable[Exchange], target: Target = TARGET) -> dict[str, GapResult]:
    """What the ledger says of all gaps after some exchanges."""
    ledger = GapLedger(specification(), target)
    for exchange in exchanges:
        ledger.observe(exchange)
    return {gap.id: gap for gap in ledger.results(tuple(Family))}


@pytest.mark.parametrize(("gap", "branch"), EXAMPLES)
def test_a_branch_is_recognised_and_no_other(gap: str, branch: str) -> None:
    target = dbaas_examples.TARGETS.get((gap, branch), TARGET)
    assert [seen.name for seen in noted(EXAMPLES[gap, branch], target)[gap].seen] == [branch]


def test_both_branches_are_kept_where_a_server_goes_two_ways() -> None:
    exchanges = [each for status in (200, 400) for each in _with_storage_size(status)]
    gap = noted(exchanges)["GAP-CH-UNKNOWN-MEMBERS"]
    assert gap.undecided
    assert [branch.count for branch in gap.branches] == [1, 1]


def test_evidence_names_the_first_exchanges() -> None:
    exchanges = [each for _ in range(5) for each in _with_storage_size(200)]
    branch = noted(exchanges)["GAP-CH-UNKNOWN-MEMBERS"].seen[0]
    assert branch.count == 5
    first = exchanges[0]
    assert [one.sequence for one in branch.evidence] == [each.sequence for each in exchanges[:3]]
    assert (branch.evidence[0].method, branch.evidence[0].path, branch.evidence[0].status) == (
        "POST",
        first.request.path,
        200,
    )


def test_a_refusal_of_who_asks_says_nothing_of_what_was_asked() -> None:
    gaps = noted([*_with_storage_size(401), *_with_storage_size(403), *_with_storage_size(429)])
    assert not gaps["GAP-CH-UNKNOWN-MEMBERS"].seen


def test_a_refusal_for_another_fault_says_nothing() -> None:
    body = CREATION | {"storageSize": 118, "name": "n" * 51}
    assert not noted([clickhouse(f"POST {SERVICES}", 400, body)])["GAP-CH-UNKNOWN-MEMBERS"].seen


def test_an_exchange_without_an_answer_shows_nothing() -> None:
    silent = replace(_with_storage_size(200)[0], status=0, failure="ConnectError")
    assert not any(gap.seen for gap in noted([silent]).values())


@pytest.mark.parametrize("status", [200, 201, 400, 404])
def test_no_answer_breaks_an_observer(status: int) -> None:
    exchanges = []
    for operation in specification().operations:
        path = operation.template.format_map(_Same())
        make = clickhouse if operation.family is Family.CLICKHOUSE else dbaas
        line = f"{operation.method} {path}"
        exchanges += [make(line, status, sent, shown) for sent in ODD for shown in ODD]
        exchanges.append(replace(exchanges[-1], body=b"\xff{"))
        exchanges.append(replace(exchanges[-1], body=json.dumps(ODD[-1]).encode()))
    assert noted(exchanges)


def test_what_checks_note_is_redacted_first() -> None:
    ledger = GapLedger(specification(), TARGET)
    recorder = Recorder(ledger, lambda exchange: replace(exchange, sequence=-1))
    recorder.record("GAP-DB-USER-NAMES", "unique", dbaas(f"POST {INSTANCE}/users", 409, {}))
    gap = next(gap for gap in ledger.results(["dbaas"]) if gap.id == "GAP-DB-USER-NAMES")
    assert gap.seen[0].evidence[0].sequence == -1


@pytest.mark.parametrize(
    ("gap", "branch"), [("GAP-DB-NONE", "unique"), ("GAP-DB-USER-NAMES", "none")]
)
def test_an_unknown_gap_or_branch_is_not_noted(gap: str, branch: str) -> None:
    ledger = GapLedger(specification(), TARGET)
    with pytest.raises(LookupError):
        ledger.record(gap, branch, clickhouse(f"GET {ONE}", 200, shown=SHOWN))


def test_a_family_that_is_not_examined_has_no_gaps() -> None:
    ledger = GapLedger(specification(), TARGET)
    assert {gap.family for gap in ledger.results(["dbaas"])} == {"dbaas"}


def test_a_declared_choice_is_told() -> None:
    settings = replace(TARGET.dbaas, prefix="/api", collection_slash=True)
    gaps = noted([], replace(TARGET, dbaas=settings))
    assert gaps["GAP-DB-PREFIX"].declared == "/api"
    assert gaps["GAP-DB-COLLECTION-SLASH"].declared == "true"
    assert gaps["GAP-DB-PUT"].declared == ""


def _with_storage_size(status: int) -> tuple[Exchange, ...]:
    shown = SHOWN if status == 200 else ...
    return (clickhouse(f"POST {SERVICES}", status, CREATION | {"storageSize": 118}, shown),)


class _Same(dict[str, str]):
    """Every parameter of a path has the same value."""

    def __missing__(self, key: str) -> str:
        return "55555555-5555-4555-8555-555555555555"
