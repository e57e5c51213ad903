"""The configuration of a service is PostgreSQL's, and what the API says of a restart is true."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from pgassay.reference.clickhouse.parameters import PARAMETERS
from pgassay.reference.clickhouse.rules import ConfigurationRules

from .conftest import Bench, until

if TYPE_CHECKING:
    from pgassay.reference.postgres import PostgresPlane

#: Values that differ from PostgreSQL's defaults, and what pg_settings shows for them.
_CHANGED: dict[str, tuple[Any, str]] = {
    "max_connections": (120, "120"),
    "default_transaction_isolation": ("serializable", "serializable"),
    "ssl_min_protocol_version": ("TLSv1.1", "TLSv1.1"),
    "maintenance_work_mem": ("32MB", "32768"),
    "work_mem": (8192, "8192"),
    "effective_cache_size": ("1GB", "131072"),
    "random_page_cost": (1.1, "1.1"),
    "effective_io_concurrency": ("200", "200"),
    "max_worker_processes": (9, "9"),
    "max_parallel_workers": (4, "4"),
    "max_parallel_workers_per_gather": (1, "1"),
    "max_parallel_maintenance_workers": (1, "1"),
    "statement_timeout": ("60s", "60000"),
    "lock_timeout": ("10s", "10000"),
    "idle_session_timeout": ("2m", "120000"),
    "idle_in_transaction_session_timeout": ("2h", "7200000"),
    "transaction_timeout": ("120s", "120000"),
    "wal_sender_timeout": ("120m", "7200000"),
    "wal_keep_size": ("64MB", "64"),
    "min_wal_size": ("16MB", "16"),
    "max_wal_size": ("5GB", "5120"),
    "max_slot_wal_keep_size": ("100MB", "100"),
    "wal_compression": ("on", "pglz"),
    "autovacuum_max_workers": (4, "4"),
    "autovacuum_naptime": ("5s", "5"),
    "autovacuum_work_mem": ("64000kB", "64000"),
    "autovacuum_vacuum_scale_factor": (0.25, "0.25"),
    "autovacuum_analyze_scale_factor": ("0.15", "0.15"),
    "autovacuum_vacuum_insert_scale_factor": (0.3, "0.3"),
    "autovacuum_vacuum_cost_limit": (300, "300"),
    "autovacuum_vacuum_cost_delay": ("3ms", "3"),
}


@pytest.fixture(scope="module")
def configured(plane: "PostgresPlane") -> Iterator[tuple[Bench, str]]:
    """A server and a service of it."""
    with Bench(plane) as bench:
        yield bench, bench.service()["id"]


def _configure(bench: Bench, service: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """Replace the configuration, and wait until PostgreSQL has read it."""
    body = {"pgConfig": parameters, "pgBouncerConfig": {}}
    answer: dict[str, Any] = bench.ch("POST", f"/{service}/config", json=body)
    loaded = "SELECT name FROM pg_file_settings WHERE name = ANY('{%s}')"
    names = loaded % ",".join(PARAMETERS)
    before = bench.rows(service, "SELECT pg_conf_load_time()")
    until(lambda: {name for (name,) in bench.rows(service, names)} >= set(parameters))
    bench.rows(service, "SELECT pg_reload_conf()")
    until(lambda: bench.rows(service, "SELECT pg_conf_load_time()") != before)
    return answer


def _settings(bench: Bench, service: str) -> dict[str, tuple[str, bool]]:
    shown = bench.rows(service, "SELECT name, setting, pending_restart FROM pg_settings")
    return {name: (setting, pending) for name, setting, pending in shown if name in PARAMETERS}


def _restart(bench: Bench, service: str) -> None:
    bench.ch("PATCH", f"/{service}/state", json={"command": "restart"})
    bench.running(service)


def test_the_message_names_what_waits_for_a_restart(configured: tuple[Bench, str]) -> None:
    """For all 31 parameters: what is named is what pg_settings says, and a restart brings it."""
    bench, service = configured
    assert set(_CHANGED) == set(PARAMETERS)
    answer = _configure(bench, service, {name: value for name, (value, _) in _CHANGED.items()})
    settings = _settings(bench, service)
    waiting = {name for name, (_, pending) in settings.items() if pending}
    assert {name for name in PARAMETERS if f" {name}," in answer["message"].replace(".", ",")} == (
        waiting
    )
    wanted = {name: shown for name, (_, shown) in _CHANGED.items()}
    now = {name: setting for name, (setting, _) in settings.items() if name not in waiting}
    assert now == {name: wanted[name] for name in now}
    _restart(bench, service)
    assert _settings(bench, service) == {name: (shown, False) for name, shown in wanted.items()}


def test_a_parameter_that_is_left_out_returns_to_its_default(
    configured: tuple[Bench, str],
) -> None:
    """POST replaces the whole map."""
    bench, service = configured
    _configure(bench, service, {"work_mem": "1MB", "lock_timeout": 7})
    _configure(bench, service, {"work_mem": "2MB"})
    settings = _settings(bench, service)
    assert (settings["work_mem"][0], settings["lock_timeout"][0]) == ("2048", "0")


@pytest.mark.parametrize("end", ["minimum", "maximum"])
def test_no_accepted_value_breaks_a_service(configured: tuple[Bench, str], end: str) -> None:
    """With every parameter at the end of its range the service comes up again."""
    bench, service = configured
    rules: ConfigurationRules = bench.rules.configuration
    ends = {
        name: getattr(parameter, end)
        for name, parameter in rules.parameters.items()
        if parameter.kind != "enum"
    }
    beyond = {"max_connections": ends["max_connections"] + (1 if end == "maximum" else -1)}
    bench.ch("POST", f"/{service}/config", {"pgConfig": beyond, "pgBouncerConfig": {}}, 400)
    # A timeout of a millisecond or a session of none is legal, and ends this very test.
    ends |= dict.fromkeys([name for name in ends if name.endswith("_timeout")], 0)
    body = {"pgConfig": ends, "pgBouncerConfig": {}}
    bench.ch("POST", f"/{service}/config", body)
    _restart(bench, service)
    refused = "SELECT name, error FROM pg_file_settings WHERE error IS NOT NULL"
    # One connection: a second may come before the server has counted the first one out.
    with bench.connect(service) as connection:
        shown = connection.execute("SHOW max_connections").fetchall()
        assert shown == [(str(ends["max_connections"]),)]
        assert connection.execute(refused).fetchall() == []


def test_a_method_of_compression_that_the_build_lacks_becomes_its_own(
    configured: tuple[Bench, str],
) -> None:
    """The API takes all documented methods; where one is missing WAL is compressed all the same."""
    bench, service = configured
    for method in ("lz4", "zstd"):
        known = bench.plane.capabilities.limits["wal_compression"].values
        _configure(bench, service, {"wal_compression": method})
        expected = method if method in known else "pglz"
        assert _settings(bench, service)["wal_compression"] == (expected, False)
