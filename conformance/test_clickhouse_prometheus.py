"""clickhouse metrics: both Prometheus endpoints."""

from typing import Any

import pytest

from pgassay.check import requirement
from pgassay.deviation import NotTestable
from pgassay.expectation import expect, expect_equal, expect_status, show
from pgassay.families import ClickhouseApi
from pgassay.families.clickhouse_deletion import Deletion
from pgassay.families.exposition import (
    CAPACITIES,
    CPU_MODES,
    DOCUMENTED,
    PERCENTAGES,
    TOPICS,
    Exposition,
    Measured,
    expose,
    information,
)

BOTH = pytest.mark.parametrize("scope", ["service", "organisation"])


@requirement("CH-PROM-CONTENT-TYPE")
@BOTH
def test_metrics_are_plain_text_in_utf_8(
    clickhouse: ClickhouseApi, service: Any, scope: str
) -> None:
    """Both endpoints send text/plain with charset UTF-8."""
    exchange = clickhouse.prometheus(service["id"] if scope == "service" else "")
    expect_status(exchange, 200)
    header = exchange.headers.get("content-type", "").lower().replace(" ", "").replace('"', "")
    media, *parameters = header.split(";")
    expect(
        media == "text/plain" and "charset=utf-8" in parameters,
        "metrics are sent as another content type",
        expected="text/plain; charset=UTF-8",
        actual=exchange.headers.get("content-type", "none"),
        exchange=exchange,
    )


@requirement("CH-PROM-FORMAT")
@BOTH
def test_metrics_parse_and_are_tidy(clickhouse: ClickhouseApi, service: Any, scope: str) -> None:
    """Both endpoints send the exposition format, each metric declared once and in one place."""
    exchange = clickhouse.prometheus(service["id"] if scope == "service" else "")
    exposition = expose(exchange)
    expect(
        bool(exposition.samples),
        "there are no samples",
        expected="samples of a running service",
        actual="none",
        exchange=exchange,
    )
    expect_equal(list(exposition.untidy), [], "untidiness", exchange)


@requirement("CH-PROM-ORG")
def test_the_organisation_metrics_cover_each_running_service(
    clickhouse: ClickhouseApi, service: Any, own_service: Any
) -> None:
    """The organisation's endpoint has samples of every running service of this run."""
    wanted = {service["id"], own_service["id"]}
    waited = clickhouse.wait_metrics("", lambda scrape: wanted <= scrape.services)
    expect(
        waited.reached,
        "a running service has no samples",
        expected=show(sorted(wanted)),
        actual=show(sorted(waited.value.services)),
    )


@requirement("CH-PROM-SERVICE")
def test_the_service_metrics_are_of_that_service_alone(
    clickhouse: ClickhouseApi, service: Any, own_service: Any
) -> None:
    """A service's endpoint has samples of that service and of no other."""
    for wanted in (service["id"], own_service["id"]):
        waited = clickhouse.wait_metrics(wanted, lambda scrape: bool(scrape.services))
        expect_equal(sorted(waited.value.services), [wanted], "the list of services shown")


@requirement("CH-PROM-TOPICS")
@pytest.mark.parametrize("topic", list(TOPICS))
def test_metrics_cover_the_topic(clickhouse: ClickhouseApi, service: Any, topic: str) -> None:
    """The metrics of a running service cover what the guide names."""
    exchange = clickhouse.prometheus(service["id"])
    words = TOPICS[topic].split("|")
    names = {sample.name for sample in expose(exchange).samples}
    expect(
        any(word in name.lower() for name in names for word in words),
        f"no metric is about {topic}",
        expected=f"a metric whose name contains {' or '.join(words)}",
        actual=show(sorted(names)),
        exchange=exchange,
    )


@requirement("CH-PROM-METRICS")
@pytest.mark.parametrize("name", list(DOCUMENTED))
def test_a_documented_metric_is_exposed(clickhouse: ClickhouseApi, service: Any, name: str) -> None:
    """A running service exposes the metric under its documented name and type."""
    exchange = clickhouse.prometheus(service["id"])
    exposition = expose(exchange)
    expect(
        bool(exposition.named(name)), "no samples", expected=name, actual="none", exchange=exchange
    )
    expect_equal(exposition.types.get(name), DOCUMENTED[name], f"the type of {name}", exchange)


@requirement("CH-PROM-LABELS")
def test_every_sample_names_its_service(clickhouse: ClickhouseApi, service: Any) -> None:
    """Every sample carries organisation, service and service name as labels."""
    exchange = clickhouse.prometheus(service["id"])
    wanted = {
        "clickhouse_org": clickhouse.organization_id.lower(),
        "postgres_service": service["id"],
        "postgres_service_name": clickhouse.shown(service["id"])["name"],
    }
    for sample in expose(exchange).samples:
        shown = {name: sample.labels.get(name, "") for name in wanted}
        shown["clickhouse_org"] = shown["clickhouse_org"].lower()
        expect_equal(shown, wanted, f"the labels of {sample.name}", exchange)


@requirement("CH-PROM-LABELS")
@pytest.mark.parametrize(
    ("metric", "label", "value"),
    [
        pytest.param("PostgresServer_CPUSeconds_Total", "mode", "user", id="cpu-mode"),
        pytest.param("PostgresServer_ActiveConnections", "state", "active", id="connection-state"),
        pytest.param("PostgresServer_DatabaseSizeBytes", "database", "postgres", id="database"),
    ],
)
def test_a_metric_is_divided_by_its_documented_label(
    clickhouse: ClickhouseApi, service: Any, metric: str, label: str, value: str
) -> None:
    """Metrics that are divided have their documented label with a documented value."""
    exchange = clickhouse.prometheus(service["id"])
    values = [sample.labels.get(label) for sample in expose(exchange).named(metric)]
    expect(
        value in values,
        f"{metric} lacks a documented label value",
        expected=f'{label}="{value}" among its samples',
        actual=show(values),
        exchange=exchange,
    )


