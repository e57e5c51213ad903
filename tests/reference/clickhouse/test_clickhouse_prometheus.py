"""Metrics that Prometheus can read, of the right services, with counters that only grow."""

from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from pgassay.reference import SEED, ManualClock

SERVICES = f"/v1/organizations/{SEED.organization}/postgres"
OTHER_SERVICES = f"/v1/organizations/{SEED.other_organization}/postgres"
MINIMAL = {"name": "orders", "provider": "aws", "region": "eu-west-2", "size": "r8gd.large"}

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]

NAMES = {
    "PostgresServiceInfo",
    "PostgresServer_CPUCores",
    "PostgresServer_MemoryLimitBytes",
    "PostgresServer_StorageLimitBytes",
    "PostgresServer_CPUSeconds_Total",
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
