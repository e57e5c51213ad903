"""The control endpoint: transitions fail and health changes, for who has its token."""

from typing import Any

import pytest

from .conftest import TOKEN, Bench

UNKNOWN = "3f1d7c52-6e0a-4b8e-9a77-1c2d3e4f5a6b"


def arm(bench: Bench, **failure: Any) -> None:
    answer = bench.control("POST", "/failures", failure)
    assert answer.status_code == 201, answer.text


@pytest.mark.parametrize("headers", [{}, {"X-Control-Token": "wrong"}, {"X-Control-Token": ""}])
@pytest.mark.parametrize("path", ["/_control/failures", "/_control/requests", "/_control/none"])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "OPTIONS"])
def test_without_the_token_nothing_shows(
    bench: Bench, method: str, path: str, headers: dict[str, str]
) -> None:
    """Neither a path nor which methods it has: the answer is that of a path that does not exist."""
    hidden = bench.client.request(method, path, headers=headers)
    absent = bench.client.request(method, "/nowhere", headers=headers)
    assert hidden.status_code == absent.status_code == 404
    assert hidden.json()["error"] == absent.json()["error"]
    assert hidden.headers.keys() == absent.headers.keys()


def test_with_the_token_paths_and_methods_are_told(bench: Bench) -> None:
    assert bench.control("GET", "/requests").status_code == 200
    assert bench.control("PUT", "/failures").headers["allow"] == "DELETE, GET, HEAD, POST"
    assert bench.control("GET", "/none").status_code == 404


def test_a_creation_that_fails_ends_unavailable_and_can_be_restarted(bench: Bench) -> None:
    arm(bench, family="clickhouse", transition="creating")
    service = bench.service()
    bench.clock.advance(299)
    assert bench.state(service) == "creating"
    bench.clock.advance(1)
    assert bench.state(service) == "unavailable"
    answer = bench.ch("PATCH", f"/{service['id']}/state", {"command": "restart"})
    assert answer.status_code == 200
    assert bench.state(service) == "restarting"
    bench.clock.advance(60)
    assert bench.state(service) == "running"


def test_a_service_that_failed_before_it_ran_has_nothing_to_show(bench: Bench) -> None:
    arm(bench, family="clickhouse", transition="creating")
    address = f"/{bench.service()['id']}"
    bench.clock.advance(300)
    assert bench.ch("GET", f"{address}/caCertificates").status_code == 404
    figures = bench.ch("GET", f"{address}/prometheus").text.splitlines()
    assert len([line for line in figures if not line.startswith("#")]) == 1  # its state
    bench.ch("PATCH", f"{address}/state", {"command": "restart"})
    assert bench.ch("GET", f"{address}/caCertificates").status_code == 404
    bench.clock.advance(60)
    assert bench.ch("GET", f"{address}/caCertificates").status_code == 200


def test_an_unavailable_service_can_be_deleted(bench: Bench) -> None:
    arm(bench, family="clickhouse", transition="creating")
    service = bench.service()
    bench.clock.advance(300)
    assert bench.ch("DELETE", f"/{service['id']}").status_code == 200
    bench.clock.advance(60)
    assert bench.state(service) == ""


def test_a_restart_or_resize_that_fails_ends_unavailable_with_the_old_size(bench: Bench) -> None:
    restarted, resized = bench.service(), bench.service()
    bench.clock.advance(300)
    arm(bench, family="clickhouse", transition="restarting")
    arm(bench, family="clickhouse", transition="resizing")
    bench.ch("PATCH", f"/{restarted['id']}/state", {"command": "restart"})
    bench.ch("PATCH", f"/{resized['id']}", {"size": "r8gd.xlarge"})
    bench.clock.advance(240)
    assert bench.state(restarted) == bench.state(resized) == "unavailable"
    assert bench.ch("GET", f"/{resized['id']}").json()["result"]["size"] == "r8gd.large"


@pytest.mark.parametrize("phase", ["creating", "restoring_backup", "replaying_wal"])
def test_a_replica_that_fails_on_its_way_does_not_go_on(bench: Bench, phase: str) -> None:
    source = bench.service()
    bench.clock.advance(600)
    arm(bench, family="clickhouse", transition=phase)
    answer = bench.ch("POST", f"/{source['id']}/readReplica", {"name": "copy"})
    replica, seen = answer.json()["result"], []
    for _ in range(40):
        seen.append(bench.state(replica))
        bench.clock.advance(10)
    assert seen[-1] == "unavailable"
    assert "running" not in seen
    assert seen[seen.index("unavailable") - 1] == phase


def test_a_failure_meets_whom_it_names_and_as_often_as_it_says(bench: Bench) -> None:
    arm(bench, family="clickhouse", transition="creating", name="doomed", times=2)
    services = [bench.service(name=name) for name in ("fine", "doomed", "doomed", "doomed")]
    bench.clock.advance(300)
    states = [bench.state(service) for service in services]
    assert states == ["running", "unavailable", "unavailable", "running"]
    assert bench.control("GET", "/failures").json() == []


def test_failures_are_listed_and_cleared(bench: Bench) -> None:
    arm(bench, family="dbaas", transition="creating", id=UNKNOWN)
    (listed,) = bench.control("GET", "/failures").json()
    assert (listed["family"], listed["id"], listed["times"]) == ("dbaas", UNKNOWN, 1)
    assert bench.control("DELETE", "/failures").status_code == 204
    assert bench.control("GET", "/failures").json() == []


