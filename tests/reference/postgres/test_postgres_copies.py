"""Read replicas stream and are promoted; a restore has the data of its point in time."""

import time
from typing import Any

import psycopg
import pytest

from .conftest import Bench, until

_NUMBERS = "SELECT coalesce(array_agg(number ORDER BY number), '{}') FROM numbers"


def _filled(bench: Bench) -> str:
    service: str = bench.service()["id"]
    with bench.connect(service) as connection:
        connection.execute("CREATE TABLE numbers (number int)")
    _add(bench, service, 1)
    return service


def _add(bench: Bench, service: str, number: int) -> None:
    with bench.connect(service) as connection:
        connection.execute("INSERT INTO numbers VALUES (%s)", [number])


def _numbers(bench: Bench, service: str) -> list[int]:
    ((numbers,),) = bench.rows(service, _NUMBERS)
    return list(numbers)


def _backup_window(bench: Bench) -> None:
    """Let the time pass after which a service that is there now counts as backed up."""
    window = bench.rules.durations.first_backup * bench.time_scale
    end = time.monotonic() + window
    until(lambda: time.monotonic() > end)


def _copied(bench: Bench, path: str, **body: Any) -> str:
    """Make a copy, as soon as there is a backup; gives its id once it runs."""
    answer = until(
        lambda: bench.send("POST", path, json={"name": "copy", **body}),
        lambda answer: answer.status_code == 200,
    )
    copy: str = answer.json()["result"]["id"]
    bench.running(copy)
    return copy


def _now(bench: Bench, service: str) -> str:
    """Return the present time of a service's own clock."""
    ((moment,),) = bench.rows(service, "SELECT clock_timestamp()")
    return str(moment.isoformat())


def test_a_replica_streams_and_takes_no_changes(bench: Bench) -> None:
    """What is written after the replica was made shows there; writing there is refused."""
    source = _filled(bench)
    replica = _copied(bench, f"/{source}/readReplica")
    assert _numbers(bench, replica) == [1]
    _add(bench, source, 2)
    until(lambda: _numbers(bench, replica), lambda seen: seen == [1, 2])
    assert bench.rows(source, "SELECT state FROM pg_stat_replication") == [("streaming",)]
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        _add(bench, replica, 3)


def test_a_promoted_replica_goes_its_own_way(bench: Bench) -> None:
    """It has all that was committed before, takes changes, and can be restored itself."""
    source = _filled(bench)
    replica = _copied(bench, f"/{source}/readReplica")
    _add(bench, source, 2)
    bench.ch("PATCH", f"/{replica}/state", json={"command": "promote"})
    until(lambda: bench.ch("GET", f"/{replica}")["isPrimary"])
    _backup_window(bench)
    _add(bench, source, 3)
    _add(bench, replica, 4)
    assert (_numbers(bench, source), _numbers(bench, replica)) == ([1, 2, 3], [1, 2, 4])
    restored = _copied(bench, f"/{replica}/restoredService", restoreTarget=_now(bench, replica))
    assert _numbers(bench, restored) == [1, 2, 4]


def test_a_replica_follows_a_primary_that_allows_more(bench: Bench) -> None:
    """PostgreSQL stops a standby that allows less than its primary; this one is raised first."""
    source = _filled(bench)
    replica = _copied(bench, f"/{source}/readReplica", pgConfig={"max_connections": 50})
    configuration = {"pgConfig": {"max_connections": 300}, "pgBouncerConfig": {}}
    bench.ch("PATCH", f"/{source}/config", json=configuration)
    bench.ch("PATCH", f"/{source}/state", json={"command": "restart"})
    bench.running(source)
    _add(bench, source, 2)
    until(lambda: _numbers(bench, replica), lambda seen: seen == [1, 2])
    assert bench.rows(replica, "SHOW max_connections") == [("300",)]


def test_a_restore_has_exactly_what_was_committed_before(bench: Bench) -> None:
    """The source goes on; the copy has neither more nor less, and takes changes of its own."""
    source = _filled(bench)
    _backup_window(bench)
    _add(bench, source, 2)
    target = _now(bench, source)
    _add(bench, source, 3)
    restored = _copied(bench, f"/{source}/restoredService", restoreTarget=target)
    assert _numbers(bench, restored) == [1, 2]
    _backup_window(bench)
    _add(bench, restored, 4)
    assert (_numbers(bench, source), _numbers(bench, restored)) == ([1, 2, 3], [1, 2, 4])
    again = _copied(bench, f"/{restored}/restoredService", restoreTarget=_now(bench, restored))
    assert _numbers(bench, again) == [1, 2, 4]
