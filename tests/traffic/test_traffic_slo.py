"""Objectives are judged in three values, and a file that cannot be used says why."""

from dataclasses import replace
from pathlib import Path

import pytest

from pgassay._folders import folder
from pgassay.errors import ConfigurationError
from pgassay.traffic.histogram import Histogram
from pgassay.traffic.kind import SCENARIOS
from pgassay.traffic.outlook import Outlook
from pgassay.traffic.record import LoadRecord
from pgassay.traffic.samples import OperationRecord, Outcome
from pgassay.traffic.slo import Budget, Objective, Objectives, read
from pgassay.traffic.verdicts import Conditions, account, judge, lost
from pgassay.verdict import Verdict

CALM = Conditions(lag=0.001, dropped=0)
P95 = Objective("a", "crud_lifecycle", "create", 95.0, 0.25)


def record(latencies: list[float], outcome: Outcome = Outcome.SUCCEEDED) -> OperationRecord:
    found = OperationRecord("create", len(latencies), len(latencies))
    for latency in latencies:
        found.add(outcome, latency, 0.0, complete=outcome is not Outcome.UNFINISHED)
    return found


@pytest.mark.parametrize(
    ("latencies", "conditions", "expected"),
    [
        pytest.param([0.1] * 200, CALM, Verdict.PASS, id="all below"),
        pytest.param([0.1] * 100 + [0.5] * 100, CALM, Verdict.FAIL, id="half above"),
        pytest.param(
            [0.1] * 188 + [0.5] * 12, CALM, Verdict.INCONCLUSIVE, id="interval on both sides"
        ),
        pytest.param([0.1] * 71, CALM, Verdict.INCONCLUSIVE, id="too few samples"),
        pytest.param([], CALM, Verdict.INCONCLUSIVE, id="no samples"),
        pytest.param([0.1] * 200, Conditions(0.026, 0), Verdict.INCONCLUSIVE, id="late generator"),
        pytest.param([0.1] * 200, Conditions(0.024, 0), Verdict.PASS, id="lag within a tenth"),
        pytest.param([0.5] * 200, Conditions(0.026, 0), Verdict.INCONCLUSIVE, id="late, above"),
        pytest.param([0.1] * 200, Conditions(0.001, 1), Verdict.INCONCLUSIVE, id="dropped, below"),
        pytest.param([0.5] * 200, Conditions(0.001, 1), Verdict.FAIL, id="dropped, above"),
        pytest.param([0.1] * 200, Conditions(0.001, 0, 0.91), Verdict.INCONCLUSIVE, id="busy"),
        pytest.param(
            [0.5] * 200, Conditions(0.001, 0, 0.91), Verdict.INCONCLUSIVE, id="busy, above"
        ),
    ],
)
def test_verdict_of_a_latency_objective(
    latencies: list[float], conditions: Conditions, expected: Verdict
) -> None:
    result = judge(P95, record(latencies), conditions)
    assert result.verdict is expected
    assert result.note or expected is Verdict.PASS


def test_fast_refusals_do_not_improve_a_percentile() -> None:
    mixed = record([0.4] * 100)
    mixed.merge(record([0.001] * 900, Outcome.FAILED))
    result = judge(P95, mixed, CALM)
    assert (result.verdict, result.samples) == (Verdict.FAIL, 100)


def test_a_request_without_an_answer_counts_with_the_time_that_it_was_waited_for() -> None:
    silent = record([0.1] * 60)
    silent.merge(record([30.0] * 40, Outcome.UNFINISHED))
    assert judge(P95, silent, CALM).verdict is Verdict.FAIL


def test_a_percentile_is_told_with_and_without_throttled_requests() -> None:
    mixed = record([0.1] * 200)
    mixed.merge(record([0.001] * 5, Outcome.THROTTLED))
    result = judge(P95, mixed, CALM)
    assert (result.verdict, result.samples, result.throttled) == (Verdict.PASS, 200, 5)
    assert result.with_throttled == pytest.approx(0.1, rel=0.001)
    mixed.merge(record([0.001] * 50, Outcome.THROTTLED))
    assert judge(P95, mixed, CALM).with_throttled is None
    spent = account(Budget("b", "s", 0.01), [mixed], 0)
    assert (spent.value, spent.with_throttled) == (0.0, 55 / 255)


