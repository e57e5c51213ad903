"""A service is restored to a point in time, as a new service."""

import re
from typing import Any

import pytest
from starlette.testclient import TestClient

from pgassay.reference import SEED, ManualClock

SERVICES = f"/v1/organizations/{SEED.organization}/postgres"
OTHER_SERVICES = f"/v1/organizations/{SEED.other_organization}/postgres"
MINIMAL = {"name": "orders", "provider": "aws", "region": "eu-west-2", "size": "r8gd.large"}

# The service is created at 20:26:40, its first backup is there at 20:36:40, and now is 21:26:40.
TARGET = "2026-05-28T21:00:00Z"
DAY = 86_400

Service = dict[str, Any]


def _get(api: TestClient, path: str) -> Service:
    result: Service = api.get(path).json()["result"]
    return result


def _restore(api: TestClient, path: str, **members: Any) -> Service:
    body = {"name": "copy", "restoreTarget": TARGET, **members}
    answer = api.post(f"{path}/restoredService", json=body)
    assert answer.status_code == 200, answer.text
    result: Service = answer.json()["result"]
    return result


def _status(api: TestClient, path: str, target: object) -> int:
    body = {"name": "copy", "restoreTarget": target}
    status: int = api.post(f"{path}/restoredService", json=body).status_code
    return status


@pytest.fixture
def source(api: TestClient, clock: ManualClock, path: str) -> str:
    """Address a service that is an hour old."""
    clock.advance(3300)
    return path


def test_a_restored_service_is_a_new_primary_like_its_source(
    api: TestClient, clock: ManualClock, source: str
) -> None:
    config = {"pgConfig": {"work_mem": "16MB"}, "pgBouncerConfig": {"default_pool_size": "7"}}
    api.post(f"{source}/config", json=config)
    api.patch(source, json={"haType": "sync", "tags": [{"key": "a", "value": "1"}]})
    clock.advance(240)
    before, listed = _get(api, source), api.get(SERVICES).json()["result"]
    restored = _restore(api, source)
    inherited = ("provider", "region", "postgresVersion", "size", "username")
    assert {member: restored[member] for member in inherited} == {
        member: before[member] for member in inherited
    }
    own = ("name", "isPrimary", "haType", "tags", "state")
    assert [restored[member] for member in own] == ["copy", True, "none", [], "creating"]
    path = f"{SERVICES}/{restored['id']}"
    assert _get(api, f"{path}/config") == config
    assert _get(api, path)["password"] == before["password"]
    assert _get(api, source) == before
    assert api.get(SERVICES).json()["result"][:-1] == listed


def test_a_restored_service_goes_through_the_states_of_a_restore(
    api: TestClient, clock: ManualClock, source: str
) -> None:
    path = f"{SERVICES}/{_restore(api, source)['id']}"
    phases = {
        "creating": 60,
        "restoring_backup": 120,
        "replaying_wal": 120,
        "finalizing_restore": 60,
    }
    for state, duration in phases.items():
        assert _get(api, path)["state"] == state
        clock.advance(duration - 1)
        assert _get(api, path)["state"] == state
        clock.advance(1)
    assert _get(api, path)["state"] == "running"


def test_a_restored_service_may_have_parameters_and_tags_of_its_own(
    api: TestClient, source: str
) -> None:
    restored = _restore(api, source, pgConfig={"work_mem": "8MB"}, tags=[{"key": "b"}])
    assert restored["tags"] == [{"key": "b"}]
    assert _get(api, f"{SERVICES}/{restored['id']}/config")["pgConfig"] == {"work_mem": "8MB"}


@pytest.mark.parametrize(
    "target",
    [
        "2026-05-28T20:36:40Z",
        "2026-05-28T20:36:40.000Z",
        "2026-05-28t21:26:40z",
        "2026-05-28T23:00:00.123456789+02:00",
        "2026-05-28T20:59:59-00:00",
    ],
)
def test_every_time_from_the_first_backup_until_now_is_a_target(
    api: TestClient, source: str, target: str
) -> None:
    assert _status(api, source, target) == 200


