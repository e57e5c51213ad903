"""dbaas databases: creation, reading, listing, deletion, parents, uniqueness, status."""

from typing import Any

import pytest

from pgassay.check import full, requirement
from pgassay.deviation import NotApplicable
from pgassay.expectation import expect, expect_equal, expect_member, expect_rejected, expect_success
from pgassay.families import DbaasApi
from pgassay.families.dbaas import identity
from pgassay.families.dbaas_expectations import (
    expect_absent,
    expect_database_refused,
    expect_listed,
    expect_shown,
    expect_unlisted,
    expect_untouched,
)
from pgassay.gaps import Recorder


@requirement("DB-DB-CREATE")
def test_a_database_is_created_and_returned(
    dbaas: DbaasApi, instance: dict[str, Any], user: dict[str, Any]
) -> None:
    """A database with name, description and owner is created and returned with its identifier."""
    body = dbaas.database_creation(instance["uuid"], user["uuid"], description="main")
    exchange = dbaas.create_database(instance["uuid"], body=body)
    expect_success(exchange)
    expect_member(exchange.json(), "uuid", exchange)
    expect_shown(exchange, {"name": body["name"], "owner": body["owner"]})


@requirement("DB-DB-CREATE")
def test_each_database_has_its_own_identifier(
    dbaas: DbaasApi, instance: dict[str, Any], user: dict[str, Any]
) -> None:
    """Two databases of one owner have different identifiers."""
    first = dbaas.new_database(instance["uuid"], user["uuid"])
    second = dbaas.new_database(instance["uuid"], user["uuid"])
    expect(
        first != second,
        "two databases have the same identifier",
        expected=f"another one than {first}",
        actual=second,
    )


@requirement("DB-DB-GET", "DB-DB-OWNER-REFERENCE")
def test_a_database_reads_as_it_was_created(
    dbaas: DbaasApi, instance: dict[str, Any], user: dict[str, Any]
) -> None:
    """Reading a database returns its name, description and owner."""
    body = dbaas.database_creation(instance["uuid"], user["uuid"], description="for reading")
    created = identity(dbaas.create_database(instance["uuid"], body=body))
    exchange = dbaas.database(instance["uuid"], created)
    expect_shown(exchange, {"owner": body.pop("owner")}, "DB-DB-OWNER-REFERENCE")
    expect_shown(exchange, body, "DB-DB-GET")


@requirement("DB-DB-LIST")
def test_databases_are_listed_once_in_their_instance(
    dbaas: DbaasApi, instance: dict[str, Any], user: dict[str, Any]
) -> None:
    """The list has each database of the instance once."""
    created = [dbaas.new_database(instance["uuid"], user["uuid"]) for _ in range(2)]
    exchange = dbaas.databases(instance["uuid"])
    for uuid in created:
        expect_listed(exchange, uuid)


@requirement("DB-DB-LIST", "DB-DB-PARENT")
def test_databases_of_one_instance_do_not_show_in_another(
    dbaas: DbaasApi, instance: dict[str, Any], user: dict[str, Any]
) -> None:
    """A database is listed, read and deleted under its own instance only."""
    database = dbaas.new_database(instance["uuid"], user["uuid"])
    other, parent = dbaas.other_instance(), "DB-DB-PARENT"
    expect_unlisted(dbaas.databases(other), database, "DB-DB-LIST")
    expect_absent(dbaas.database(other, database), "a database of another instance", parent)
    exchange = dbaas.delete_database(other, database)
    expect_rejected(exchange, "the database is of another instance", requirement=parent)
    expect_success(dbaas.database(instance["uuid"], database), requirement=parent)


@requirement("DB-DB-DELETE")
def test_a_deleted_database_is_gone(
    dbaas: DbaasApi, instance: dict[str, Any], user: dict[str, Any]
) -> None:
    """A deleted database is neither read nor listed any more; its owner and the others stay."""
    kept = dbaas.new_database(instance["uuid"], user["uuid"])
    deleted = dbaas.new_database(instance["uuid"], user["uuid"])
    expect_success(dbaas.delete_database(instance["uuid"], deleted))
    dbaas.wait_absent(dbaas.path(instance["uuid"], "databases", deleted))
    exchange = dbaas.databases(instance["uuid"])
    expect_unlisted(exchange, deleted)
    expect_listed(exchange, kept)
    expect_success(dbaas.user(instance["uuid"], user["uuid"]))


@requirement("DB-DB-STATUS")
def test_a_new_database_becomes_active(
    dbaas: DbaasApi, instance: dict[str, Any], user: dict[str, Any]
) -> None:
    """A created database becomes ACTIVE by itself."""
    created = dbaas.new_database(instance["uuid"], user["uuid"])
    path = dbaas.path(instance["uuid"], "databases", created)
    dbaas.wait_active(path, "database create to ACTIVE", "DB-DB-STATUS")


@full
@requirement("DB-DB-STATUS")
def test_an_active_database_stays_active(
    dbaas: DbaasApi, instance: dict[str, Any], user: dict[str, Any]
) -> None:
    """A database that was ACTIVE still is while and after others are created."""
    uuid = instance["uuid"]
    created: list[str] = []
    for _ in range(5):
        created.append(dbaas.new_database(uuid, user["uuid"]))
        path = dbaas.path(uuid, "databases", created[-1])
        dbaas.wait_active(path, "database create to ACTIVE", "DB-DB-STATUS")
        shown = dbaas.database(uuid, created[0])
        expect_equal(shown.json().get("status"), "ACTIVE", "status", shown)


@requirement("DB-DB-NAME-UNIQUE")
def test_a_second_database_of_one_name_is_refused(
    dbaas: DbaasApi, instance: dict[str, Any], user: dict[str, Any], gaps: Recorder
) -> None:
    """Two databases of one instance do not share a name."""
    name = dbaas.names.identifier()
    dbaas.new_database(instance["uuid"], user["uuid"], name=name)
    second = dbaas.create_database(instance["uuid"], user["uuid"], name=name)
    gaps.record("GAP-DB-DATABASE-NAMES", "free" if second.succeeded else "unique", second)
    if not dbaas.settings.unique_names:
        raise NotApplicable("[dbaas] unique_names = false")
    rule = "the instance has a database of this name already"
    expect_database_refused(dbaas, instance["uuid"], user["uuid"], rule, name=name)


@requirement("DB-DB-REJECT-UNTOUCHED")
@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"name": "1refused"}, id="name"),
        pytest.param({"owner": ...}, id="owner"),
        pytest.param({"name": ...}, id="missing"),
    ],
)
def test_a_refused_creation_leaves_no_database(
    dbaas: DbaasApi, instance: dict[str, Any], user: dict[str, Any], changes: dict[str, Any]
) -> None:
    """A refused creation adds no database."""
    uuid = instance["uuid"]
    expect_untouched(
        lambda: dbaas.create_database(uuid, user["uuid"], **changes),
        lambda: dbaas.lasting(dbaas.databases(uuid)),
    )
