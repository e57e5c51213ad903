"""Users and databases: names, passwords, owners, uniqueness, deletion."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from pgassay.reference.clock import ManualClock

INSTANCES = "/v1/postgres/instances"
ABSENT = "00000000-0000-4000-8000-000000000000"

Make = Callable[..., dict[str, Any]]


def path_of(instance: dict[str, Any], collection: str, child: dict[str, Any] | None = None) -> str:
    """Return the path of a collection of an instance, or of one of its members."""
    path = f"{INSTANCES}/{instance['uuid']}/{collection}"
    return path if child is None else f"{path}/{child['uuid']}"


@pytest.mark.parametrize("name", ["a", "_", "App_User$1", "apg_", "x" * 63, "postgre"])
def test_a_user_name_by_the_rules_is_accepted(
    make_instance: Make, make_user: Make, name: str
) -> None:
    """Section User Validation."""
    assert make_user(make_instance(), name)["name"] == name


@pytest.mark.parametrize(
    "name",
    [
        *("", "1a", "$a", "a-b", "a b", "a.b", 'a"', "a\n", "é", "x" * 64, 1, None),
        *("pg_", "pg_a", "dbaas_a", "postgres", "postgres_a"),
    ],
)
def test_a_user_name_against_the_rules_is_refused(
    api: TestClient, make_instance: Make, name: object
) -> None:
    """Section User Validation."""
    users = path_of(make_instance(), "users")

    answer = api.post(users, json={"name": name, "password": "correct horse"})

    assert answer.status_code == 400
    assert answer.json()["message"].startswith("name: ")
    assert api.get(users).json() == []


@pytest.mark.parametrize("name", ["a", "_", "App_1", "x" * 63, "postgres_a", "pg_a"])
def test_a_database_name_by_the_rules_is_accepted(
    make_instance: Make, make_user: Make, make_database: Make, name: str
) -> None:
    """Section Database Validation; the prefixes are reserved for user names only."""
    instance = make_instance()

    assert make_database(instance, make_user(instance), name)["name"] == name


@pytest.mark.parametrize("name", ["", "1a", "a$", "a-b", "a b", "a\n", "é", "x" * 64, 1, None])
def test_a_database_name_against_the_rules_is_refused(
    api: TestClient, make_instance: Make, make_user: Make, name: object
) -> None:
    """Section Database Validation."""
    instance = make_instance()
    owner = make_user(instance)["uuid"]

    answer = api.post(path_of(instance, "databases"), json={"name": name, "owner": owner})

    assert answer.status_code == 400
    assert answer.json()["message"].startswith("name: ")


@pytest.mark.parametrize("password", ["x" * 8, "x" * 99, "пароль-é1"])
def test_a_password_of_8_to_99_characters_is_accepted_and_never_shown(
    api: TestClient, make_instance: Make, make_user: Make, password: str
) -> None:
    """Section User Validation; characters, not bytes."""
    instance = make_instance()
    user = make_user(instance, password=password)

    answers = [api.get(path_of(instance, "users")), api.get(path_of(instance, "users", user))]

    assert set(user) == {
        *("uuid", "name", "description", "instance", "status", "created_at", "updated_at"),
    }
    assert not any(password in answer.text or "SCRAM" in answer.text for answer in answers)


@pytest.mark.parametrize("password", ["x" * 7, "x" * 100, "", 12345678, None])
def test_a_password_of_another_length_or_type_is_refused_without_repeating_it(
    api: TestClient, make_instance: Make, password: object
) -> None:
    """Section User Validation."""
    answer = api.post(
        path_of(make_instance(), "users"), json={"name": "app_user", "password": password}
    )

    assert answer.status_code == 400
    if password:
        assert str(password) not in answer.json()["message"]


def test_users_and_databases_become_active(
    api: TestClient,
    clock: ManualClock,
    make_instance: Make,
    make_user: Make,
    make_database: Make,
) -> None:
    """Section Component Status; 10 seconds at scale 1."""
    instance = make_instance()
    user = make_user(instance)
    database = make_database(instance, user)
    paths = [path_of(instance, "users", user), path_of(instance, "databases", database)]

    clock.advance(9)
    assert [api.get(path).json()["status"] for path in paths] == ["NEW", "NEW"]
    clock.advance(1)
    assert [api.get(path).json()["status"] for path in paths] == ["ACTIVE", "ACTIVE"]


def test_names_are_unique_within_an_instance_and_free_again_after_a_delete(
    api: TestClient, make_instance: Make, make_user: Make, make_database: Make
) -> None:
    """Role and database names are unique in a PostgreSQL cluster; instances do not interfere."""
    instance, other = make_instance(), make_instance()
    user = make_user(instance)
    database = make_database(instance, user)
    again = {"users": {"name": user["name"], "password": "correct horse"}}
    again["databases"] = {"name": database["name"], "owner": user["uuid"]}

    for collection, body in again.items():
        assert api.post(path_of(instance, collection), json=body).status_code == 409
        assert len(api.get(path_of(instance, collection)).json()) == 1
    make_database(other, make_user(other))
    assert api.delete(path_of(instance, "databases", database)).status_code == 204
    make_database(instance, user)


def test_an_owner_is_understood_in_each_style_and_answered_as_a_uri(
    make_instance: Make, make_user: Make, make_database: Make
) -> None:
    """As the type's URI, below the prefix of the endpoints, and as a bare uuid."""
    instance = make_instance()
    user = make_user(instance)
    tail = f"instances/{instance['uuid']}/users/{user['uuid']}"
    styles = [f"/v1/types/postgres/{tail}", f"/v1/postgres/{tail}", user["uuid"]]

    for number, style in enumerate(styles):
        database = make_database(instance, {"uuid": style}, f"database_{number}")
        assert database["owner"] == styles[0]
        assert database["instance"] == f"/v1/types/postgres/instances/{instance['uuid']}"


