"""The OpenMetrics file of a load: its parser reads it, and the figures in it are those measured."""

import math
import random
from collections import Counter
from dataclasses import replace

import pytest
from prometheus_client import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from pgassay.reporting import openmetrics
from pgassay.results import LoadOperation, LoadScenario, Percentile, SloResult
from pgassay.verdict import Verdict

from .sample import only_load


def latencies(count: int = 2000) -> list[float]:
    drawn = random.Random(11)
    return [drawn.lognormvariate(-4, 1) for _ in range(count)]


def scenario() -> LoadScenario:
    values = sorted(latencies())
    bounds = Counter(math.ceil(math.log2(value / 0.001)) for value in values)
    histogram = tuple((0.001 * 2**step, count) for step, count in sorted(bounds.items()))
    create = LoadOperation(
        "create", 2050, 2040, 10, 2000, 30, 10, 0, {"201": 2000, "429": 10}, {'a "b"\nc\\': 30},
        (Percentile(50.0, 0.018, 0.017, 0.019), Percentile(99.9, None, None, None)),
        values[-1], math.fsum(values) / len(values), histogram, bytes_sent=160_000,
    )  # fmt: skip
    slos = (
        SloResult("fast", "churn", "create", "p95 <= 1 s", 1, 0.2, 0.1, 0.3, 9, Verdict.PASS),
        SloResult("tail", "churn", "create", "p99.9 <= 1 s", 1, None, None, None, 9,
                  Verdict.INCONCLUSIVE),
    )  # fmt: skip
    generator = {"lag_p50": 0.0001, "lag_p99": 0.002, "lag_max": 0.004, "cpu": 0.4}
    return LoadScenario(
        "dbaas", "churn", 20.0, 60.0, 1, Verdict.PASS, "", 2050, 2040, 10, (create,), slos, (),
        generator, lifecycle=(),
    )  # fmt: skip


def families(text: str) -> dict[str, Metric]:
    # The library has no types for its parser.
    found = text_string_to_metric_families(text)  # type: ignore[no-untyped-call]
    return {family.name: family for family in found}


def rendered() -> str:
    return openmetrics.render(replace(only_load(), load=(scenario(),)))


def test_the_openmetrics_file_is_what_its_parser_expects() -> None:
    text = rendered()
    assert text.endswith("# EOF\n")
    found = families(text)
    for family in found.values():
        assert family.documentation
        assert not family.unit or family.name.endswith(f"_{family.unit}")
    assert found["pgassay_load_requests"].type == "counter"
    assert found["pgassay_load_latency_seconds"].type == "histogram"
    assert found["pgassay_load_generator_lag_seconds"].type == "gauge"


def test_metrics_add_up_to_what_was_measured() -> None:
    found = families(rendered())
    requests = {s.labels["outcome"]: s.value for s in found["pgassay_load_requests"].samples}
    assert requests == {"succeeded": 2000, "failed": 30, "throttled": 10, "unfinished": 0}
    latency = found["pgassay_load_latency_seconds"].samples
    values = {sample.name.rpartition("_")[2]: sample.value for sample in latency}
    assert values["count"] == 2000
    assert values["sum"] == pytest.approx(math.fsum(latencies()))
    assert [s.value for s in latency if s.labels.get("le") == "+Inf"] == [2000]
    (error,) = found["pgassay_load_errors"].samples
    assert error.labels["error"] == 'a "b"\nc\\'


def test_what_samples_do_not_carry_is_no_metric() -> None:
    text = rendered()
    assert 'quantile="0.5"' in text
    assert 'quantile="0.999"' not in text
    assert 'objective="fast"' in text
    assert 'objective="tail"' not in text
