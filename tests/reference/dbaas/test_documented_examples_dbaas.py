"""The examples of the PostgreSQL Service API work literally; ids and times are the server's."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from pgassay.reference.clock import ManualClock

INSTANCES = "/v1/postgres/instances"
VERSIONS = "/v1/types/postgres/versions"

Make = Callable[..., dict[str, Any]]


def test_the_instance_example_is_created_with_the_values_shown(
    api: TestClient, version: str
) -> None:
    """Section Creating a PostgreSQL Instance."""
    example = {
        "name": "production-postgres",
        "description": "Production PostgreSQL database",
        "cpu": 4,
        "ram": 2048,
        "disk_size": 100,
        "nodes_number": 3,
        "sync_replica_number": 1,
        "version": version,
    }

    answer = api.post(INSTANCES, json=example)

    assert answer.status_code == 201
    assert answer.json().items() >= {**example, "status": "NEW"}.items()
    assert answer.headers["location"] == f"{INSTANCES}/{answer.json()['uuid']}"
    assert api.get(answer.headers["location"]).json() == answer.json()


def test_the_user_example_is_created_without_showing_its_password(
    api: TestClient, make_instance: Make
) -> None:
    """Section Creating a User."""
    example = {"name": "app_user", "description": "Application database user"}
    users = f"{INSTANCES}/{make_instance()['uuid']}/users"

    answer = api.post(users, json={**example, "password": "secure_password_123"})

    assert answer.status_code == 201
    assert answer.json().items() >= {**example, "status": "NEW"}.items()
    assert "secure_password_123" not in answer.text
    assert "password" not in answer.json()
    assert api.get(users).json() == [answer.json()]


def test_the_database_example_is_created_with_its_owner(
    api: TestClient, make_instance: Make, make_user: Make
) -> None:
    """Section Creating a Database."""
    instance = make_instance()
    owner = f"/v1/types/postgres/instances/{instance['uuid']}/users/{make_user(instance)['uuid']}"
    example = {
        "name": "app_database",
        "description": "Main application database",
        "owner": owner,
    }
    databases = f"{INSTANCES}/{instance['uuid']}/databases"

    answer = api.post(databases, json=example)

    assert answer.status_code == 201
    assert answer.json().items() >= {**example, "status": "NEW"}.items()
    assert api.get(databases).json() == [answer.json()]


def test_a_name_and_a_version_are_enough_for_an_instance(api: TestClient, version: str) -> None:
    """Section Version Selection."""
    answer = api.post(INSTANCES, json={"name": "production-postgres", "version": version})

    assert answer.status_code == 201
    assert answer.json()["version"] == version
    sizes = ("cpu", "ram", "disk_size", "nodes_number", "sync_replica_number")
    assert [answer.json()[size] for size in sizes] == [1, 1024, 10, 1, 0]


EXAMPLE_VERSIONS = [
    {
        "name": "PostgreSQL 15.4",
        "description": "PostgreSQL 15.4 with latest security patches",
        "image": "postgres:15.4",
        "created_at": "2024-01-15T10:30:00Z",
        "updated_at": "2024-01-15T10:30:00Z",
    },
    {
        "name": "PostgreSQL 14.10",
        "description": "PostgreSQL 14.10 LTS version",
        "image": "postgres:14.10",
        "created_at": "2024-01-15T10:30:00Z",
        "updated_at": "2024-01-15T10:30:00Z",
    },
]


@pytest.mark.parametrize("path", [VERSIONS, VERSIONS + "/"])
def test_the_versions_shown_are_listed_in_their_wrapping(api: TestClient, path: str) -> None:
    """Section GET /v1/types/postgres/versions/."""
    answer = api.get(path)

    assert answer.status_code == 200
    assert list(answer.json()) == ["versions"]
    listed = [{**version} for version in answer.json()["versions"]]
    for version in listed:
        assert version.pop("uuid")
    assert listed[:2] == EXAMPLE_VERSIONS


def test_one_version_is_read_as_it_is_listed(api: TestClient) -> None:
    """Section GET /v1/types/postgres/versions/{uuid}."""
    listed = api.get(VERSIONS).json()["versions"][0]

    answer = api.get(f"{VERSIONS}/{listed['uuid']}")

    assert answer.status_code == 200
    assert answer.json() == listed == {"uuid": listed["uuid"], **EXAMPLE_VERSIONS[0]}


def test_the_manifest_example_s_members_are_accepted_by_the_api(
    api: TestClient, version: str, project: str, clock: ManualClock
) -> None:
    """Section Element Manifest Example: the resources that an element would create."""
    sizes = {"nodes_number": 1, "cpu": 1, "ram": 1024, "disk_size": 15, "sync_replica_number": 1}
    body = {"name": "demo-cluster", "project_id": project, "version": version, **sizes}

    instance = api.post(INSTANCES, json=body).json()
    user = api.post(
        f"{INSTANCES}/{instance['uuid']}/users",
        json={
            "project_id": project,
            "name": "demo_user",
            "password": "a-secret's-value",
            "instance": instance["uuid"],
        },
    ).json()
    database = api.post(
        f"{INSTANCES}/{instance['uuid']}/databases",
        json={
            "project_id": project,
            "name": "demo_db",
            "owner": user["uuid"],
            "instance": instance["uuid"],
        },
    ).json()

    clock.advance(300)
    for collection, created in (("users", user), ("databases", database)):
        path = f"{INSTANCES}/{instance['uuid']}/{collection}/{created['uuid']}"
        assert api.get(path).json() == {**created, "status": "ACTIVE"}
        assert created["project_id"] == project
    assert api.get(f"{INSTANCES}/{instance['uuid']}").json()["status"] == "ACTIVE"
