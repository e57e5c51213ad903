"""The store keeps what was acknowledged, in order, and all of a change or nothing."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from pgassay.reference import SEED, Credentials, ManualClock, Settings, create_app
from pgassay.reference.schedule import outlook, plan, plan_removal, settle
from pgassay.reference.store import Store

SERVICES = f"/v1/organizations/{SEED.organization}/postgres"
MINIMAL = {"name": "orders", "provider": "aws", "region": "eu-west-2", "size": "r8gd.large"}


@pytest.fixture
def store() -> Iterator[Store]:
    """Give a store in memory."""
    with closing(Store()) as store:
        yield store


def test_children_are_listed_in_the_order_of_creation(store: Store) -> None:
    for id in ("b", "a", "c"):
        store.put("kind", id, "parent", {"id": id})
    store.put("kind", "b", "parent", {"id": "b", "changed": True})
    store.put("kind", "d", "elsewhere", {"id": "d"})
    assert [child["id"] for child in store.children("kind", "parent")] == ["b", "a", "c"]
    assert store.count("kind", "parent") == 3
    assert store.get("kind", "b") == {"id": "b", "changed": True}
    store.delete("kind", "a")
    assert store.get("kind", "a") is None


def test_a_transaction_that_fails_leaves_nothing(store: Store) -> None:
    def fail() -> None:
        with store.transaction():
            store.put("kind", "a", "", {})
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert store.get("kind", "a") is None


def test_a_transaction_that_fails_leaves_everything_in_its_place(tmp_path: Path) -> None:
    store = Store(tmp_path / "state")
    for id in ("a", "b", "c"):
        store.put("kind", id, "parent", {"id": id})

    def fail() -> None:
        with store.transaction():
            store.delete("kind", "a")
            store.put("kind", "b", "elsewhere", {"id": "b", "changed": True})
            store.put("kind", "d", "parent", {"id": "d"})
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    expected = [{"id": "a"}, {"id": "b"}, {"id": "c"}]
    assert store.children("kind", "parent") == expected
    assert store.children("kind", "elsewhere") == []
    assert store.count("kind", "parent") == 3
    store.close()
    with closing(Store(tmp_path / "state")) as reopened:
        assert reopened.children("kind", "parent") == expected


def test_a_write_that_the_file_refuses_did_not_happen(tmp_path: Path) -> None:
    store = Store(tmp_path / "state")
    store.put("kind", "a", "", {"id": "a"})
    store.close()
    with pytest.raises(OSError, match="state"):
        store.put("kind", "b", "", {})
    with pytest.raises(OSError, match="state"):
        store.delete("kind", "a")
    assert store.every("kind") == [{"id": "a"}]


def test_what_is_read_is_a_copy(store: Store) -> None:
    store.put("kind", "a", "", {"list": []})
    read = store.get("kind", "a") or {}
    read["list"].append(1)
    assert store.get("kind", "a") == {"list": []}


def test_a_transaction_inside_another_is_part_of_it(store: Store) -> None:
    def fail() -> None:
        with store.transaction():
            with store.transaction():
                store.put("kind", "a", "", {})
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert store.get("kind", "a") is None
    with store.transaction():
        store.put("kind", "b", "", {})
    assert store.get("kind", "b") == {}


def test_a_file_waits_for_the_disk_at_each_commit(tmp_path: Path) -> None:
    """2 is FULL: https://sqlite.org/pragma.html#pragma_synchronous."""
    with closing(Store(tmp_path / "state")) as store:
        assert store._file is not None
        assert store._file._connection.execute("PRAGMA synchronous").fetchone() == (2,)


def test_a_file_survives_a_server_that_was_never_closed(tmp_path: Path) -> None:
    """The copy is what a killed server leaves: the database and its log, never checkpointed."""
    store = Store(tmp_path / "state")
    store.put("kind", "a", "", {"kept": True})
    for file in tmp_path.glob("state*"):
        (tmp_path / f"copy-{file.name}").write_bytes(file.read_bytes())
    with closing(Store(tmp_path / "copy-state")) as reopened:
        assert reopened.get("kind", "a") == {"kept": True}
        assert not reopened.fresh
    store.close()


def test_a_file_belongs_to_one_server_at_a_time(tmp_path: Path) -> None:
    store = Store(tmp_path / "state")
    with pytest.raises(OSError, match="state"):
        Store(tmp_path / "state")
    store.close()
    Store(tmp_path / "state").close()


def test_a_file_that_is_no_database_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("something else entirely, and long enough to be read")
    with pytest.raises(OSError, match="state"):
        Store(tmp_path / "state")


def test_the_state_file_is_for_its_owner_only(tmp_path: Path) -> None:
    Store(tmp_path / "state").close()
    assert (tmp_path / "state").stat().st_mode & 0o077 == 0


def test_a_lifecycle_goes_on_across_a_restart(tmp_path: Path) -> None:
    clock, credentials = ManualClock(), Credentials.generate()
    settings = Settings(credentials, time_scale=1, state=tmp_path / "state")
    key = credentials.key("main")
    auth = (key.key_id, key.secret)
    with TestClient(create_app(settings, clock)) as client:
        created = client.post(SERVICES, json=MINIMAL, auth=auth).json()["result"]
    clock.advance(300)
    with TestClient(create_app(settings, clock)) as client:
        read = client.get(f"{SERVICES}/{created['id']}", auth=auth).json()["result"]
        listed = client.get(SERVICES, auth=auth).json()["result"]
    assert read["state"] == "running"
    assert read["password"] == created["password"]
    assert [item["id"] for item in listed] == [SEED.service, created["id"]]


def test_steps_are_applied_in_the_order_of_their_time() -> None:
    document = {"state": "creating"}
    plan(document, 20, {"state": "running", "size": 2})
    plan(document, 10, {"state": "restarting", "size": 1})
    assert settle(document, 9) == document
    first = settle(document, 10)
    assert first is not None
    assert first["state"] == "restarting"
    assert outlook(document, "size") == 2
    assert settle(first, 20) == {"state": "running", "size": 2, "pending": []}
    plan_removal(document, 15)
    assert settle(document, 14) is not None
    assert settle(document, 15) is None


def test_the_database_is_readable_by_other_tools(tmp_path: Path) -> None:
    store = Store(tmp_path / "state")
    store.put("kind", "a", "", {"kept": True})
    store.close()
    with sqlite3.connect(tmp_path / "state") as connection:
        assert connection.execute("SELECT kind, id FROM documents").fetchall() == [("kind", "a")]
    connection.close()
