"""A server that is stopped in the middle of a transition finds it again, and ends it."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from pgassay.reference import SEED
from pgassay.reference.clickhouse.scaling import CPU, MEMORY

from .conftest import Bench

SCALING = (
    f"/v1/organizations/{SEED.organization}/services/{SEED.scalable_service}/clickpipesCdcScaling"
)

Look = Callable[[], object]


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Bench]:
    """Have a server with a state file."""
    bench = Bench(state=tmp_path / "state.db")
    yield bench
    bench.stop()


def ready(bench: Bench) -> dict[str, Any]:
    service = bench.service()
    bench.clock.advance(700)
    return service


def active(bench: Bench) -> dict[str, Any]:
    instance = bench.instance()
    bench.clock.advance(300)
    return instance


# Each begins a transition and returns how to look at it.


def creating(bench: Bench) -> Look:
    service = bench.service()
    return lambda: bench.state(service)


def restarting(bench: Bench) -> Look:
    service = ready(bench)
    bench.ch("PATCH", f"/{service['id']}/state", {"command": "restart"})
    return lambda: bench.state(service)


def resizing(bench: Bench) -> Look:
    service = ready(bench)
    bench.ch("PATCH", f"/{service['id']}", {"size": "r8gd.xlarge"})
    return lambda: bench.ch("GET", f"/{service['id']}").json()["result"]["size"]


def promoting(bench: Bench) -> Look:
    source = ready(bench)
    replica = bench.ch("POST", f"/{source['id']}/readReplica", {"name": "copy"}).json()["result"]
    bench.clock.advance(300)
    bench.ch("PATCH", f"/{replica['id']}/state", {"command": "promote"})
    return lambda: bench.ch("GET", f"/{replica['id']}").json()["result"]["isPrimary"]


def replicating(bench: Bench) -> Look:
    source = ready(bench)
    replica = bench.ch("POST", f"/{source['id']}/readReplica", {"name": "copy"}).json()["result"]
    return lambda: bench.state(replica)


def deleting(bench: Bench) -> Look:
    service = ready(bench)
    bench.ch("DELETE", f"/{service['id']}")
    return lambda: bench.state(service)


def scaling(bench: Bench) -> Look:
    bench.ch("PATCH", SCALING, {CPU: 3000, MEMORY: 12})
    return lambda: tuple(bench.ch("GET", SCALING).json()["result"].values())


def failing(bench: Bench) -> Look:
    bench.control("POST", "/failures", {"family": "clickhouse", "transition": "creating"})
    return creating(bench)


def provisioning(bench: Bench) -> Look:
    instance = bench.instance()
    return lambda: bench.status(instance)


def updating(bench: Bench) -> Look:
    instance = active(bench)
    bench.db("PUT", f"/{instance['uuid']}", {**instance, "cpu": 2})
    return lambda: bench.status(instance)


def adding_a_user(bench: Bench) -> Look:
    instance = active(bench)
    path = f"/{instance['uuid']}/users"
    user = bench.db("POST", path, {"name": "u", "password": "correct horse"}).json()
    return lambda: bench.status(instance, f"/users/{user['uuid']}")


#: What begins, and what is seen after how many seconds.
LIFECYCLES: tuple[tuple[Callable[[Bench], Look], dict[float, object]], ...] = (
    (creating, {0: "creating", 299: "creating", 300: "running"}),
    (restarting, {0: "restarting", 59: "restarting", 60: "running"}),
    (resizing, {0: "r8gd.large", 239: "r8gd.large", 240: "r8gd.xlarge"}),
    (promoting, {0: False, 1: True}),
    (
        replicating,
        {59: "creating", 60: "restoring_backup", 180: "replaying_wal", 300: "running"},
    ),
    (deleting, {0: "deleting", 59: "deleting", 60: ""}),
    (scaling, {0: (2000, 8), 239: (2000, 8), 240: (3000, 12)}),
    (failing, {299: "creating", 300: "unavailable", 9999: "unavailable"}),
    (provisioning, {59: "NEW", 60: "IN_PROGRESS", 299: "IN_PROGRESS", 300: "ACTIVE"}),
    (updating, {0: "IN_PROGRESS", 119: "IN_PROGRESS", 120: "ACTIVE"}),
    (adding_a_user, {0: "NEW", 9: "NEW", 10: "ACTIVE"}),
)

each_lifecycle = pytest.mark.parametrize(
    ("begin", "seen"), [pytest.param(*each, id=each[0].__name__) for each in LIFECYCLES]
)


@each_lifecycle
def test_a_transition_goes_on_over_restarts(
    kept: Bench, begin: Callable[[Bench], Look], seen: dict[float, object]
) -> None:
    """The server is started anew before each look."""
    look, begun = begin(kept), kept.clock.now()
    for seconds, expected in seen.items():
        kept.stop()
        kept.clock.advance(begun + seconds - kept.clock.now())
        kept.start()
        assert look() == expected


@each_lifecycle
def test_a_transition_that_ended_while_the_server_was_down_has_ended(
    kept: Bench, begin: Callable[[Bench], Look], seen: dict[float, object]
) -> None:
    look = begin(kept)
    kept.stop()
    kept.clock.advance(100_000)
    kept.start()
    assert look() == list(seen.values())[-1]
    assert look() == list(seen.values())[-1]


def test_what_a_deleted_instance_had_stays_away(kept: Bench) -> None:
    instance = active(kept)
    path = f"/{instance['uuid']}"
    user = kept.db("POST", f"{path}/users", {"name": "u", "password": "correct horse"}).json()
    kept.db("POST", f"{path}/databases", {"name": "d", "owner": user["uuid"]})
    assert kept.db("DELETE", path).status_code == 204
    kept.stop()
    kept.start()
    for below in ("", "/users", "/databases", f"/users/{user['uuid']}"):
        assert kept.db("GET", path + below).status_code == 404


# Files of older servers

OLD_SERVICE = "220a48bd-91d2-40f9-ac40-1b03039baf92"
OLD_SCHEMA = """
CREATE TABLE documents (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, id TEXT NOT NULL,
    parent TEXT NOT NULL, body BLOB NOT NULL, UNIQUE (kind, id)
);
CREATE INDEX documents_by_parent ON documents (kind, parent, sequence);
"""


def make_old(path: Path, now: float) -> None:
    """Take out of a new file what the first servers did not keep, in the way that they kept it."""
    with closing(sqlite3.connect(path)) as new:
        rows = new.execute("SELECT kind, id, parent, body FROM documents").fetchall()
    for each in path.parent.glob(f"{path.name}*"):
        each.unlink()
    service = json.loads(next(row[3] for row in rows if row[1] == SEED.service))
    known = (
        "id organization name provider region postgresVersion size haType tags isPrimary state "
        "createdAt since username password hostname pgConfig pgBouncerConfig"
    ).split()
    old = {name: service[name] for name in known} | {
        "id": OLD_SERVICE,
        "state": "creating",
        "since": now,
        "pending": [
            {"at": now + 300, "set": {"state": "running"}},
            {"at": now + 400, "set": {"size": "r8gd.large"}},
        ],
    }
    rows.append(("postgres_service", OLD_SERVICE, SEED.organization, json.dumps(old).encode()))
    with closing(sqlite3.connect(path)) as database:
        database.executescript(OLD_SCHEMA)
        insert = "INSERT INTO documents (kind, id, parent, body) VALUES (?, ?, ?, ?)"
        database.executemany(insert, rows)
        database.commit()


def test_a_file_of_an_older_server_is_good(kept: Bench) -> None:
    """Its documents lack what was added since, and its steps have no other outcome."""
    instance = kept.instance()
    kept.stop()
    assert kept.settings.state is not None
    make_old(kept.settings.state, kept.clock.now())
    kept.start()
    old = {"id": OLD_SERVICE}
    assert kept.state(old) == "creating"
    kept.clock.advance(300)
    assert (kept.state(old), kept.status(instance)) == ("running", "ACTIVE")
    kept.clock.advance(400)
    window = "from_date=2026-05-28T20:00:00.000Z&to_date=2026-05-28T20:30:00.000Z"
    query = f"?{window}&db_name=a&db_user=a&db_operation=SELECT"
    for resource in kept.app.state.resources:
        if "{service}" in resource.path and "GET" in resource.operations:
            ids = {"organization": SEED.organization, "service": OLD_SERVICE, "query": "-1"}
            if "/services/" in resource.path:
                ids["service"] = SEED.scalable_service
            path = resource.path.format(**ids)
            assert kept.ch("GET", path + query).status_code == 200, path
    replica = kept.ch("POST", f"/{OLD_SERVICE}/readReplica", {"name": "copy"})
    assert replica.status_code == 200
    assert kept.ch("DELETE", f"/{OLD_SERVICE}").status_code == 409
    assert kept.ch("PATCH", f"/{OLD_SERVICE}/password", {}).status_code == 200
    assert kept.ch("GET", f"/{OLD_SERVICE}").json()["result"]["size"] == "r8gd.large"


def test_a_file_that_is_none_of_ours_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    path.write_text("not a database, but long enough to be read as the head of one" * 20)
    with pytest.raises(OSError, match="as the state file of a server"):
        Bench(state=path)