def test_a_database_is_refused_without_a_valid_user_of_its_instance(
    api: TestClient, make_instance: Make, make_user: Make
) -> None:
    """Section Creating a Database."""
    instance, other = make_instance(), make_instance()
    stranger = make_user(other)["uuid"]
    types = "/v1/types/postgres/instances"
    owners = [
        *("", "app_user", ABSENT, stranger, 1, None),
        f"{types}/{other['uuid']}/users/{stranger}",
        f"{types}/{instance['uuid']}/users/{stranger}",
        f"{types}/{instance['uuid']}/users/{ABSENT}",
    ]

    for owner in owners:
        body = {"name": "app_database", "owner": owner}
        answer = api.post(path_of(instance, "databases"), json=body)
        assert answer.status_code == 400, owner
        assert answer.json()["message"].startswith("owner: ")
    assert api.get(path_of(instance, "databases")).json() == []


def test_an_owner_cannot_be_deleted_before_its_database(
    api: TestClient, make_instance: Make, make_user: Make, make_database: Make
) -> None:
    """No database is ever without an owner."""
    instance = make_instance()
    user = make_user(instance)
    database = make_database(instance, user)

    refused = api.delete(path_of(instance, "users", user))

    assert refused.status_code == 409
    assert "app_database" in refused.json()["message"]
    assert api.get(path_of(instance, "users", user)).json() == user
    assert api.get(path_of(instance, "databases", database)).json() == database
    assert api.delete(path_of(instance, "databases", database)).status_code == 204
    assert api.delete(path_of(instance, "users", user)).status_code == 204
    assert api.get(path_of(instance, "users")).json() == []


def test_a_child_is_found_below_its_own_instance_only(
    api: TestClient, make_instance: Make, make_user: Make, make_database: Make
) -> None:
    """The parent in the path counts, for reading and for deleting."""
    instance, other = make_instance(), make_instance()
    user = make_user(instance)
    children = [("users", user), ("databases", make_database(instance, user))]

    for collection, child in children:
        wrong = path_of(other, collection, child)
        assert (api.get(wrong).status_code, api.delete(wrong).status_code) == (404, 404)
        assert api.get(path_of(instance, collection, child)).json() == child
