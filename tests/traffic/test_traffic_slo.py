"""Objectives are judged in three values, and a file that cannot be used says why."""

from pathlib import Path

import pytest

from pgassay._folders import folder
from pgassay.errors import ConfigurationError
from pgassay.traffic.options import SCENARIOS
from pgassay.traffic.samples import OperationRecord, Outcome, Sample
from pgassay.traffic.slo import Budget, Conditions, Objective, account, judge, read
from pgassay.verdict import Verdict

SCHEMA = folder("spec") / "schema" / "slo.schema.json"
CALM = Conditions(lag=0.001, dropped=0)
P95 = Objective("a", "crud_lifecycle", "create", 95.0, 0.25)


def record(latencies: list[float], outcome: Outcome = Outcome.SUCCEEDED) -> OperationRecord:
    samples = [Sample(0.0, 0.0, value, value, outcome, 200) for value in latencies]
    return OperationRecord("create", len(samples), len(samples), 0, samples)


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
    mixed.samples += record([0.001] * 900, Outcome.FAILED).samples
    result = judge(P95, mixed, CALM)
    assert (result.verdict, result.samples) == (Verdict.FAIL, 100)


def test_a_request_without_an_answer_counts_with_the_time_that_it_was_waited_for() -> None:
    silent = record([0.1] * 60)
    silent.samples += [Sample(0.0, 0.0, 30.0, None, Outcome.UNFINISHED) for _ in range(40)]
    assert judge(P95, silent, CALM).verdict is Verdict.FAIL


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


def test_the_delivered_file_covers_every_scenario_on_every_family() -> None:
    objectives = read(folder("load") / "slo.toml", SCHEMA)
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
        read(path, SCHEMA)
    assert named in str(caught.value)
