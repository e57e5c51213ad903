"""dbaas users: creation, reading, listing, deletion, parents, uniqueness, status."""

from typing import Any

import pytest

from pgassay.check import every_case, requirement
from pgassay.deviation import NotApplicable
from pgassay.expectation import expect, expect_member, expect_rejected, expect_success
from pgassay.families import DbaasApi
from pgassay.families.dbaas import identity
from pgassay.families.dbaas_expectations import (
    expect_absent,
    expect_listed,
    expect_shown,
    expect_unlisted,
    expect_untouched,
    expect_user_refused,
)
from pgassay.gaps import Recorder
from pgassay.values.passwords import wide
from pgassay.values.text import NOT_TEXT


@requirement("DB-USER-CREATE")
def test_a_user_is_created_and_returned(dbaas: DbaasApi, instance: dict[str, Any]) -> None:
    """A user with name, description and password is created and returned with its identifier."""
    body = dbaas.user_creation(description="owner of the application's data")
    exchange = dbaas.create_user(instance["uuid"], body)
    expect_success(exchange)
    expect_member(exchange.json(), "uuid", exchange)
    expect_shown(exchange, {"name": body["name"]})


@requirement("DB-USER-CREATE")
def test_each_user_has_its_own_identifier(
    dbaas: DbaasApi, instance: dict[str, Any], user: dict[str, Any]
) -> None:
    """A new user has another identifier than an existing one."""
    created = dbaas.new_user(instance["uuid"])
    expect(
        created != user["uuid"],
        "two users have the same identifier",
        expected=f"another one than {user['uuid']}",
        actual=created,
    )


@requirement("DB-USER-GET")
def test_a_user_reads_as_it_was_created(dbaas: DbaasApi, instance: dict[str, Any]) -> None:
    """Reading a user returns its name and description."""
    body = dbaas.user_creation(description="reads what is written")
    created = identity(dbaas.create_user(instance["uuid"], body))
    expect_shown(dbaas.user(instance["uuid"], created), body)


@requirement("DB-USER-LIST")
def test_users_are_listed_once_in_their_instance(
    dbaas: DbaasApi, instance: dict[str, Any], user: dict[str, Any]
) -> None:
    """The list has each user of the instance once."""
    created = dbaas.new_user(instance["uuid"])
    exchange = dbaas.users(instance["uuid"])
    expect_listed(exchange, created)
    expect_listed(exchange, user["uuid"])


@requirement("DB-USER-LIST", "DB-USER-PARENT")
def test_users_of_one_instance_do_not_show_in_another(
    dbaas: DbaasApi, instance: dict[str, Any], user: dict[str, Any]
) -> None:
    """A user is listed, read and deleted under its own instance only."""
    other = dbaas.other_instance()
    expect_unlisted(dbaas.users(other), user["uuid"], "DB-USER-LIST")
    expect_absent(dbaas.user(other, user["uuid"]), "a user of another instance", "DB-USER-PARENT")
    exchange = dbaas.delete_user(other, user["uuid"])
    expect_rejected(exchange, "the user is of another instance", requirement="DB-USER-PARENT")
    expect_success(dbaas.user(instance["uuid"], user["uuid"]), requirement="DB-USER-PARENT")


@requirement("DB-USER-DELETE")
def test_a_deleted_user_is_gone(
    dbaas: DbaasApi, instance: dict[str, Any], user: dict[str, Any]
) -> None:
    """A deleted user is neither read nor listed any more, and the others stay."""
    created = dbaas.new_user(instance["uuid"])
    expect_success(dbaas.delete_user(instance["uuid"], created))
    dbaas.wait_absent(dbaas.path(instance["uuid"], "users", created))
    exchange = dbaas.users(instance["uuid"])
    expect_unlisted(exchange, created)
    expect_listed(exchange, user["uuid"])


@requirement("DB-USER-STATUS")
def test_a_new_user_becomes_active(dbaas: DbaasApi, instance: dict[str, Any]) -> None:
    """A created user becomes ACTIVE by itself."""
    path = dbaas.path(instance["uuid"], "users", dbaas.new_user(instance["uuid"]))
    dbaas.wait_active(path, "user create to ACTIVE", "DB-USER-STATUS")


