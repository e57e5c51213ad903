"""Services follow the commands restart, promote and switchover."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from pgassay.reference import SEED, ManualClock

SERVICES = f"/v1/organizations/{SEED.organization}/postgres"
MINIMAL = {"name": "orders", "provider": "aws", "region": "eu-west-2", "size": "r8gd.large"}
COMMANDS = ("restart", "promote", "switchover")


def _get(api: TestClient, path: str) -> dict[str, Any]:
    result: dict[str, Any] = api.get(path).json()["result"]
    return result


def _command(api: TestClient, path: str, command: object) -> int:
    status: int = api.patch(f"{path}/state", json={"command": command}).status_code
    return status


def test_a_restart_shows_and_ends_in_running_with_everything_else_the_same(
    api: TestClient, clock: ManualClock, path: str
) -> None:
    sent = {"pgConfig": {"max_connections": 42}, "pgBouncerConfig": {}}
    api.post(f"{path}/config", json=sent)
    before = _get(api, path)
    answer = api.patch(f"{path}/state", json={"command": "restart"})
    assert answer.status_code == 200
    assert answer.json()["result"]["state"] == "restarting"
    clock.advance(59)
    assert _get(api, path) == {**before, "state": "restarting"}
    clock.advance(1)
    assert _get(api, path) == before
    assert _get(api, f"{path}/config") == sent


def test_commands_wait_for_the_end_of_a_restart(
    api: TestClient, clock: ManualClock, path: str
) -> None:
    _command(api, path, "restart")
    for command in COMMANDS:
        assert _command(api, path, command) == 400
    assert api.patch(path, json={"size": "r8gd.xlarge"}).status_code == 400
    clock.advance(60)
    assert _command(api, path, "restart") == 200


@pytest.mark.parametrize("command", COMMANDS)
def test_a_service_takes_no_command_before_it_runs_and_after_its_deletion(
    api: TestClient, clock: ManualClock, command: str
) -> None:
    created = api.post(SERVICES, json={**MINIMAL, "haType": "async"}).json()["result"]
    path = f"{SERVICES}/{created['id']}"
    assert _command(api, path, command) == 400
    clock.advance(300)
    api.delete(path)
    assert _command(api, path, command) == 409
    clock.advance(30)
    assert _get(api, path)["state"] == "deleting"
    clock.advance(30)
    assert _command(api, path, command) == 404


def test_a_service_may_be_deleted_while_it_restarts(
    api: TestClient, clock: ManualClock, path: str
) -> None:
    _command(api, path, "restart")
    assert api.delete(path).status_code == 200
    clock.advance(59)
    assert _get(api, path)["state"] == "deleting"
    clock.advance(1)
    assert api.get(path).status_code == 404


@pytest.mark.parametrize(
    "body", [{}, {"command": None}, {"command": "stop"}, {"command": "Restart"}, {"command": 1}, []]
)
def test_an_unknown_or_missing_command_is_refused(api: TestClient, path: str, body: object) -> None:
    before = _get(api, path)
    assert api.patch(f"{path}/state", json=body).status_code == 400
    assert _get(api, path) == before


def test_a_primary_cannot_be_promoted(api: TestClient, path: str) -> None:
    before = _get(api, path)
    answer = api.patch(f"{path}/state", json={"command": "promote"})
    assert answer.status_code == 400
    assert answer.json()["error"] == "BAD_REQUEST: Non read replica servers cannot be promoted."
    assert _get(api, path) == before


@pytest.mark.parametrize("kind", ["async", "sync"])
def test_a_switchover_to_a_standby_shows_nowhere(
    api: TestClient, clock: ManualClock, path: str, kind: str
) -> None:
    api.patch(path, json={"haType": kind})
    clock.advance(240)
    before = _get(api, path)
    assert _command(api, path, "switchover") == 200
    assert _get(api, path) == before
    clock.advance(600)
    assert _get(api, path) == before


def test_a_switchover_needs_a_standby(api: TestClient, path: str) -> None:
    assert _command(api, path, "switchover") == 400


def test_a_key_that_may_only_read_commands_nothing(
    connect: Any, api: TestClient, path: str
) -> None:
    for name, status in (("read_only", 403), ("other_tenant", 404), ("disabled", 401)):
        assert _command(connect(name), path, "restart") == status
    assert _get(api, path)["state"] == "running"
