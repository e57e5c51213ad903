"""Metrics that Prometheus can read, of the right services, with counters that only grow."""

import itertools
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from pgassay.reference import SEED, Behaviour, Credentials, ManualClock, Settings, create_app
from pgassay.reference.clickhouse.rules import ClickhouseRules
from pgassay.reference.plane import Address, Job, Outcome
from pgassay.reference.store import Document

SERVICES = f"/v1/organizations/{SEED.organization}/postgres"
OTHER_SERVICES = f"/v1/organizations/{SEED.other_organization}/postgres"
MINIMAL = {"name": "orders", "provider": "aws", "region": "eu-west-2", "size": "r8gd.large"}

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]

CPU_TIME = "PostgresServer_CPUSeconds_Total"
NAMES = {
    "PostgresServiceInfo",
    "PostgresServer_CPUCores",
    "PostgresServer_MemoryLimitBytes",
    "PostgresServer_StorageLimitBytes",
    CPU_TIME,
    "PostgresServer_MemoryUsedPercent",
    "PostgresServer_MemoryCachePercent",
    "PostgresServer_FilesystemUsedPercent",
    "PostgresServer_DiskReads_Total",
    "PostgresServer_DiskWrites_Total",
    "PostgresServer_NetworkReceiveBytes_Total",
    "PostgresServer_NetworkTransmitBytes_Total",
    "PostgresServer_TuplesFetched_Total",
    "PostgresServer_TuplesInserted_Total",
    "PostgresServer_TuplesUpdated_Total",
    "PostgresServer_TuplesDeleted_Total",
    "PostgresServer_TransactionsCommitted_Total",
    "PostgresServer_TransactionsRolledBack_Total",
    "PostgresServer_Deadlocks_Total",
    "PostgresServer_ActiveConnections",
    "PostgresServer_CacheHitRatio",
    "PostgresServer_DatabaseSizeBytes",
}


