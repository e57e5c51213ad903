"""Users and databases of the dbaas family are real roles and databases."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from pgassay.reference import SEED
from pgassay.reference.dbaas.resources import DATABASE, INSTANCE, USER
from pgassay.reference.store import Store

from .conftest import Bench, until

if TYPE_CHECKING:
    from pgassay.reference.postgres import PostgresPlane

_PASSWORD = "pässwörd with spaces"


def _login(bench: Bench, instance: str, database: str, **changes: Any) -> None:
    address = bench.plane.address(instance)
    assert address is not None
    given: dict[str, Any] = {"user": "owner", "password": _PASSWORD, **changes}
    with psycopg.connect(host=address.host, port=address.port, dbname=database, **given) as own:
        own.execute("CREATE TABLE IF NOT EXISTS mine (number int)")


def _refused(bench: Bench, instance: str, database: str, **changes: Any) -> bool:
    try:
        _login(bench, instance, database, **changes)
    except psycopg.OperationalError:
        return True
    except psycopg.errors.InsufficientPrivilege:
        # It got in, though not far.
        pass
    return False


def _with_database(bench: Bench) -> tuple[str, str, str]:
    """Create an instance with a user that owns a database; gives the three uuids."""
    instance = bench.instance()
    user = bench.child(instance, "users", name="owner", password=_PASSWORD)
    owner = f"/v1/types/postgres/instances/{instance}/users/{user}"
    return instance, user, bench.child(instance, "databases", name="Owned", owner=owner)


def test_a_user_works_in_its_database(bench: Bench) -> None:
    """It logs in with its password only, and may create tables where it is the owner."""
    instance, _, _ = _with_database(bench)
    _login(bench, instance, "Owned")
    assert _refused(bench, instance, "Owned", password="another password")
    assert _refused(bench, instance, "Owned", user="postgres")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        _login(bench, instance, "postgres")


def test_the_control_endpoint_tells_where_clusters_listen(bench: Bench) -> None:
    """The dbaas family's API has no address; who has the control token may ask for it."""
    instance = bench.instance()
    token = {"X-Control-Token": bench.settings.control_token or ""}
    listed = bench.client.get("/_control/clusters", headers=token).json()
    address = bench.plane.address(instance)
    assert address is not None
    known = {"id": instance, "host": "127.0.0.1", "port": address.port, "tls": bench.plane.tls}
    assert known in listed
    assert bench.client.get("/_control/clusters").status_code == 404


def test_deletions_reach_the_cluster(bench: Bench) -> None:
    """A database goes although somebody is connected, its owner goes next, the instance last."""
    instance, user, database = _with_database(bench)
    address = bench.plane.address(instance)
    assert address is not None
    connection = psycopg.connect(
        host=address.host, port=address.port, dbname="Owned", user="owner", password=_PASSWORD
    )
    bench.db("DELETE", f"/{instance}/databases/{database}", status=204)
    until(lambda: _refused(bench, instance, "Owned"))
    connection.close()
    bench.db("DELETE", f"/{instance}/users/{user}", status=204)
    until(lambda: _refused(bench, instance, "postgres"))
    # The same name again is another user.
    bench.child(instance, "users", name="owner", password="another password")
    assert _refused(bench, instance, "postgres")
    bench.db("DELETE", f"/{instance}", status=204)
    until(lambda: instance not in bench.plane.clusters())


def test_the_only_version_is_the_one_that_runs(bench: Bench) -> None:
    """An instance is of the version of the programs; others are not offered."""
    instance = bench.db("GET", f"/{bench.instance()}")
    token = bench.credentials.token("main").token
    version = bench.client.get(
        instance["version"], headers={"Authorization": f"Bearer {token}"}
    ).json()
    assert version["name"] == f"PostgreSQL {bench.plane.version}"


def test_a_deletion_that_a_crash_interrupted_is_made_up_for(
    plane: "PostgresPlane", tmp_path: Path
) -> None:
    """A server that starts removes roles, databases and clusters that no document speaks of."""
    state = tmp_path / "state"
    with Bench(plane, state) as bench:
        instance, user, database = _with_database(bench)
        other = bench.instance()
    store = Store(state)
    for kind, identifier in ((USER, user), (DATABASE, database), (INSTANCE, other)):
        store.delete(kind, identifier)
    store.close()
    with Bench(plane, state) as bench:
        until(lambda: _refused(bench, instance, "Owned"))
        until(lambda: sorted(plane.clusters()) == sorted([instance, SEED.service]))
