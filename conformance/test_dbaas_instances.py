"""dbaas instances: creation, reading, listing, deletion, status."""

from typing import Any

import pytest

from pgassay.check import full, requirement
from pgassay.deviation import NotApplicable
from pgassay.expectation import expect, expect_equal, expect_member, expect_success
from pgassay.families import DbaasApi
from pgassay.families.dbaas import identity
from pgassay.families.dbaas_expectations import (
    expect_absent,
    expect_creation_refused,
    expect_listed,
    expect_reference,
    expect_shown,
    expect_unlisted,
    expect_untouched,
)
from pgassay.values.text import NOT_TEXT


@requirement("DB-INST-CREATE", "DB-INST-CREATE-ECHO")
def test_an_instance_is_created_and_returned(dbaas: DbaasApi) -> None:
    """An instance with every documented member is created and returned with its values."""
    specimen = dbaas.specimen()
    exchange = specimen.exchange
    expect_success(exchange, requirement="DB-INST-CREATE")
    expect_member(exchange.json(), "uuid", exchange, "DB-INST-CREATE-ECHO")
    expect_shown(exchange, specimen.body, "DB-INST-CREATE-ECHO")


@requirement("DB-INST-CREATE-ECHO")
def test_each_instance_has_its_own_identifier(dbaas: DbaasApi, instance: dict[str, Any]) -> None:
    """A new instance has another identifier than an existing one."""
    created = identity(dbaas.specimen().exchange)
    expect(
        created != instance["uuid"],
        "two instances have the same identifier",
        expected=f"another one than {instance['uuid']}",
        actual=created,
    )


@requirement("DB-INST-GET")
def test_an_instance_reads_as_it_was_created(dbaas: DbaasApi) -> None:
    """Reading an instance returns the values it was created with, and a status."""
    specimen = dbaas.specimen()
    identity(specimen.exchange)
    expect_shown(specimen.read, specimen.body)
    expect_member(specimen.read.json(), "status", specimen.read)


@requirement("DB-INST-GET")
def test_reading_an_instance_changes_nothing(dbaas: DbaasApi, instance: dict[str, Any]) -> None:
    """Two reads of a settled instance show the same configuration."""
    first = dbaas.representation(instance["uuid"])
    expect_equal(dbaas.representation(instance["uuid"]), first, "the second read")


@requirement("DB-INST-LIST")
def test_instances_are_listed_once(dbaas: DbaasApi, instance: dict[str, Any]) -> None:
    """Where the collection can be read, it has each instance once."""
    specimen = dbaas.specimen()
    other, exchange = identity(specimen.exchange), specimen.listed
    if not exchange.succeeded:
        raise NotApplicable("the target does not list instances, which is not documented")
    expect_listed(exchange, instance["uuid"])
    expect_listed(exchange, other)


@full
@requirement("DB-INST-DELETE")
def test_a_deleted_instance_is_gone(dbaas: DbaasApi, doomed_instance: dict[str, Any]) -> None:
    """A deleted instance can no longer be read, nor is it listed."""
    expect_success(dbaas.delete(doomed_instance["uuid"]))
    dbaas.wait_absent(dbaas.path(doomed_instance["uuid"]), "DB-INST-DELETE")
    listed = dbaas.instances()
    if listed.succeeded:
        expect_unlisted(listed, doomed_instance["uuid"])


@requirement("DB-INST-DELETE", "DB-INST-DELETE-CASCADE")
def test_users_and_databases_go_with_their_instance(
    dbaas: DbaasApi, doomed_instance: dict[str, Any], user: dict[str, Any], instance: dict[str, Any]
) -> None:
    """Deleting an instance removes its users and databases, and nobody else's."""
    uuid = doomed_instance["uuid"]
    owner = dbaas.new_user(uuid)
    database = dbaas.new_database(uuid, owner)
    expect_success(dbaas.delete(uuid), requirement="DB-INST-DELETE")
    dbaas.wait_absent(dbaas.path(uuid), "DB-INST-DELETE")
    cascade = "DB-INST-DELETE-CASCADE"
    expect_absent(dbaas.user(uuid, owner), "a user of the deleted instance", cascade)
    expect_absent(dbaas.database(uuid, database), "a database of the deleted instance", cascade)
    expect_absent(dbaas.users(uuid), "the user list of the deleted instance", cascade)
    expect_success(dbaas.get(instance["uuid"]), requirement="DB-INST-DELETE")
    expect_success(dbaas.user(instance["uuid"], user["uuid"]), requirement="DB-INST-DELETE")


