"""dbaas databases: the owner is a user of the same instance, also after the user was deleted."""

from typing import Any

import pytest

from pgassay.check import requirement
from pgassay.exchange import Json
from pgassay.expectation import expect_success
from pgassay.families import DbaasApi
from pgassay.families.dbaas_expectations import (
    expect_database_refused,
    expect_owned_or_gone,
    expect_shown,
)
from pgassay.gaps import Recorder
from pgassay.values.text import NOT_TEXT


@requirement("DB-DB-OWNER-REFERENCE")
def test_a_database_refers_to_its_owner(
    dbaas: DbaasApi, instance: dict[str, Any], user: dict[str, Any]
) -> None:
    """Of two users, the answer to the creation names the one that was given as owner."""
    other = dbaas.new_user(instance["uuid"])
    for owner in (user["uuid"], other):
        reference = dbaas.reference("instances", instance["uuid"], "users", owner)
        exchange = dbaas.create_database(instance["uuid"], owner)
        expect_shown(exchange, {"owner": reference})


@requirement("DB-DB-OWNER-VALID")
@pytest.mark.parametrize("case", ["unknown", "instance", "version", "no-reference", "empty"])
def test_an_owner_who_does_not_exist_is_refused(
    dbaas: DbaasApi, instance: dict[str, Any], user: dict[str, Any], case: str
) -> None:
    """A database of an unknown owner is refused."""
    uuid = instance["uuid"]
    owners = {
        "unknown": dbaas.reference("instances", uuid, "users", dbaas.absent_uuid()),
        "instance": dbaas.reference("instances", uuid),
        "version": dbaas.version_reference,
        "no-reference": "no-such-user",
        "empty": "",
    }
    rule = f"{owners[case]!r} is no user"
    expect_database_refused(dbaas, uuid, user["uuid"], rule, owner=owners[case])


@requirement("DB-DB-OWNER-VALID")
def test_an_owner_of_another_instance_is_refused(
    dbaas: DbaasApi, instance: dict[str, Any], user: dict[str, Any]
) -> None:
    """A user of another instance owns no database here, however the reference is written."""
    uuid = dbaas.other_instance()
    owner, rule = dbaas.new_user(uuid), "the owner is a user of another instance"
    for parent in (instance["uuid"], uuid):
        reference = dbaas.reference("instances", parent, "users", user["uuid"])
        expect_database_refused(dbaas, uuid, owner, rule, owner=reference)


@requirement("DB-DB-OWNER-VALID")
def test_an_owner_who_was_deleted_is_refused(
    dbaas: DbaasApi, instance: dict[str, Any], user: dict[str, Any]
) -> None:
    """A deleted user owns no new database."""
    uuid, deleted = instance["uuid"], dbaas.new_user(instance["uuid"])
    dbaas.delete_user(uuid, deleted)
    dbaas.wait_absent(dbaas.path(uuid, "users", deleted), "DB-USER-DELETE")
    reference = dbaas.reference("instances", uuid, "users", deleted)
    expect_database_refused(dbaas, uuid, user["uuid"], "the owner was deleted", owner=reference)


@requirement("DB-DB-OWNER-REQUIRED")
@pytest.mark.parametrize(
    "owner",
    [
        pytest.param(..., id="missing"),
        *(pytest.param(value, id=case) for case, value in NOT_TEXT.items()),
    ],
)
def test_a_database_without_an_owner_is_refused(
    dbaas: DbaasApi, instance: dict[str, Any], user: dict[str, Any], owner: Json
) -> None:
    """A database needs an owner."""
    rule = "a database needs an owner"
    expect_database_refused(dbaas, instance["uuid"], user["uuid"], rule, owner=owner)


@requirement("DB-DB-OWNER-REMOVED")
def test_no_database_stays_without_its_owner(
    dbaas: DbaasApi, instance: dict[str, Any], gaps: Recorder
) -> None:
    """Deleting an owner is refused, or leaves no database whose owner does not exist."""
    uuid, owner = instance["uuid"], dbaas.new_user(instance["uuid"])
    database = dbaas.new_database(uuid, owner)
    exchange = dbaas.delete_user(uuid, owner)
    if exchange.rejected:
        gaps.record("GAP-DB-OWNER-DELETION", "refused", exchange)
        expect_success(dbaas.user(uuid, owner))
        shown = dbaas.database(uuid, database)
        expect_shown(shown, {"owner": dbaas.reference("instances", uuid, "users", owner)})
    else:
        expect_success(exchange)
        expect_owned_or_gone(dbaas, uuid, database)
        kept = dbaas.database(uuid, database).succeeded
        gaps.record("GAP-DB-OWNER-DELETION", "reassigned" if kept else "cascades", exchange)
