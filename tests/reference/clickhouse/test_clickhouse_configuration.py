"""Configuration: replaced or merged, judged value by value, and never half changed."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from pgassay.reference import SEED, ManualClock
from pgassay.reference.clickhouse.parameters import PARAMETERS

SERVICES = f"/v1/organizations/{SEED.organization}/postgres"
MINIMAL = {"name": "orders", "provider": "aws", "region": "eu-west-2", "size": "r8gd.large"}

EMPTY: dict[str, Any] = {"pgConfig": {}, "pgBouncerConfig": {}}


def _both(postgres: dict[str, Any], pooler: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"pgConfig": postgres, "pgBouncerConfig": pooler or {}}


@pytest.fixture
def config(path: str) -> str:
    """Address the configuration of a running service."""
    return f"{path}/config"


def test_a_service_starts_with_nothing_set(api: TestClient, config: str) -> None:
    assert api.get(config).json()["result"] == EMPTY


def test_post_replaces_and_patch_merges(api: TestClient, config: str) -> None:
    api.post(config, json=_both({"work_mem": "8MB"}, {"default_pool_size": "16"}))
    api.patch(config, json=_both({"lock_timeout": "10s"}, {"max_client_conn": "100"}))
    merged = _both(
        {"work_mem": "8MB", "lock_timeout": "10s"},
        {"default_pool_size": "16", "max_client_conn": "100"},
    )
    assert api.get(config).json()["result"] == merged
    assert api.patch(config, json=EMPTY).json()["result"] == merged
    answer = api.post(config, json=_both({"work_mem": 64}))
    assert answer.json()["result"] == _both({"work_mem": 64})
    assert api.get(config).json()["result"] == _both({"work_mem": 64})
    assert api.post(config, json=EMPTY).json()["result"] == EMPTY


@pytest.mark.parametrize("method", ["POST", "PATCH"])
@pytest.mark.parametrize("missing", ["pgConfig", "pgBouncerConfig"])
def test_both_maps_must_be_there(api: TestClient, config: str, method: str, missing: str) -> None:
    body: dict[str, Any] = {member: {} for member in EMPTY if member != missing}
    answer = api.request(method, config, json=body)
    assert answer.status_code == 400
    assert answer.json()["error"] == f"BAD_REQUEST: request body.{missing}: 'undefined'"


def test_configuration_given_at_creation_is_there(api: TestClient) -> None:
    body = {**MINIMAL, "pgConfig": {"work_mem": "8MB"}, "pgBouncerConfig": {"x": "1"}}
    service = api.post(SERVICES, json=body).json()["result"]["id"]
    answer = api.get(f"{SERVICES}/{service}/config")
    assert answer.json()["result"] == _both({"work_mem": "8MB"}, {"x": "1"})


def test_there_are_31_parameters() -> None:
    assert len(PARAMETERS) == 31


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_connections", 1),
        ("max_connections", "500"),
        ("default_transaction_isolation", "repeatable read"),
        ("ssl_min_protocol_version", "TLSv1.3"),
        ("maintenance_work_mem", "64MB"),
        ("work_mem", 64),
        ("effective_cache_size", "4GB"),
        ("random_page_cost", 1.1),
        ("random_page_cost", "1.1"),
        ("statement_timeout", "60s"),
        ("statement_timeout", 0),
        ("idle_session_timeout", "2m"),
        ("idle_in_transaction_session_timeout", "2h"),
        ("wal_sender_timeout", "120m"),
        ("wal_keep_size", "1GB"),
        ("min_wal_size", "80MB"),
        ("max_wal_size", 32768),
        ("max_slot_wal_keep_size", "-1"),
        ("wal_compression", "zstd"),
        ("autovacuum_naptime", "5s"),
        ("autovacuum_work_mem", "64000kB"),
        ("autovacuum_work_mem", "-1"),
        ("autovacuum_vacuum_scale_factor", 0),
        ("autovacuum_vacuum_cost_limit", "-1"),
        ("autovacuum_vacuum_cost_delay", "2ms"),
    ],
)
def test_good_values(api: TestClient, config: str, name: str, value: Any) -> None:
    assert api.patch(config, json=_both({name: value})).status_code == 200
    assert api.get(config).json()["result"]["pgConfig"] == {name: value}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("no_such_parameter", "1"),
        ("max_connections", 0),
        ("max_connections", "0"),
        ("max_connections", -1),
        ("max_connections", 10.0),
        ("max_connections", True),
        ("max_connections", None),
        ("max_connections", [1]),
        ("max_connections", {"value": 1}),
        ("max_connections", ""),
        ("max_connections", "many"),
        ("max_connections", " 42"),
        ("max_connections", "42\n"),
        ("max_connections", "42MB"),
        ("max_connections", "4٢"),
        ("max_connections", "9" * 5000),
        ("max_connections", 10**25),
        ("work_mem", 63),
        ("work_mem", "63"),
        ("work_mem", "63kB"),
        ("work_mem", "4mb"),
        ("work_mem", "1s"),
        ("work_mem", "-1"),
        ("random_page_cost", -0.1),
        ("random_page_cost", "1,1"),
        ("random_page_cost", "nan"),
        ("statement_timeout", "1MB"),
        ("statement_timeout", -1),
        ("autovacuum_naptime", "500ms"),
        ("min_wal_size", 32767),
        ("min_wal_size", "1MB"),
        ("max_slot_wal_keep_size", -1),
        ("default_transaction_isolation", "read uncommitted"),
        ("default_transaction_isolation", "READ COMMITTED"),
        ("ssl_min_protocol_version", "TLSv1.4"),
        ("wal_compression", True),
        ("wal_compression", "pglz"),
    ],
)
@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_a_bad_value_is_refused_and_changes_nothing(
    api: TestClient, config: str, method: str, name: str, value: Any
) -> None:
    api.post(config, json=_both({"lock_timeout": "10s"}))
    answer = api.request(method, config, json=_both({"work_mem": "8MB", name: value}))
    assert answer.status_code == 400
    assert name in answer.json()["error"]
    assert api.get(config).json()["result"] == _both({"lock_timeout": "10s"})


def test_the_pooler_takes_64_parameters(api: TestClient, config: str) -> None:
    pooler = {f"parameter_{number}": str(number) for number in range(64)}
    assert api.post(config, json=_both({}, pooler)).status_code == 200
    assert api.patch(config, json=_both({}, {"parameter_0": "again"})).status_code == 200
    assert api.patch(config, json=_both({}, {"one_more": "1"})).status_code == 400
    assert api.post(config, json=_both({}, {**pooler, "one_more": "1"})).status_code == 400


@pytest.mark.parametrize("value", [True, None, [], {}, "a\0b", 10**25], ids=repr)
def test_pooler_values_are_strings_or_numbers(api: TestClient, config: str, value: Any) -> None:
    assert api.patch(config, json=_both({}, {"default_pool_size": value})).status_code == 400
    assert api.patch(config, json=_both({}, {"default_pool_size": 16})).status_code == 200


def _restarts(api: TestClient, config: str, postgres: dict[str, Any]) -> str:
    message: str = api.post(config, json=_both(postgres)).json()["result"].get("message", "")
    return message


def test_the_message_names_what_waits_for_a_restart(api: TestClient, config: str) -> None:
    changed = {"max_connections": 42, "max_worker_processes": 4, "work_mem": "8MB"}
    assert "effect: max_connections, max_worker_processes. " in _restarts(api, config, changed)
    same = {**changed, "max_connections": "42"}
    assert _restarts(api, config, same) == ""
    assert "effect: max_worker_processes. " in _restarts(api, config, {"max_connections": 42})
    assert _restarts(api, config, {"max_connections": 42, "work_mem": "8MB"}) == ""


@pytest.mark.parametrize(("version", "waits"), [("17", True), ("18", False)])
def test_autovacuum_workers_wait_for_a_restart_before_version_18(
    api: TestClient, clock: ManualClock, version: str, waits: bool
) -> None:
    body = {**MINIMAL, "postgresVersion": version}
    service = api.post(SERVICES, json=body).json()["result"]["id"]
    config = f"{SERVICES}/{service}/config"
    message = _restarts(api, config, {"autovacuum_max_workers": 4})
    assert ("autovacuum_max_workers" in message) is waits


def test_configuration_does_not_change_the_state(api: TestClient, path: str, config: str) -> None:
    api.post(config, json=_both({"max_connections": 42}))
    assert api.get(path).json()["result"]["state"] == "running"