@requirement("DB-INST-STATUS-INITIAL")
def test_a_new_instance_is_new(dbaas: DbaasApi) -> None:
    """The answer to the creation of an instance reports the status NEW."""
    exchange = dbaas.specimen().exchange
    identity(exchange)
    status = expect_member(exchange.json(), "status", exchange)
    expect_equal(status, "NEW", "the status of a new instance", exchange)


@requirement("DB-INST-STATUS-REACHES-ACTIVE")
def test_a_new_instance_becomes_active(dbaas: DbaasApi, instance: dict[str, Any]) -> None:
    """A created instance becomes ACTIVE by itself: the one that checks share did."""
    dbaas.wait_active(dbaas.path(instance["uuid"]), "instance update to ACTIVE")


@requirement("DB-INST-VERSION-REFERENCE")
def test_an_instance_refers_to_its_version(dbaas: DbaasApi, instance: dict[str, Any]) -> None:
    """An instance shows the version that it was created with."""
    exchange = dbaas.get(instance["uuid"])
    shown = expect_member(exchange.json(), "version", exchange)
    expect_reference(shown, dbaas.version_reference, "version", exchange)


@requirement("DB-INST-VERSION-REQUIRED")
@pytest.mark.parametrize(
    "version",
    [pytest.param(..., id="missing"), pytest.param(None, id="null"), pytest.param("", id="empty")],
)
def test_an_instance_without_a_version_is_refused(
    dbaas: DbaasApi, instance: dict[str, Any], version: str | None
) -> None:
    """An instance needs a version."""
    expect_creation_refused(dbaas, "an instance needs a version", version=version)


@requirement("DB-INST-VERSION-EXISTS")
@pytest.mark.parametrize("case", ["unknown", "not-a-uuid", "cut", "other-kind"])
def test_a_version_that_does_not_exist_is_refused(
    dbaas: DbaasApi, instance: dict[str, Any], case: str
) -> None:
    """An instance of an unknown version is refused."""
    known = dbaas.version_reference
    wrong = {
        "unknown": dbaas.reference("versions", dbaas.absent_uuid()),
        "not-a-uuid": dbaas.reference("versions", "no-such-version"),
        "cut": known[:-1],
        "other-kind": dbaas.reference("instances", instance["uuid"]),
    }
    expect_creation_refused(dbaas, f"{wrong[case]} is no version", version=wrong[case])


@requirement("DB-INST-NAME-TYPE")
@pytest.mark.parametrize("value", [pytest.param(v, id=k) for k, v in NOT_TEXT.items()])
def test_a_name_that_is_no_text_is_refused(
    dbaas: DbaasApi, instance: dict[str, Any], value: object
) -> None:
    """The name of an instance is a string."""
    expect_creation_refused(dbaas, "an instance's name must be a string", name=value)


@requirement("DB-INST-NAME-TYPE")
@pytest.mark.parametrize("case", ["true", "integer", "array", "object"])
def test_a_description_that_is_no_text_is_refused(
    dbaas: DbaasApi, instance: dict[str, Any], case: str
) -> None:
    """The description of an instance is a string."""
    rule = "an instance's description must be a string"
    expect_creation_refused(dbaas, rule, description=NOT_TEXT[case])


@requirement("DB-INST-REJECT-UNTOUCHED")
@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"cpu": 0}, id="range"),
        pytest.param({"ram": "512"}, id="type"),
        pytest.param({"version": ...}, id="missing"),
    ],
)
def test_a_refused_creation_leaves_no_instance(
    dbaas: DbaasApi, instance: dict[str, Any], changes: dict[str, Any]
) -> None:
    """A refused creation adds no instance."""
    body = dbaas.creation(**changes)
    if dbaas.instances_named(body["name"]) is None:
        raise NotApplicable("the target does not list instances, which is not documented")
    expect_untouched(lambda: dbaas.create(body), lambda: dbaas.instances_named(body["name"]))


@requirement("DB-MANIFEST-PROJECT")
def test_a_project_may_be_named(dbaas: DbaasApi, instance: dict[str, Any]) -> None:
    """Instances, users and databases are created with the project that the manifest names."""
    project = dbaas.settings.project_id
    if not project:
        raise NotApplicable("[dbaas] project_id is not set")
    owner = dbaas.create_user(instance["uuid"], project_id=project)
    expect_success(owner)
    expect_success(dbaas.create_database(instance["uuid"], identity(owner), project_id=project))
    expect_success(dbaas.specimen(project_id=project).exchange)
