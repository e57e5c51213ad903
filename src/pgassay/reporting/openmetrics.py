"""The figures of load runs as an OpenMetrics file, for any system that keeps metrics."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from pgassay.reporting.exposition import MetricFamily, Point, buckets, exposed
from pgassay.results import LoadOperation, LoadScenario, Results
from pgassay.verdict import Verdict

_OUTCOMES = ("succeeded", "failed", "throttled", "unfinished")
_ARRIVALS = ("offered", "sent", "dropped")


def render(results: Results) -> str:
    """Return the figures of all loads of a run as OpenMetrics text; nothing else is in it."""
    scenarios = results.load
    return exposed([*_counters(scenarios), *_latencies(scenarios), *_gauges(scenarios)])


def _counters(scenarios: tuple[LoadScenario, ...]) -> Iterator[MetricFamily]:
    def by_operation(
        name: str, about: str, counts: Callable[[LoadOperation], Mapping[str, int]], label: str
    ) -> MetricFamily:
        points = tuple(
            Point(number, {**_of(scenario, operation), label: key}, "_total")
            for scenario in scenarios
            for operation in scenario.operations
            for key, number in counts(operation).items()
        )
        return MetricFamily(f"pgassay_load_{name}", "counter", about, points)

    arrivals = tuple(
        Point(getattr(scenario, state), {**_labels(scenario), "state": state}, "_total")
        for scenario in scenarios
        for state in _ARRIVALS
    )
    yield MetricFamily("pgassay_load_arrivals", "counter", "Arrivals of the plan.", arrivals)
    yield by_operation("requests", "Requests by what became of them.", _outcomes, "outcome")
    yield by_operation("answers", "Answers by status.", lambda item: item.statuses, "status")
    yield by_operation("errors", "Errors by class.", lambda item: item.errors, "error")
    octets = tuple(
        Point(number, {**_of(scenario, item), "direction": direction}, "_total")
        for scenario in scenarios
        for item in scenario.operations
        for direction, number in (("sent", item.bytes_sent), ("received", item.bytes_received))
    )
    about = "Bytes on the wire, below TLS, by direction."
    yield MetricFamily("pgassay_load_wire_bytes", "counter", about, octets, "bytes")


def _latencies(scenarios: tuple[LoadScenario, ...]) -> Iterator[MetricFamily]:
    yield _histogram(
        "pgassay_load_latency_seconds",
        "Latency of good answers from the intended send time.",
        [(_of(scenario, item), item) for scenario in scenarios for item in scenario.operations],
    )
    yield _histogram(
        "pgassay_load_lifecycle_seconds",
        "Duration of asynchronous operations, by the first look that saw the end.",
        [(_of(scenario, item), item) for scenario in scenarios for item in scenario.lifecycle],
    )


def _histogram(
    name: str, about: str, items: list[tuple[dict[str, str], LoadOperation]]
) -> MetricFamily:
    points = tuple(
        point
        for labels, item in items
        for point in buckets(item.histogram, _total(item), labels)
        if item.histogram
    )
    return MetricFamily(name, "histogram", about, points, unit="seconds")


def _total(item: LoadOperation) -> float:
    return (item.mean or 0.0) * sum(count for _, count in item.histogram)


def _gauges(scenarios: tuple[LoadScenario, ...]) -> Iterator[MetricFamily]:
    def gauge(
        name: str, about: str, points: Iterable[tuple[float | None, dict[str, str]]], unit: str = ""
    ) -> MetricFamily:
        known = tuple(Point(value, labels) for value, labels in points if value is not None)
        return MetricFamily(f"pgassay_load_{name}", "gauge", about, known, unit)

    yield gauge(
        "percentile_seconds",
        "Percentiles of the latency; one without enough samples is absent.",
        (
            (point.value, {**_of(scenario, item), "quantile": f"{point.q / 100:.6g}"})
            for scenario in scenarios
            for item in (*scenario.operations, *scenario.lifecycle)
            for point in item.percentiles
        ),
        "seconds",
    )
    yield gauge(
        "generator_lag_seconds",
        "How late the generator sent.",
        (
            (scenario.generator.get(f"lag_{name}"), {**_labels(scenario), "quantile": quantile})
            for scenario in scenarios
            for name, quantile in (("p50", "0.5"), ("p99", "0.99"), ("max", "1"))
        ),
        "seconds",
    )
    yield gauge(
        "generator_cpu_ratio",
        "The generator's share of one processor, without judging in its pauses.",
        ((scenario.generator.get("cpu"), _labels(scenario)) for scenario in scenarios),
        "ratio",
    )
    yield gauge(
        "objective_passed",
        "1 where an objective passed, 0 where it did not, absent where it is inconclusive.",
        (
            (
                float(slo.verdict is Verdict.PASS),
                {**_labels(scenario), "objective": slo.id, "operation": slo.operation},
            )
            for scenario in scenarios
            for slo in scenario.slos
            if slo.verdict.judged
        ),
    )
    yield gauge(
        "duration_seconds",
        "How long load was applied.",
        ((scenario.duration, _labels(scenario)) for scenario in scenarios),
        "seconds",
    )


def _outcomes(item: LoadOperation) -> dict[str, int]:
    return {outcome: getattr(item, outcome) for outcome in _OUTCOMES}


def _labels(scenario: LoadScenario) -> dict[str, str]:
    return {"family": scenario.family, "scenario": scenario.scenario}


def _of(scenario: LoadScenario, item: LoadOperation) -> dict[str, str]:
    return {**_labels(scenario), "operation": item.name}
