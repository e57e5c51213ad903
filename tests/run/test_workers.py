"""A run that several processes share is one run: one set of results, and nothing left behind."""

import signal
from collections import Counter
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest

from pgassay.catalogue import Catalogue
from pgassay.errors import SuiteBroken
from pgassay.journal import read
from pgassay.results import CheckResult
from pgassay.run import RunOptions, Silence, examine, workers
from pgassay.run.session import Session
from pgassay.run.workers import divided
from pgassay.target.model import Family, Limits, Target

from .conftest import Run

BOTH = """
@requirement("CH-SVC-GET")
def test_a_service(clickhouse: ClickhouseApi, own_service: dict) -> None:
    '''One family.'''
    clickhouse.shown(own_service["id"])

@requirement("DB-INST-GET")
def test_an_instance(dbaas: DbaasApi, own_instance: dict) -> None:
    '''The other family.'''
    dbaas.get(own_instance["uuid"])
"""
FAILING = """
@requirement("DB-INST-GET")
def test_fails(dbaas: DbaasApi, user: dict, instance: dict) -> None:
    '''Fails after a password was sent.'''
    exchange = dbaas.create_user(instance["uuid"])
    raise Deviation("wrong", "this", "that", exchange=exchange)
"""


def test_both_halves_are_in_one_set_of_results(run: Run, tmp_path: Path) -> None:
    results = run(BOTH, workers=2)
    assert {check.id: check.verdict for check in results.checks} == {
        "test_own::test_a_service": "PASS",
        "test_own::test_an_instance": "PASS",
    }
    assert {family.family for family in results.traffic} >= {"clickhouse", "dbaas"}
    assert results.requests == sum(operation.requests for operation in results.traffic)
    assert (results.cleanup.created, results.cleanup.removed, results.exit_status) == (2, 2, 0)
    journals = sorted(path.name for path in (tmp_path / "run").glob("*.jsonl"))
    assert journals == ["journal-1.jsonl", "journal-2.jsonl", "journal.jsonl"]


def test_no_two_requests_have_one_number(run: Run, tmp_path: Path) -> None:
    run(BOTH, workers=2)
    entries = [entry for path in (tmp_path / "run").glob("*.jsonl") for entry in read(path)]
    numbers = Counter(entry["sequence"] for entry in entries if entry["kind"] == "exchange")
    assert set(numbers.values()) == {1}


def test_a_finding_comes_with_its_evidence_and_without_secrets(run: Run) -> None:
    results = run(BOTH + FAILING, workers=2)
    [finding] = results.findings
    assert (finding.title, finding.check) == ("wrong", "test_own::test_fails")
    assert finding.exchanges[-1].method == "POST"
    assert "<Secret-" in (finding.exchanges[-1].request_body or "")
    assert results.exit_status == 1


def test_an_interruption_ends_the_checks_and_not_the_cleaning_up(
    run: Run, target: Target, tmp_path: Path
) -> None:
    class Impatient(Silence):
        def finished(self, result: CheckResult, requests: int) -> None:
            raise KeyboardInterrupt

    run(BOTH, workers=2)
    options = RunOptions(tmp_path / "again", workers=2, checks=tmp_path / "checks")
    results = examine(target, options, Impatient())
    assert results.run.interrupted
    assert results.exit_status == 4
    assert results.cleanup.created == results.cleanup.removed
    assert results.cleanup.left == ()


def test_a_second_interruption_ends_the_cleaning_up_of_workers_and_hears_them_out(
    monkeypatch: pytest.MonkeyPatch, target: Target, tmp_path: Path
) -> None:
    told: list[str] = []

    def listen(*_: object) -> None:
        told.append("listen")
        if told.count("listen") < 3:
            raise KeyboardInterrupt

    def end(_: object, __: object, number: int = signal.SIGTERM) -> None:
        told.append(signal.Signals(number).name)

    monkeypatch.setattr(workers, "_started", lambda _: nullcontext({}))
    monkeypatch.setattr("pgassay.run.workers._Conductor.listen", listen)
    monkeypatch.setattr("pgassay.run.workers._Conductor.end", end)
    monkeypatch.setattr("pgassay.run.workers._Conductor.concluded", lambda *_: ())
    session = Session.opened(target, RunOptions(tmp_path), Catalogue.load())
    assert workers.conduct(session, [], Silence()) == ()
    session.close()
    assert session.interrupted
    assert told == ["listen", "SIGTERM", "listen", "SIGUSR1", "listen"]


def test_a_worker_that_dies_is_no_verdict(run: Run) -> None:
    killed = f"    import os; os.kill(os.getpid(), {signal.SIGKILL.value})\n"
    with pytest.raises(SuiteBroken, match="without a word"):
        run(BOTH + killed, workers=2)


def test_a_selection_of_one_family_leaves_the_other_worker_idle(run: Run) -> None:
    results = run(BOTH, workers=2, requirements=("DB-INST-GET",))
    assert [check.id for check in results.checks] == ["test_own::test_an_instance"]


def test_workers_share_the_limits(target: Target, tmp_path: Path) -> None:
    limited = replace(target, limits=Limits(requests_per_second=10, concurrent_resources=8))
    shares = divided(limited, RunOptions(tmp_path, workers=3))
    assert [share.options.families for share in shares] == [
        (Family.CLICKHOUSE,),
        (Family.DBAAS,),
    ]
    wanted = Limits(requests_per_second=5, concurrent_resources=4)
    assert [share.target.limits for share in shares] == [wanted, wanted]


@pytest.mark.parametrize("limits", [Limits(concurrent_resources=4), Limits(total_resources=7)])
def test_few_places_are_not_divided(target: Target, tmp_path: Path, limits: Limits) -> None:
    limited = replace(target, limits=limits)
    assert len(divided(limited, RunOptions(tmp_path, workers=2))) == 1
