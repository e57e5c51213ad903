"""Read replicas follow their primary until they are promoted."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from pgassay.reference import SEED, ManualClock

SERVICES = f"/v1/organizations/{SEED.organization}/postgres"
OTHER_SERVICES = f"/v1/organizations/{SEED.other_organization}/postgres"
MINIMAL = {"name": "orders", "provider": "aws", "region": "eu-west-2", "size": "r8gd.large"}

FIRST_BACKUP = 600
UNTIL_RUNNING = 300

Service = dict[str, Any]


def _get(api: TestClient, path: str) -> Service:
    result: Service = api.get(path).json()["result"]
    return result


def _replicate(api: TestClient, path: str, **members: Any) -> Service:
    answer = api.post(f"{path}/readReplica", json={"name": "reader", **members})
    assert answer.status_code == 200, answer.text
    result: Service = answer.json()["result"]
    return result


@pytest.fixture
def primary(api: TestClient, clock: ManualClock, path: str) -> str:
    """Address a primary of which there is a backup."""
    clock.advance(FIRST_BACKUP)
    return path


@pytest.fixture
def replica(api: TestClient, clock: ManualClock, primary: str) -> str:
    """Address a running replica of the primary."""
    created = _replicate(api, primary)
    clock.advance(UNTIL_RUNNING)
    return f"{SERVICES}/{created['id']}"


def test_a_replica_is_a_service_of_its_own_that_takes_over_most(
    api: TestClient, clock: ManualClock, primary: str
) -> None:
    config = {"pgConfig": {"work_mem": "16MB"}, "pgBouncerConfig": {"default_pool_size": "7"}}
    api.post(f"{primary}/config", json=config)
    api.patch(primary, json={"haType": "sync", "tags": [{"key": "a", "value": "1"}]})
    clock.advance(240)
    source = _get(api, primary)
    created = _replicate(api, primary, tags=[{"key": "b"}])
    inherited = ("provider", "region", "postgresVersion", "size", "storageSize", "username")
    assert {member: created[member] for member in inherited} == {
        member: source[member] for member in inherited
    }
    assert created["id"] != source["id"]
    assert created["hostname"] != source["hostname"]
    own = ("name", "isPrimary", "haType", "tags", "state")
    assert [created[member] for member in own] == [
        "reader",
        False,
        "none",
        [{"key": "b"}],
        "creating",
    ]
    assert _get(api, f"{SERVICES}/{created['id']}/config") == config
    assert created["id"] in {item["id"] for item in api.get(SERVICES).json()["result"]}
    assert _get(api, primary) == source


def test_a_replica_may_have_parameters_of_its_own(api: TestClient, primary: str) -> None:
    config = {"pgConfig": {"work_mem": "16MB"}, "pgBouncerConfig": {"default_pool_size": "7"}}
    api.post(f"{primary}/config", json=config)
    created = _replicate(api, primary, pgConfig={"max_connections": 9})
    path = f"{SERVICES}/{created['id']}/config"
    assert _get(api, path) == {**config, "pgConfig": {"max_connections": 9}}
    api.patch(path, json={"pgConfig": {"work_mem": "8MB"}, "pgBouncerConfig": {}})
    assert _get(api, path)["pgConfig"] == {"max_connections": 9, "work_mem": "8MB"}
    assert _get(api, f"{primary}/config") == config


def test_a_replica_goes_through_the_states_of_a_copy(
    api: TestClient, clock: ManualClock, primary: str
) -> None:
    path = f"{SERVICES}/{_replicate(api, primary)['id']}"
    seen = []
    for state, duration in (("creating", 60), ("restoring_backup", 120), ("replaying_wal", 120)):
        assert _get(api, path)["state"] == state
        clock.advance(duration - 1)
        seen.append(_get(api, path)["state"])
        clock.advance(1)
    assert seen == ["creating", "restoring_backup", "replaying_wal"]
    assert _get(api, path)["state"] == "running"


def test_there_is_no_replica_before_the_first_backup(
    api: TestClient, clock: ManualClock, path: str
) -> None:
    clock.advance(FIRST_BACKUP - 301)
    listed = api.get(SERVICES).json()["result"]
    answer = api.post(f"{path}/readReplica", json={"name": "reader"})
    assert answer.status_code == 400
    assert answer.json()["error"] == (
        "BAD_REQUEST: Parent server is not ready for read replicas. There are no backups, yet."
    )
    assert api.get(SERVICES).json()["result"] == listed
    clock.advance(1)
    _replicate(api, path)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": ""},
        {"name": "x" * 51},
        {"name": None},
        {"name": "reader", "tags": [{"key": "chc_x"}]},
        {"name": "reader", "pgConfig": {}},
        {"name": "reader", "pgBouncerConfig": {}},
        {"name": "reader", "pgConfig": {"no_such": 1}},
        {"name": "reader", "pgConfig": None},
        [],
    ],
)
def test_a_bad_request_makes_no_replica(api: TestClient, primary: str, body: object) -> None:
    listed = api.get(SERVICES).json()["result"]
    assert api.post(f"{primary}/readReplica", json=body).status_code == 400
    assert api.get(SERVICES).json()["result"] == listed


def test_a_replica_has_no_replicas(api: TestClient, clock: ManualClock, replica: str) -> None:
    clock.advance(FIRST_BACKUP)
    assert api.post(f"{replica}/readReplica", json={"name": "reader"}).status_code == 400


def test_a_primary_that_restarts_or_goes_has_no_new_replicas(
    api: TestClient, clock: ManualClock, primary: str
) -> None:
    api.patch(f"{primary}/state", json={"command": "restart"})
    answer = api.post(f"{primary}/readReplica", json={"name": "reader"})
    assert answer.status_code == 400
    assert "not ready for read replicas" in answer.json()["error"]
    clock.advance(60)
    api.delete(primary)
    assert api.post(f"{primary}/readReplica", json={"name": "reader"}).status_code == 409


@pytest.mark.parametrize("body", [b'{"tags": []}', b'{"size": "r8gd.xlarge"}', b"{}"])
def test_a_replica_is_not_patched(api: TestClient, replica: str, body: bytes) -> None:
    before = _get(api, replica)
    headers = {"Content-Type": "application/json"}
    answer = api.patch(replica, content=body, headers=headers)
    assert answer.status_code == 400
    assert answer.json()["error"] == (
        "BAD_REQUEST: Read replicas cannot be modified directly! "
        "Please modify the parent database instead."
    )
    assert _get(api, replica) == before


def test_replicas_are_resized_with_their_primary(
    api: TestClient, clock: ManualClock, primary: str, replica: str
) -> None:
    api.patch(primary, json={"size": "r8gd.xlarge", "haType": "async"})
    later = f"{SERVICES}/{_replicate(api, primary)['id']}"
    clock.advance(239)
    assert _get(api, replica)["size"] == "r8gd.large"
    clock.advance(1)
    for path in (primary, replica, later):
        assert _get(api, path)["size"] == "r8gd.xlarge"
    assert _get(api, replica)["haType"] == "none"


def test_the_password_of_a_replica_is_that_of_its_primary(
    api: TestClient, primary: str, replica: str
) -> None:
    answer = api.patch(f"{replica}/password", json={"password": "lower-UPPER-1"})
    assert answer.status_code == 400
    assert answer.json()["error"] == (
        "BAD_REQUEST: Superuser password cannot be updated for read replicas!"
    )
    assert _get(api, replica)["password"] == _get(api, primary)["password"]
    api.patch(f"{primary}/password", json={"password": "lower-UPPER-1"})
    assert _get(api, replica)["password"] == "lower-UPPER-1"
    assert ":lower-UPPER-1@" in _get(api, replica)["connectionString"]


def test_the_answer_shows_no_credentials(api: TestClient, primary: str) -> None:
    assert not {"password", "connectionString"} & _replicate(api, primary).keys()


def test_no_answer_shows_credentials_where_they_are_redacted(
    other: TestClient, clock: ManualClock
) -> None:
    source = other.post(OTHER_SERVICES, json=MINIMAL).json()["result"]
    clock.advance(FIRST_BACKUP)
    created = _replicate(other, f"{OTHER_SERVICES}/{source['id']}")
    read = _get(other, f"{OTHER_SERVICES}/{created['id']}")
    for answer in (created, read):
        assert not {"password", "connectionString"} & answer.keys()


def test_a_primary_is_not_deleted_before_its_replicas(
    api: TestClient, clock: ManualClock, primary: str, replica: str
) -> None:
    answer = api.delete(primary)
    assert answer.status_code == 409
    for word in ("depend", "replica"):
        assert word in answer.json()["error"]
    clock.advance(10_000)
    assert _get(api, primary)["state"] == _get(api, replica)["state"] == "running"
    assert api.delete(replica).status_code == 200
    assert api.delete(primary).status_code == 200
    clock.advance(60)
    assert api.get(primary).status_code == api.get(replica).status_code == 404


def test_a_replica_may_be_deleted_while_it_is_made(
    api: TestClient, clock: ManualClock, primary: str
) -> None:
    path = f"{SERVICES}/{_replicate(api, primary)['id']}"
    clock.advance(90)
    assert api.delete(path).status_code == 200
    clock.advance(59)
    assert _get(api, path)["state"] == "deleting"
    clock.advance(10_000)
    assert api.get(path).status_code == 404
    assert api.delete(primary).status_code == 200


def test_a_promoted_replica_is_a_primary_and_the_former_one_stays_one(
    api: TestClient, clock: ManualClock, primary: str, replica: str
) -> None:
    source, before = _get(api, primary), _get(api, replica)
    assert api.patch(f"{replica}/state", json={"command": "promote"}).status_code == 200
    assert api.patch(f"{replica}/state", json={"command": "promote"}).status_code == 400
    clock.advance(1)
    assert _get(api, replica) == {**before, "isPrimary": True}
    assert _get(api, primary) == source
    assert api.patch(f"{replica}/state", json={"command": "promote"}).status_code == 400


def test_a_promoted_replica_is_independent(
    api: TestClient, clock: ManualClock, primary: str, replica: str
) -> None:
    api.patch(f"{replica}/state", json={"command": "promote"})
    clock.advance(1)
    api.patch(f"{primary}/password", json={"password": "lower-UPPER-1"})
    api.patch(primary, json={"size": "r8gd.xlarge"})
    assert api.patch(replica, json={"tags": [{"key": "own"}]}).status_code == 200
    assert api.patch(f"{replica}/password", json={}).status_code == 200
    assert api.delete(primary).status_code == 200
    clock.advance(240)
    assert _get(api, replica)["size"] == "r8gd.large"
    assert _get(api, replica)["password"] != "lower-UPPER-1"


def test_backups_of_a_promoted_replica_begin_with_the_promotion(
    api: TestClient, clock: ManualClock, replica: str
) -> None:
    clock.advance(FIRST_BACKUP)
    api.patch(f"{replica}/state", json={"command": "promote"})
    clock.advance(FIRST_BACKUP)
    assert api.post(f"{replica}/readReplica", json={"name": "reader"}).status_code == 400
    clock.advance(1)
    _replicate(api, replica)
    assert api.delete(replica).status_code == 409


def test_a_replica_restarts_and_does_not_switch_over(
    api: TestClient, clock: ManualClock, replica: str
) -> None:
    assert api.patch(f"{replica}/state", json={"command": "switchover"}).status_code == 400
    assert api.patch(f"{replica}/state", json={"command": "restart"}).status_code == 200
    clock.advance(60)
    assert _get(api, replica)["state"] == "running"
    assert _get(api, replica)["isPrimary"] is False


def test_only_who_may_change_the_organization_makes_replicas(
    connect: Any, api: TestClient, primary: str
) -> None:
    for name, status in (("read_only", 403), ("other_tenant", 404)):
        answer = connect(name).post(f"{primary}/readReplica", json={"name": "reader"})
        assert answer.status_code == status