@requirement("DB-USER-NAME-UNIQUE")
def test_a_second_user_of_one_name_is_refused(
    dbaas: DbaasApi, instance: dict[str, Any], gaps: Recorder
) -> None:
    """Two users of one instance do not share a name."""
    name = dbaas.names.identifier()
    dbaas.new_user(instance["uuid"], name=name)
    second = dbaas.create_user(instance["uuid"], name=name)
    gaps.record("GAP-DB-USER-NAMES", "free" if second.succeeded else "unique", second)
    if not dbaas.settings.unique_names:
        raise NotApplicable("[dbaas] unique_names = false")
    rule = "the instance has a user of this name already"
    expect_user_refused(dbaas, instance["uuid"], rule, name=name)


@requirement("DB-USER-NAME-UNIQUE-SCOPE")
def test_users_of_two_instances_may_share_a_name(dbaas: DbaasApi, instance: dict[str, Any]) -> None:
    """A name that is taken in one instance is free in another."""
    name = dbaas.names.identifier()
    dbaas.new_user(instance["uuid"], name=name)
    expect_success(dbaas.create_user(dbaas.other_instance(), name=name))


@requirement("DB-USER-NAME-UNIQUE-SCOPE")
def test_the_name_of_a_deleted_user_is_free(dbaas: DbaasApi, instance: dict[str, Any]) -> None:
    """A name can be used again after its user was deleted."""
    name = dbaas.names.identifier()
    first = dbaas.new_user(instance["uuid"], name=name)
    expect_success(dbaas.delete_user(instance["uuid"], first))
    dbaas.wait_absent(dbaas.path(instance["uuid"], "users", first))
    expect_success(dbaas.create_user(instance["uuid"], name=name))


@every_case
@requirement("DB-USER-PASSWORD-LENGTH")
@pytest.mark.parametrize("length", [8, 99])
def test_a_password_at_its_limits_is_accepted(
    dbaas: DbaasApi, instance: dict[str, Any], length: int
) -> None:
    """Passwords of 8 and of 99 characters are accepted."""
    password = dbaas.names.password(length)
    expect_success(dbaas.create_user(instance["uuid"], password=password))


@every_case
@requirement("DB-USER-PASSWORD-LENGTH")
@pytest.mark.parametrize("length", [0, 1, 7, 100, 1000])
def test_a_password_beyond_its_limits_is_refused(
    dbaas: DbaasApi, instance: dict[str, Any], length: int
) -> None:
    """A password of fewer than 8 or more than 99 characters is refused."""
    rule = f"a password has 8 to 99 characters, not {length}"
    password = dbaas.names.password(length)
    expect_user_refused(dbaas, instance["uuid"], rule, password=password)


@requirement("DB-USER-PASSWORD-LENGTH")
def test_a_password_is_counted_in_characters(dbaas: DbaasApi, instance: dict[str, Any]) -> None:
    """A password of 7 characters is too short, however many bytes they take."""
    rule = "a password has 8 to 99 characters, not 7"
    password = wide(dbaas.names.password(7))
    expect_user_refused(dbaas, instance["uuid"], rule, password=password)


@requirement("DB-USER-PASSWORD-REQUIRED")
@pytest.mark.parametrize(
    "password",
    [
        pytest.param(..., id="missing"),
        *(pytest.param(value, id=case) for case, value in NOT_TEXT.items()),
        pytest.param(1234567890, id="long-integer"),
    ],
)
def test_a_user_without_a_password_is_refused(
    dbaas: DbaasApi, instance: dict[str, Any], password: object
) -> None:
    """A user needs a password, and it is a string."""
    rule = "a user needs a password of type string"
    expect_user_refused(dbaas, instance["uuid"], rule, password=password)


@requirement("DB-USER-REJECT-UNTOUCHED")
@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"name": "pg_refused"}, id="name"),
        pytest.param({"password": ""}, id="password"),
        pytest.param({"name": ...}, id="missing"),
    ],
)
def test_a_refused_creation_leaves_no_user(
    dbaas: DbaasApi, instance: dict[str, Any], changes: dict[str, Any]
) -> None:
    """A refused creation adds no user."""
    uuid = instance["uuid"]
    expect_untouched(
        lambda: dbaas.create_user(uuid, **changes), lambda: dbaas.lasting(dbaas.users(uuid))
    )
