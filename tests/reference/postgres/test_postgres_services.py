"""Services of the clickhouse family are real databases."""

import os
from pathlib import Path

import psycopg
import pytest

from .conftest import Bench, until


def test_the_connection_string_connects_and_a_wrong_password_does_not(bench: Bench) -> None:
    """What the creation answers is enough to work with the service."""
    created = bench.service(pgConfig={"work_mem": "64MB"})
    with psycopg.connect(created["connectionString"]) as connection:
        shown = connection.execute("SELECT current_user, current_setting('work_mem'), version()")
        user, memory, version = shown.fetchone() or ("", "", "")
    assert (user, memory) == ("postgres", "64MB")
    assert version.startswith(f"PostgreSQL {created['postgresVersion']}.")
    for password in ("not the password", ""):
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(created["connectionString"], password=password)


def test_nobody_gets_in_without_scram(bench: Bench) -> None:
    """PostgreSQL's own rules for access know no other method, and no socket but the loopback's."""
    service = bench.service()["id"]
    rules = bench.rows(service, "SELECT DISTINCT type, address, auth_method FROM pg_hba_file_rules")
    assert rules == [("host", "127.0.0.1", "scram-sha-256")]
    assert bench.rows(service, "SHOW unix_socket_directories") == [("",)]
    verifiers = "SELECT rolname FROM pg_authid WHERE rolpassword NOT LIKE 'SCRAM-SHA-256$%'"
    assert bench.rows(service, verifiers) == []


def test_another_password_locks_the_old_one_out(bench: Bench) -> None:
    """The old password is refused as soon as the new one is in effect."""
    created = bench.service()
    old, path = created["password"], f"/{created['id']}"
    new = "Pässwörd 2²  with spaces"
    bench.ch("PATCH", f"{path}/password", json={"password": new})

    def refused() -> bool:
        try:
            bench.connect(created["id"], password=old).close()
        except psycopg.OperationalError:
            return True
        return False

    until(refused)
    with bench.connect(created["id"]) as connection:
        assert connection.info.password == new


def test_renaming_changes_the_host_name_and_not_the_database(bench: Bench) -> None:
    """The host name of the connection string follows the name; the data stays where it is."""
    created = bench.service()
    with psycopg.connect(created["connectionString"]) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS number")
    bench.ch("PATCH", f"/{created['id']}", json={"name": "renamed"})
    until(lambda: bench.ch("GET", f"/{created['id']}")["hostname"].startswith("renamed-"))
    assert bench.rows(created["id"], "SELECT * FROM kept") == [(1,)]


def ended(pid: int) -> bool:
    """Tell whether a process runs no more; its parent may not have heard of it yet."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except FileNotFoundError:
        return True
    return state.rpartition(")")[2].split()[0] == "Z"


def test_a_removal_leaves_no_process_and_no_file(bench: Bench) -> None:
    """Once the service is not found any more, nothing of its cluster is there."""
    created = bench.service()
    ((path,),) = bench.rows(created["id"], "SHOW data_directory")
    pid = int(Path(path, "postmaster.pid").read_text().splitlines()[0])
    bench.ch("DELETE", f"/{created['id']}")
    until(lambda: created["id"] not in [each["id"] for each in bench.ch("GET")])
    assert not Path(path).parent.exists()
    assert ended(pid)
    assert created["id"] not in bench.plane.clusters()


def test_only_the_version_that_runs_is_offered(bench: Bench) -> None:
    """The other documented version is refused, and is not what a service gets by default."""
    body = {"name": "old", "provider": "aws", "region": "eu-west-2", "size": "r8gd.large"}
    bench.ch("POST", json={**body, "postgresVersion": "17"}, status=400)
    assert bench.service()["postgresVersion"] == bench.plane.version.partition(".")[0]


def test_a_killed_postgresql_is_found_and_its_data_too(bench: Bench) -> None:
    """A restart of the service brings back what was committed before all processes were killed."""
    service = bench.service()["id"]
    with bench.connect(service) as connection:
        connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS number")
        ((data,),) = connection.execute("SHOW data_directory").fetchall()
    pid = int(Path(data, "postmaster.pid").read_text().splitlines()[0])
    os.kill(pid, 9)
    bench.ch("PATCH", f"/{service}/state", json={"command": "restart"})
    bench.running(service)
    assert bench.rows(service, "SELECT count(*) FROM kept") == [(1000,)]


def test_metrics_show_what_was_measured(bench: Bench) -> None:
    """Rows that were inserted are counted, and databases have their real size."""
    service = bench.service()["id"]
    with bench.connect(service) as connection:
        connection.execute("CREATE TABLE counted AS SELECT generate_series(1, 5) AS number")
        connection.execute("SELECT pg_stat_force_next_flush()")
    figures = until(lambda: bench.plane.figures(service))
    assert figures is not None
    assert figures["tuples_inserted"] > 0
    assert figures["databases"]["postgres"] > 7_000_000
