"""dbaas: who may do what, by the credential that is sent."""

from typing import Any

import pytest

from pgassay.check import every_case, requirement
from pgassay.deviation import NotTestable
from pgassay.exchange import ANONYMOUS
from pgassay.expectation import expect_equal, expect_rejected
from pgassay.families import DbaasApi
from pgassay.families.access_expectations import without_identity
from pgassay.families.dbaas import identity
from pgassay.families.dbaas_expectations import expect_unlisted
from pgassay.families.dbaas_operations import (
    ON_INSTANCES,
    OPERATIONS,
    Operation,
    Scene,
    declared_credential,
    expect_denied,
    scene_for,
)
from pgassay.values.credentials import Intruder, intruders, useless, wrong_secrets
from pgassay.waiting import wait_until

DENIED = frozenset({401, 403, 404})
CHANGES = [operation for operation in OPERATIONS if operation.method != "GET"]
EVERY = pytest.mark.parametrize("operation", OPERATIONS, ids=str)


@every_case
@requirement("DB-AUTH-REQUIRED")
@EVERY
def test_no_operation_works_without_credentials(
    dbaas: DbaasApi, instance: dict[str, Any], user: dict[str, Any], operation: Operation
) -> None:
    """Missing and malformed credentials are answered with 401 or 403 and change nothing."""
    callers = intruders(useless(declared_credential(dbaas)))
    scene = scene_for(dbaas, operation, instance["uuid"], user["uuid"])
    # What is no credential at all may also be called a bad request.
    expect_denied(dbaas, operation, scene, callers[:1])
    expect_denied(dbaas, operation, scene, callers[1:], {400, 401, 403})


@requirement("DB-AUTH-REQUIRED")
def test_nobody_lists_instances_without_credentials(dbaas: DbaasApi) -> None:
    """A list of instances, which no document has, is shown to nobody without credentials."""
    declared_credential(dbaas)
    expect_rejected(
        dbaas.send("GET", dbaas.collection("instances"), credential=ANONYMOUS),
        rule="there are no credentials",
    )


@requirement("DB-AUTH-WRONG-TOKEN")
@EVERY
def test_no_operation_works_with_a_wrong_credential(
    dbaas: DbaasApi, instance: dict[str, Any], user: dict[str, Any], operation: Operation
) -> None:
    """A credential that is nearly right is answered with 401 or 403 and changes nothing."""
    callers = intruders(wrong_secrets(declared_credential(dbaas)))
    scene = scene_for(dbaas, operation, instance["uuid"], user["uuid"])
    expect_denied(dbaas, operation, scene, callers)


@requirement("DB-AUTH-DISABLED")
@EVERY
def test_no_operation_works_with_a_disabled_credential(
    dbaas: DbaasApi, instance: dict[str, Any], user: dict[str, Any], operation: Operation
) -> None:
    """A credential that was disabled is answered with 401 or 403 and changes nothing."""
    scene = scene_for(dbaas, operation, instance["uuid"], user["uuid"])
    caller = Intruder("the credential is disabled", "disabled")
    expect_denied(dbaas, operation, scene, [caller])


@every_case
@requirement("DB-AUTH-READ-ONLY")
@pytest.mark.parametrize("operation", CHANGES, ids=str)
def test_a_read_only_credential_changes_nothing(
    dbaas: DbaasApi, instance: dict[str, Any], user: dict[str, Any], operation: Operation
) -> None:
    """A credential that may only read is answered with 403 where it would change something."""
    if not dbaas.send("GET", dbaas.path(instance["uuid"]), credential="read_only").succeeded:
        raise NotTestable("the read-only credential cannot read either")
    scene = scene_for(dbaas, operation, instance["uuid"], user["uuid"])
    caller = Intruder("the credential may only read", "read_only")
    expect_denied(dbaas, operation, scene, [caller], {403})