@requirement("CH-PROM-INFO")
def test_the_info_metric_shows_state_and_version(clickhouse: ClickhouseApi, service: Any) -> None:
    """PostgresServiceInfo is 1 with the state and the major version that the API reports."""
    shown = clickhouse.shown(service["id"])
    wanted = [(1.0, shown["state"], shown["postgresVersion"])]
    waited = clickhouse.wait_metrics(service["id"], lambda scrape: information(scrape) == wanted)
    expect_equal(information(waited.value), wanted, "PostgresServiceInfo")


@requirement("CH-PROM-COUNTERS")
def test_no_counter_decreases(clickhouse: ClickhouseApi, service: Any) -> None:
    """No counter is lower in a later scrape, or negative in any."""
    first, second = (expose(clickhouse.prometheus(service["id"])) for _ in range(2))
    counters = {name for name, kind in first.types.items() if kind == "counter"}
    later = {sample.series: sample.value for sample in second.samples}

    def falls(sample: Measured) -> bool:
        return sample.value < 0 or later.get(sample.series, sample.value) < sample.value

    fallen = [s.name for s in first.samples if s.name in counters and falls(s)]
    expect_equal(fallen, [], "the list of counters that fell")


@requirement("CH-PROM-METRICS")
@pytest.mark.parametrize("name", [*PERCENTAGES, *CAPACITIES])
def test_a_gauge_has_a_plausible_value(clickhouse: ClickhouseApi, service: Any, name: str) -> None:
    """Percentages lie between 0 and 100, capacities are positive."""
    exchange = clickhouse.prometheus(service["id"])
    values = [sample.value for sample in expose(exchange).named(name)]
    low, high = (0.0, 100.0) if name in PERCENTAGES else (1e-9, float("inf"))
    expect(
        all(low <= value <= high for value in values),
        f"{name} has an impossible value",
        expected=f"{low:g} to {high:g}",
        actual=show(values),
        exchange=exchange,
    )


@requirement("CH-PROM-METRICS")
def test_the_storage_limit_fits_the_storage_size(clickhouse: ClickhouseApi, service: Any) -> None:
    """The storage limit is about storageSize GiB; decimal units and overhead are allowed."""
    exchange = clickhouse.prometheus(service["id"])
    limits = [s.value for s in expose(exchange).named("PostgresServer_StorageLimitBytes")]
    size = clickhouse.shown(service["id"]).get("storageSize")
    expect(
        size is None or all(0.75 <= limit / (size * 2**30) <= 1.1 for limit in limits),
        "the storage limit does not fit storageSize",
        expected=f"about {size} GiB",
        actual=show([limit / 2**30 for limit in limits]),
        exchange=exchange,
    )


@requirement("CH-PROM-CPU-MODES")
def test_cpu_time_is_divided_into_every_mode(clickhouse: ClickhouseApi, service: Any) -> None:
    """CPU seconds have one series for each of the eight modes and no other."""
    exchange = clickhouse.prometheus(service["id"])
    samples = expose(exchange).named("PostgresServer_CPUSeconds_Total")
    modes = sorted(sample.labels.get("mode", "") for sample in samples)
    expect_equal(modes, sorted(CPU_MODES), "the list of modes", exchange)


@requirement("CH-PROM-HELP")
@BOTH
def test_each_metric_is_declared_before_its_samples(
    clickhouse: ClickhouseApi, service: Any, scope: str
) -> None:
    """Before the samples of a metric stand its HELP and TYPE lines."""
    exchange = clickhouse.prometheus(service["id"] if scope == "service" else "")
    undeclared = list(expose(exchange).undeclared)
    expect_equal(undeclared, [], "the list of metrics without HELP or TYPE", exchange)


@requirement("CH-PROM-ORG-AGREES")
def test_both_endpoints_have_the_same_series(clickhouse: ClickhouseApi, service: Any) -> None:
    """What the service's endpoint has of a service, the organisation's has too, and no more."""
    single = expose(clickhouse.prometheus(service["id"]))
    wanted = sorted(str(sample.series) for sample in single.samples)

    def shown(scrape: Exposition) -> list[str]:
        mine = [s for s in scrape.samples if s.labels.get("postgres_service") == service["id"]]
        return sorted(str(sample.series) for sample in mine)

    waited = clickhouse.wait_metrics("", lambda scrape: shown(scrape) == wanted)
    expect_equal(shown(waited.value), wanted, "the list of the service's series")


@requirement("CH-PROM-DELETED")
def test_a_deleted_service_is_measured_no_longer(
    clickhouse: ClickhouseApi, deletion: Deletion
) -> None:
    """The organisation's endpoint has no samples of a service that is gone."""
    if not deletion.measured:
        raise NotTestable("the organisation's metrics never had the service")
    gone = deletion.id
    waited = clickhouse.wait_metrics("", lambda scrape: gone not in scrape.services)
    expect(
        waited.reached,
        "a deleted service still has samples",
        expected="samples of existing services",
        actual=f'samples with postgres_service="{gone}"',
    )
