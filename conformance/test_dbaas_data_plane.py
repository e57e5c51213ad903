"""dbaas instances as PostgreSQL shows them: roles, databases, owners, versions, data."""

import re
from typing import Any

from pgassay.check import full, requirement
from pgassay.deviation import NotTestable
from pgassay.expectation import expect, expect_success
from pgassay.families import DbaasApi
from pgassay.families.data_plane import (
    NOT_PERMITTED,
    Sentinel,
    claimed,
    expect_closed,
    expect_done,
    expect_kept_out,
    expect_opened,
    expect_value,
)
from pgassay.families.dbaas import refers_to
from pgassay.families.dbaas_databases import Owned, owned_in, role
from pgassay.families.dbaas_databases import owned as new_database

_OWNER = "SELECT pg_get_userbyid(datdba)::text FROM pg_database WHERE datname = current_database()"


@requirement("DB-USER-LOGIN", "DB-DATA-DATABASE")
def test_a_user_logs_in_to_its_database(dbaas: DbaasApi, owned: Owned) -> None:
    """An ACTIVE user connects to the ACTIVE database that it owns, by its password."""
    expect_opened(owned.database, "an ACTIVE user cannot log in to its ACTIVE database")


@requirement("DB-USER-PASSWORD-SCRAM")
def test_logins_use_scram_and_the_right_password(dbaas: DbaasApi, owned: Owned) -> None:
    """A login authenticates with SCRAM-SHA-256, and one with another password is refused."""
    wrong = owned.database.changed(password=dbaas.names.password())
    expect_kept_out(wrong, owned.database, "a wrong password logs in")
    strict = owned.database.changed(require_auth="scram-sha-256")
    expect_done(strict.ask("SELECT 1"), "the server does not authenticate with SCRAM-SHA-256")


@requirement("DB-DATA-NAMES")
def test_names_are_kept_to_the_letter(dbaas: DbaasApi, instance: dict[str, Any]) -> None:
    """Roles and databases are named as the API names them, capitals and dollar signs included."""
    user = role(dbaas, instance["uuid"], name=f"{dbaas.names.identifier()}_Writer$1")
    database = new_database(dbaas, user, name=f"{dbaas.names.identifier()}_Shop")
    answer = database.database.ask("SELECT session_user || ' ' || current_database()")
    expect_value(answer, f"{user.name} {database.name}", "the names are not those of the API")


@requirement("DB-DB-OWNER-PRIVILEGE")
def test_the_owner_owns_the_database(dbaas: DbaasApi, owned: Owned) -> None:
    """PostgreSQL names the owner of the API, who creates a table in the database."""
    answer = owned.database.ask(_OWNER)
    expect_value(answer, owned.owner.name, "the owner is another one than in the API")
    row = dbaas.names.identifier()
    expect_done(Sentinel(owned.database).write(row), "the owner cannot create and fill a table")


@requirement("DB-DATA-OWNER-ONLY")
def test_another_user_cannot_drop_the_database(dbaas: DbaasApi, owned: Owned) -> None:
    """A user who does not own the database is not permitted to drop it."""
    other = role(dbaas, owned.owner.instance).into(dbaas, owned.name)
    answer = other.ask(f'DROP DATABASE "{owned.name}"')
    expect(
        not answer.connected or answer.sqlstate == NOT_PERMITTED,
        "a user may drop a database that is not its own",
        expected=f"no connection, or the refusal {NOT_PERMITTED}",
        actual=answer.line,
    )


@requirement("DB-DATA-USER-DELETE")
def test_a_deleted_user_is_kept_out(dbaas: DbaasApi, owned: Owned) -> None:
    """A user who could log in cannot once it was deleted."""
    user = role(dbaas, owned.owner.instance)
    way = user.into(dbaas, owned.name)
    if not way.ask("SELECT 1").connected:
        raise NotTestable("the user could not log in before it was deleted")
    expect_success(dbaas.delete_user(user.instance, user.uuid))
    expect_closed(way, "a deleted user logs in")


@requirement("DB-DATA-DATABASE-DELETE")
def test_a_deleted_database_is_gone(dbaas: DbaasApi, owned: Owned) -> None:
    """A database that could be connected to cannot once it was deleted, and others stay."""
    other = new_database(dbaas, owned.owner)
    if not other.database.ask("SELECT 1").connected:
        raise NotTestable("the database could not be connected to before it was deleted")
    expect_success(dbaas.delete_database(owned.owner.instance, other.uuid))
    expect_closed(other.database, "a deleted database can be connected to")
    expect_opened(owned.database, "another database went with the deleted one", "DB-DATA-DATABASE")


@requirement("DB-DATA-VERSION")
def test_the_server_has_the_version_of_the_instance(
    dbaas: DbaasApi, owned: Owned, instance: dict[str, Any]
) -> None:
    """The server's major version is the first number in the name of the instance's version."""
    named = [one for one in dbaas.listed_versions() if refers_to(instance["version"], one["uuid"])]
    name = str(named[0].get("name")) if named else ""
    number = re.search(r"\d+", name)
    if number is None:
        raise NotTestable(f"the name of the instance's version holds no number: {name!r}")
    answer = owned.database.ask("SELECT current_setting('server_version_num')::int / 10000")
    expect_value(answer, int(number.group()), f"the server is not of the version {name}")


@requirement("DB-DATA-KEPT")
@full
def test_an_update_keeps_the_data(dbaas: DbaasApi) -> None:
    """A row that was committed before an update of the instance is there after it."""
    claimed(dbaas.client)
    instance, row = dbaas.other_instance(), dbaas.names.identifier()
    database = owned_in(dbaas, instance).database
    sentinel = Sentinel(database)
    sentinel.plant(row)
    expect_success(dbaas.update(instance, cpu=3, ram=2048))
    dbaas.wait_active(dbaas.path(instance), "instance update to ACTIVE")
    expect_opened(database, "after an update of the instance its user cannot log in")
    expect_value(sentinel.seen(row), 1, "an update of the instance lost a row")


@requirement("DB-DATA-INSTANCE-DELETE")
@full
def test_nobody_reaches_a_deleted_instance(dbaas: DbaasApi) -> None:
    """The way into an instance that worked before its delete is closed after it."""
    claimed(dbaas.client)
    instance = dbaas.active_instance()["uuid"]
    database = owned_in(dbaas, instance).database
    if not database.ask("SELECT 1").connected:
        raise NotTestable("the instance could not be reached before it was deleted")
    expect_success(dbaas.delete(instance))
    dbaas.wait_absent(dbaas.path(instance))
    expect_closed(database, "a deleted instance can be reached")