@every_case
@requirement("DB-AUTH-TENANT")
@pytest.mark.parametrize("operation", ON_INSTANCES, ids=str)
def test_another_tenant_has_no_access(
    dbaas: DbaasApi, instance: dict[str, Any], user: dict[str, Any], operation: Operation
) -> None:
    """What belongs to one project is denied to another one, or does not exist for it."""
    scene = scene_for(dbaas, operation, instance["uuid"], user["uuid"])
    caller = Intruder("the instance is another project's", "other_tenant")
    expect_denied(dbaas, operation, scene, [caller], DENIED)


@requirement("DB-AUTH-TENANT")
def test_another_tenant_does_not_see_instances(dbaas: DbaasApi, instance: dict[str, Any]) -> None:
    """Where instances are listed, those of other projects are left out."""
    collection = dbaas.collection("instances")
    exchange = dbaas.send("GET", collection, credential="other_tenant")
    if exchange.succeeded:
        expect_unlisted(exchange, instance["uuid"])


@requirement("DB-AUTH-TENANT")
def test_another_tenant_does_not_refer_to_a_user(
    dbaas: DbaasApi, user: dict[str, Any], instance: dict[str, Any]
) -> None:
    """A user of one project owns no database of another one."""
    other = dbaas.foreign_instance()
    owner = dbaas.reference("instances", instance["uuid"], "users", user["uuid"])
    body = dbaas.database_creation(other, "", owner=owner)
    path = dbaas.collection("instances", other, "databases")
    exchange = dbaas.send("POST", path, body, credential="other_tenant")
    expect_rejected(exchange, "the owner is another project's")


@requirement("DB-AUTH-PROJECT")
def test_nothing_is_created_in_another_project(dbaas: DbaasApi) -> None:
    """An instance, a user and a database with another tenant's project are refused."""
    if not dbaas.settings.project_id:
        raise NotTestable("[dbaas] project_id is not set")
    named = {"project_id": dbaas.settings.project_id}
    other = dbaas.foreign_instance()
    users = dbaas.collection("instances", other, "users")
    owner = identity(dbaas.send("POST", users, dbaas.user_creation(), credential="other_tenant"))
    for path, body in (
        (dbaas.collection("instances"), dbaas.creation() | named),
        (users, dbaas.user_creation() | named),
        (
            dbaas.collection("instances", other, "databases"),
            dbaas.database_creation(other, owner) | named,
        ),
    ):
        exchange = dbaas.send("POST", path, body, credential="other_tenant")
        expect_rejected(exchange, "the project is another tenant's")


@requirement("DB-AUTH-PROJECT")
def test_nothing_is_moved_to_another_project(dbaas: DbaasApi) -> None:
    """An update that names another tenant's project is refused."""
    if not dbaas.settings.project_id:
        raise NotTestable("[dbaas] project_id is not set")
    other = dbaas.foreign_instance()
    settled = wait_until(
        lambda: dbaas.send("GET", dbaas.path(other), credential="other_tenant").json(),
        dbaas.at_rest,
        budget=dbaas.timing.create,
        poll=dbaas.timing.poll,
    )
    if not settled.reached:
        raise NotTestable("the other tenant's instance does not become ACTIVE")
    body = dbaas.representation(other, "other_tenant") | {"project_id": dbaas.settings.project_id}
    exchange = dbaas.send("PUT", dbaas.path(other), body, credential="other_tenant")
    expect_rejected(exchange, "the project is another tenant's")


@every_case
@requirement("HTTP-FOREIGN-AS-ABSENT")
@pytest.mark.parametrize("operation", ON_INSTANCES, ids=str)
def test_what_is_not_yours_is_as_what_is_not_there(
    dbaas: DbaasApi, instance: dict[str, Any], user: dict[str, Any], operation: Operation
) -> None:
    """An instance of somebody else is refused as one that does not exist."""
    declared_credential(dbaas)
    here = Scene(instance["uuid"], user["uuid"], dbaas.absent_uuid())
    there = Scene(dbaas.absent_uuid(), user["uuid"], dbaas.absent_uuid())
    foreign, absent = (
        operation.send(dbaas, scene, credential="other_tenant") for scene in (here, there)
    )
    expect_rejected(absent, "the instance does not exist")
    expect_equal(without_identity(foreign), without_identity(absent), "the refusal", foreign)