def _scrape(api: TestClient, path: str) -> Samples:
    answer = api.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; charset=UTF-8"
    # The parser appends "_total" to the name of every counter that does not end in it.
    return {
        (sample.name.removesuffix("_total"), frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def _services(samples: Samples) -> set[str]:
    return {dict(labels)["postgres_service"] for _, labels in samples}


def _states(samples: Samples) -> dict[str, str]:
    return {
        dict(labels)["postgres_service"]: dict(labels)["postgres_status"]
        for name, labels in samples
        if name == "PostgresServiceInfo"
    }


def test_a_running_service_has_the_documented_metrics(
    api: TestClient, path: str, service: dict[str, str]
) -> None:
    samples = _scrape(api, f"{path}/prometheus")
    assert {name for name, _ in samples} == NAMES
    assert _services(samples) == {service["id"]}
    common = {
        "clickhouse_org": SEED.organization,
        "postgres_service": service["id"],
        "postgres_service_name": "orders",
    }
    info = {**common, "postgres_status": "running", "postgres_version": "17"}
    assert samples["PostgresServiceInfo", frozenset(info.items())] == 1
    capacity = samples["PostgresServer_StorageLimitBytes", frozenset(common.items())]
    assert capacity == 118 * 1024**3


def test_help_and_type_stand_once_before_each_family(api: TestClient) -> None:
    lines = api.get(f"{SERVICES}/prometheus").text.splitlines()
    for kind in ("HELP", "TYPE"):
        named = [line.split()[2] for line in lines if line.startswith(f"# {kind} ")]
        assert sorted(named) == sorted(NAMES)


def test_the_organization_sees_its_own_services_only(
    api: TestClient, other: TestClient, service: dict[str, str]
) -> None:
    theirs = other.post(OTHER_SERVICES, json=MINIMAL).json()["result"]["id"]
    assert _states(_scrape(api, f"{SERVICES}/prometheus")) == {
        SEED.service: "running",
        service["id"]: "running",
    }
    samples = _scrape(other, f"{OTHER_SERVICES}/prometheus")
    assert _states(samples) == {theirs: "creating"}
    assert {name for name, _ in samples} == {"PostgresServiceInfo"}


def test_counters_grow_and_percentages_stay_in_range(
    api: TestClient, clock: ManualClock, path: str
) -> None:
    before = _scrape(api, f"{path}/prometheus")
    clock.advance(3600)
    after = _scrape(api, f"{path}/prometheus")
    for (name, labels), value in after.items():
        if name.endswith("_Total"):
            assert value >= before[name, labels]
        if name.endswith(("Percent", "Ratio")):
            assert 0 <= value <= 100
    committed = "PostgresServer_TransactionsCommitted_Total"
    growth = [after[key] - before[key] for key in after if key[0] == committed]
    assert min(growth) > 0


@pytest.mark.parametrize("sizes", [["r8gd.medium"], ["r8gd.4xlarge", "r8gd.xlarge"]])
def test_counters_neither_fall_nor_leap_when_a_service_is_resized(
    api: TestClient, clock: ManualClock, path: str, sizes: list[str]
) -> None:
    """A second size may be asked for before the first one is there."""
    for size in sizes:
        assert api.patch(path, json={"size": size}).status_code == 200
        clock.advance(10)
    clock.advance(218)
    scrapes = [_scrape(api, f"{path}/prometheus")]
    for _ in range(4):
        clock.advance(6)
        scrapes.append(_scrape(api, f"{path}/prometheus"))
    assert api.get(path).json()["result"]["size"] == sizes[-1]
    for before, after in itertools.pairwise(scrapes):
        counted = [after[key] - before[key] for key in before if key[0] == CPU_TIME]
        assert min(counted) >= 0
        assert sum(counted) <= 6 * 16 + 0.1


def test_a_deleted_service_leaves_the_metrics(
    api: TestClient, clock: ManualClock, path: str, service: dict[str, str]
) -> None:
    api.delete(path)
    assert _states(_scrape(api, f"{SERVICES}/prometheus"))[service["id"]] == "deleting"
    clock.advance(60)
    assert service["id"] not in _states(_scrape(api, f"{SERVICES}/prometheus"))
    answer = api.get(f"{path}/prometheus")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/json"


class _Measurements:
    """A data plane that knows figures and nothing else."""

    version, tls = "18.6", False

    def __init__(self, figures: Document | None) -> None:
        self._figures = figures

    def submit(self, job: Job) -> None: ...

    def outcome(self, job: str) -> Outcome:
        return Outcome.DONE

    def address(self, cluster: str) -> Address | None:
        return None

    def figures(self, cluster: str) -> Document | None:
        return self._figures

    def clusters(self) -> list[str]:
        return []

    def keep(self, clusters: Collection[str]) -> None: ...


def _values(samples: Samples, metric: str, label: str = "") -> dict[str, float]:
    return {
        dict(labels).get(label, ""): value
        for (name, labels), value in samples.items()
        if name == f"PostgresServer_{metric}"
    }


@contextmanager
def _beside(
    clock: ManualClock, credentials: Credentials, figures: Document | None
) -> Iterator[TestClient]:
    app = create_app(Settings(credentials), clock, plane=_Measurements(figures))
    with TestClient(app) as api:
        api.auth = (credentials.key("main").key_id, credentials.key("main").secret)
        yield api


def test_what_a_data_plane_measures_is_told(clock: ManualClock, credentials: Credentials) -> None:
    name = 'quote " backslash \\ line\nend'
    figures: Document = {
        "connections": {"active": 3, "idle in transaction": 1},
        "databases": {"postgres": 7_000_000, name: 8_000_000},
        "commits": 41,
        "tuples_fetched": 1234,
        "cache_hit_ratio": 97.126,
    }
    with _beside(clock, credentials, figures) as api:
        samples = _scrape(api, f"{SERVICES}/{SEED.service}/prometheus")
    assert {metric for metric, _ in samples} == NAMES
    states = {"active": 3, "idle": 0, "idle in transaction": 1}
    assert _values(samples, "ActiveConnections", "state") == states
    sizes = {"postgres": 7_000_000, name: 8_000_000}
    assert _values(samples, "DatabaseSizeBytes", "database") == sizes
    assert _values(samples, "TransactionsCommitted_Total") == {"": 41}
    assert _values(samples, "TuplesFetched_Total") == {"": 1234}
    assert _values(samples, "CacheHitRatio") == {"": 97.13}


def test_counters_begin_at_nought_until_a_data_plane_has_measured(
    clock: ManualClock, credentials: Credentials
) -> None:
    with _beside(clock, credentials, None) as api:
        samples = _scrape(api, f"{SERVICES}/{SEED.service}/prometheus")
    assert {metric for metric, _ in samples} == NAMES
    assert _values(samples, "TransactionsCommitted_Total") == {"": 0}


def test_the_organization_is_told_of_no_more_services_than_documented(
    clock: ManualClock, credentials: Credentials
) -> None:
    few = replace(ClickhouseRules(), prometheus_services=2)
    app = create_app(Settings(credentials), clock, behaviour=Behaviour(clickhouse=few))
    with TestClient(app) as api:
        api.auth = (credentials.key("main").key_id, credentials.key("main").secret)
        created = [api.post(SERVICES, json=MINIMAL).json()["result"]["id"] for _ in range(3)]
        shown = _services(_scrape(api, f"{SERVICES}/prometheus"))
    assert shown == {SEED.service, created[0]}
    assert ClickhouseRules().prometheus_services == 100