@pytest.mark.parametrize(
    "target",
    [
        "2026-05-28T20:36:39.999Z",
        "2026-05-28T20:26:39Z",
        "2000-01-01T00:00:00Z",
        "2026-05-28T21:26:40.001Z",
        "2030-01-01T00:00:00Z",
        "2026-05-28T21:00:00",
        "2026-05-28 21:00:00Z",
        "2026-05-28",
        "2026-02-30T21:00:00Z",
        "yesterday",
        "",
        1_780_000_000,
        None,
    ],
)
def test_other_targets_are_refused_and_restore_nothing(
    api: TestClient, source: str, target: object
) -> None:
    listed = api.get(SERVICES).json()["result"]
    assert _status(api, source, target) == 400
    assert api.get(SERVICES).json()["result"] == listed


def test_both_ends_of_the_window_that_a_refusal_names_are_targets(
    api: TestClient, clock: ManualClock
) -> None:
    clock.advance(0.0004)
    created = api.post(SERVICES, json=MINIMAL).json()["result"]
    clock.advance(900)
    path = f"{SERVICES}/{created['id']}"
    body = {"name": "copy", "restoreTarget": "2000-01-01T00:00:00Z"}
    refusal = api.post(f"{path}/restoredService", json=body).json()["error"]
    ends = re.findall(r"20[0-9T:.-]+Z", refusal)
    assert [_status(api, path, end) for end in ends] == [200, 200]


def test_backups_are_kept_for_seven_days(api: TestClient, clock: ManualClock, source: str) -> None:
    clock.advance(7 * DAY)
    assert _status(api, source, "2026-05-28T21:26:39Z") == 400
    assert _status(api, source, "2026-05-28T21:26:40Z") == 200


@pytest.mark.parametrize(
    "body",
    [
        {"name": "copy"},
        {"restoreTarget": TARGET},
        {"name": "", "restoreTarget": TARGET},
        {"name": "copy", "restoreTarget": TARGET, "pgConfig": {}},
        {"name": "copy", "restoreTarget": TARGET, "pgBouncerConfig": {}},
        {"name": "copy", "restoreTarget": TARGET, "tags": [{}]},
        [],
    ],
)
def test_a_bad_request_restores_nothing(api: TestClient, source: str, body: object) -> None:
    listed = api.get(SERVICES).json()["result"]
    assert api.post(f"{source}/restoredService", json=body).status_code == 400
    assert api.get(SERVICES).json()["result"] == listed


def test_there_is_nothing_to_restore_before_the_first_backup(api: TestClient, path: str) -> None:
    assert _status(api, path, "2026-05-28T20:30:00Z") == 400


def test_a_source_that_goes_is_not_restored(
    api: TestClient, clock: ManualClock, source: str
) -> None:
    restored = f"{SERVICES}/{_restore(api, source)['id']}"
    api.delete(source)
    assert _status(api, source, TARGET) == 409
    clock.advance(60)
    assert _status(api, source, TARGET) == 404
    clock.advance(300)
    assert _get(api, restored)["state"] == "running"


def test_a_replica_is_not_restored(api: TestClient, source: str) -> None:
    replica = api.post(f"{source}/readReplica", json={"name": "reader"}).json()["result"]
    assert _status(api, f"{SERVICES}/{replica['id']}", TARGET) == 400


def test_no_answer_to_a_restore_shows_credentials(
    api: TestClient, other: TestClient, clock: ManualClock, source: str
) -> None:
    assert not {"password", "connectionString"} & _restore(api, source).keys()
    theirs = other.post(OTHER_SERVICES, json=MINIMAL).json()["result"]
    clock.advance(3600)
    target = "2026-05-28T22:26:40Z"
    restored = _restore(other, f"{OTHER_SERVICES}/{theirs['id']}", restoreTarget=target)
    read = _get(other, f"{OTHER_SERVICES}/{restored['id']}")
    for answer in (restored, read):
        assert not {"password", "connectionString"} & answer.keys()


def test_only_who_may_change_the_organization_restores(
    connect: Any, api: TestClient, source: str
) -> None:
    assert _status(connect("read_only"), source, TARGET) == 403
    assert _status(connect("other_tenant"), source, TARGET) == 404