def test_an_instance_that_fails_is_in_error_until_it_is_updated(bench: Bench) -> None:
    arm(bench, family="dbaas", transition="creating")
    instance = bench.instance()
    seen = []
    for _ in range(7):
        seen.append(bench.status(instance))
        bench.clock.advance(60)
    assert seen == ["NEW", *["IN_PROGRESS"] * 4, "ERROR", "ERROR"]
    assert bench.db("PUT", f"/{instance['uuid']}", instance).status_code == 200
    assert bench.status(instance) == "IN_PROGRESS"
    bench.clock.advance(120)
    assert bench.status(instance) == "ACTIVE"


def test_an_update_that_fails_ends_in_error_and_the_instance_can_be_deleted(bench: Bench) -> None:
    instance = bench.instance()
    bench.clock.advance(300)
    arm(bench, family="dbaas", transition="updating", name="demo")
    bench.db("PUT", f"/{instance['uuid']}", {**instance, "cpu": 2})
    bench.clock.advance(120)
    assert bench.status(instance) == "ERROR"
    assert bench.db("DELETE", f"/{instance['uuid']}").status_code == 204
    assert bench.status(instance) == ""


def test_users_and_databases_fail_and_can_be_deleted(bench: Bench) -> None:
    instance = bench.instance()
    children = f"/{instance['uuid']}"
    arm(bench, family="dbaas", transition="creating_user", name="unlucky")
    arm(bench, family="dbaas", transition="creating_database")
    body = {"name": "unlucky", "password": "correct horse"}
    user = bench.db("POST", f"{children}/users", body).json()
    database = bench.db("POST", f"{children}/databases", {"name": "d", "owner": user["uuid"]})
    bench.clock.advance(10)
    for path in (f"/databases/{database.json()['uuid']}", f"/users/{user['uuid']}"):
        assert bench.status(instance, path) == "ERROR"
        assert bench.db("DELETE", children + path).status_code == 204


def test_a_failure_is_armed_for_a_transition_that_can_fail_only(bench: Bench) -> None:
    refused: tuple[Any, ...] = (
        {},
        {"family": "clickhouse"},
        {"family": "clickhouse", "transition": "deleting"},
        {"family": "dbaas", "transition": "restarting"},
        {"family": "none", "transition": "creating"},
        {"family": "dbaas", "transition": "creating", "times": 0},
        {"family": "dbaas", "transition": "creating", "times": True},
        {"family": "dbaas", "transition": "creating", "unknown": 1},
        [],
    )
    for failure in refused:
        answer = bench.control("POST", "/failures", failure)
        assert answer.status_code == 400
        assert answer.json()["error"].startswith("BAD_REQUEST: ")
    assert bench.client.post("/_control/failures", headers=TOKEN, content="{").status_code == 415


def test_the_health_of_a_running_service_changes_and_comes_back(bench: Bench) -> None:
    service = bench.service()
    bench.clock.advance(300)
    for state in ("unavailable", "running", "stopped", "running"):
        answer = bench.control("POST", f"/resources/{service['id']}", {"state": state})
        assert (answer.status_code, answer.json()["state"]) == (200, state)
        assert bench.state(service) == state


def test_a_resize_goes_on_while_a_service_is_unavailable(bench: Bench) -> None:
    service = bench.service()
    bench.clock.advance(300)
    bench.ch("PATCH", f"/{service['id']}", {"size": "r8gd.xlarge"})
    bench.control("POST", f"/resources/{service['id']}", {"state": "unavailable"})
    bench.clock.advance(240)
    shown = bench.ch("GET", f"/{service['id']}").json()["result"]
    assert (shown["state"], shown["size"]) == ("unavailable", "r8gd.xlarge")


def test_a_resize_that_fails_leaves_a_stopped_service_stopped(bench: Bench) -> None:
    service = bench.service()
    bench.clock.advance(300)
    arm(bench, family="clickhouse", transition="resizing")
    bench.ch("PATCH", f"/{service['id']}", {"size": "r8gd.xlarge"})
    bench.control("POST", f"/resources/{service['id']}", {"state": "stopped"})
    bench.clock.advance(240)
    shown = bench.ch("GET", f"/{service['id']}").json()["result"]
    assert (shown["state"], shown["size"]) == ("stopped", "r8gd.large")


def test_no_resource_is_forced_where_no_way_leads(bench: Bench) -> None:
    service, instance = bench.service(), bench.instance()
    for state in ("running", "unavailable", "deleting", "nonsense"):
        path = f"/resources/{service['id']}"
        assert bench.control("POST", path, {"state": state}).status_code == 409
    assert bench.state(service) == "creating"
    bench.ch("DELETE", f"/{service['id']}")
    answer = bench.control("POST", f"/resources/{service['id']}", {"state": "running"})
    assert answer.json() == {"error": "CONFLICT: from deleting the way leads to nothing"}
    path = f"/resources/{instance['uuid']}"
    assert bench.control("POST", path, {"state": "ERROR"}).status_code == 409
    bench.clock.advance(300)
    assert bench.control("POST", path, {"state": "ERROR"}).status_code == 200
    assert bench.control("POST", path, {"state": "ACTIVE"}).status_code == 409
    assert bench.status(instance) == "ERROR"


def test_an_unknown_resource_is_not_found(bench: Bench) -> None:
    answer = bench.control("POST", f"/resources/{UNKNOWN}", {"state": "running"})
    assert answer.status_code == 404
    assert bench.control("POST", f"/resources/{UNKNOWN}", {}).status_code == 400