def test_an_operation_that_was_never_sent_is_inconclusive() -> None:
    assert judge(P95, None, CALM).verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("good", "bad", "throttled", "dropped", "expected"),
    [
        (199, 1, 0, 0, Verdict.PASS),
        (98, 2, 0, 0, Verdict.FAIL),
        (200, 0, 50, 0, Verdict.PASS),
        (200, 0, 0, 3, Verdict.INCONCLUSIVE),
        (10, 0, 0, 0, Verdict.INCONCLUSIVE),
        (0, 0, 0, 0, Verdict.INCONCLUSIVE),
    ],
)
def test_verdict_of_an_error_budget(
    good: int, bad: int, throttled: int, dropped: int, expected: Verdict
) -> None:
    records = [
        record([0.1] * good),
        record([0.1] * bad, Outcome.FAILED),
        record([0.1] * throttled, Outcome.THROTTLED),
    ]
    budget = Budget("b", "crud_lifecycle", 0.01, minimum_samples=50)
    assert account(budget, records, dropped).verdict is expected


def test_a_busy_generator_does_not_blame_the_target_for_answers_that_it_did_not_wait_for() -> None:
    budget = Budget("b", "crud_lifecycle", 0.01)
    silent = [record([0.1] * 90), record([5.0] * 10, Outcome.UNFINISHED)]
    busy = Conditions(lag=0.001, dropped=0, cpu=0.99)
    assert account(budget, silent, 0, CALM).verdict is Verdict.FAIL
    assert account(budget, silent, 0, busy).verdict is Verdict.INCONCLUSIVE
    silent[1].errors = {"status 500": 10}
    assert account(budget, silent, 0, busy).verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("slow", "arrivals", "expected"),
    [
        pytest.param(20, 1000, False, id="the rest may still save it"),
        pytest.param(80, 1000, True, id="more are slow than the whole plan allows"),
        pytest.param(80, 3000, False, id="of a longer plan"),
        pytest.param(80, None, False, id="any number may come"),
    ],
)
def test_a_latency_objective_is_lost_early_only_for_sure(
    slow: int, arrivals: int | None, expected: bool
) -> None:
    so_far = LoadRecord(operations=[record([0.1] * 20 + [0.5] * slow)])
    so_far.operations[0].name = "create" if arrivals else "poll"
    objective = replace(P95, operation=so_far.operations[0].name)
    found = lost(Objectives((objective,)), so_far, Outlook(arrivals or 1))
    assert (found is not None) == expected
    if found is not None:
        # Even if all that is left is good, the whole fails.
        so_far.operations[0].merge(record([0.1] * (arrivals or 0)))
        assert judge(P95, so_far.operations[0], CALM).verdict is Verdict.FAIL


def test_an_error_budget_is_lost_early_once_the_whole_plan_has_spent_it() -> None:
    objectives = Objectives(budget=(Budget("b", "crud_lifecycle", 0.01),))
    so_far = LoadRecord(operations=[record([0.1] * 90), record([0.1] * 10, Outcome.FAILED)])
    so_far.operations[1].name = "delete"
    assert lost(objectives, so_far, Outlook(500, 500, 1000)) is None
    assert lost(objectives, so_far, Outlook(400)) is None
    found = lost(objectives, so_far, Outlook(400, 400, 800))
    assert found is not None
    assert (found.id, found.verdict) == ("b", Verdict.FAIL)


def test_a_generator_that_is_not_to_be_believed_loses_no_objective_early() -> None:
    late = Histogram()
    late.record(1.0)
    so_far = LoadRecord(operations=[record([0.5] * 100)], lags=late)
    assert lost(Objectives((P95,)), so_far, Outlook(0)) is None


def test_the_delivered_file_covers_every_scenario_on_every_family() -> None:
    objectives = read(folder("load") / "slo.toml")
    for scenario in SCENARIOS:
        for family in ("clickhouse", "dbaas"):
            wanted = objectives.of(scenario, family)
            assert wanted.objective
            assert wanted.budget


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[[objective]]\nid = 'a'\n", "objective.0"),
        ("[[objetive]]\nid = 'a'\n", "objetive"),
        ("[[budget]]\nid='a'\nscenario='s'\nshare=2\n", "budget.0.share"),
        ("[[budget]]\nid='a'\nscenario='s'\nshare=0\n" * 2, "'a' is used twice"),
        ("not toml", "not TOML"),
    ],
)
def test_a_file_that_cannot_be_used_names_the_place(tmp_path: Path, text: str, named: str) -> None:
    path = tmp_path / "slo.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"slo\.toml") as caught:
        read(path)
    assert named in str(caught.value)
