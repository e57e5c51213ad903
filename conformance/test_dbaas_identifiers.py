"""dbaas: identifiers that name nothing, paths and methods that do not exist."""

from dataclasses import replace
from typing import Any

import pytest

from pgassay.check import requirement
from pgassay.expectation import expect_equal, expect_status, expect_success
from pgassay.families import DbaasApi
from pgassay.families.dbaas import identity, settled
from pgassay.families.dbaas_expectations import expect_listed
from pgassay.families.dbaas_operations import (
    OPERATIONS,
    VERSION_LIST,
    VERSION_READ,
    Operation,
    Scene,
    scene_for,
)

IDENTIFIED = [operation for operation in OPERATIONS if operation.acts_on]
BY_NAME = {operation.name: operation for operation in OPERATIONS}


@requirement("HTTP-NOT-FOUND")
@pytest.mark.parametrize("operation", IDENTIFIED, ids=str)
def test_an_unknown_identifier_is_not_found(
    dbaas: DbaasApi, instance: dict[str, Any], user: dict[str, Any], operation: Operation
) -> None:
    """A uuid that names nothing is answered with 404."""
    scene = Scene(instance["uuid"], user["uuid"])
    scene = replace(scene, **{operation.acts_on: dbaas.absent_uuid()})
    expect_status(operation.send(dbaas, scene), 404)


@requirement("HTTP-NOT-FOUND")
@pytest.mark.parametrize("name", ["delete-user", "delete-database", "delete-instance"])
def test_a_second_delete_is_not_found(
    dbaas: DbaasApi, instance: dict[str, Any], user: dict[str, Any], name: str
) -> None:
    """What was deleted cannot be deleted again."""
    operation = BY_NAME[name]
    scene = scene_for(dbaas, operation, instance["uuid"], user["uuid"])
    expect_success(operation.send(dbaas, scene))
    dbaas.wait_absent(operation.path(dbaas, scene))
    expect_status(operation.send(dbaas, scene), 404)


@requirement("HTTP-IDENTIFIER-MALFORMED")
@pytest.mark.parametrize("identifier", ["no-uuid", "short"])
@pytest.mark.parametrize("operation", IDENTIFIED, ids=str)
def test_a_malformed_identifier_is_refused(
    dbaas: DbaasApi,
    instance: dict[str, Any],
    user: dict[str, Any],
    operation: Operation,
    identifier: str,
) -> None:
    """An identifier that is no uuid is answered with 400, 404 or 422."""
    absent = dbaas.absent_uuid()
    malformed = {"short": absent[:-1]}.get(identifier, identifier)
    scene = replace(Scene(instance["uuid"], user["uuid"]), **{operation.acts_on: malformed})
    expect_status(operation.send(dbaas, scene), 400, 404, 422)


@requirement("HTTP-IDENTIFIER-CASE")
def test_an_instance_is_found_by_its_identifier_in_capitals(
    dbaas: DbaasApi, instance: dict[str, Any]
) -> None:
    """Capital letters in the identifier of the path name the same instance."""
    exchange = dbaas.get(str(instance["uuid"]).upper())
    expect_status(exchange, 200, title="a UUID in capitals is not found")


@requirement("HTTP-UNKNOWN-PATH")
@pytest.mark.parametrize(
    "path",
    [
        pytest.param("/unknown", id="below-the-prefix"),
        pytest.param("/instances/{instance}/unknown", id="below-an-instance"),
        pytest.param("/instances/{instance}/users/{user}/unknown", id="below-a-user"),
    ],
)
def test_an_unknown_path_is_not_found(
    dbaas: DbaasApi, instance: dict[str, Any], user: dict[str, Any], path: str
) -> None:
    """A path that the API does not define is answered with 404."""
    known = path.format(instance=instance["uuid"], user=user["uuid"])
    expect_status(dbaas.send("GET", dbaas.settings.prefix + known), 404)


@requirement("HTTP-METHOD-NOT-ALLOWED")
@pytest.mark.parametrize(
    ("method", "operation"),
    [
        pytest.param(method, operation, id=f"{method}-at-{operation}")
        for method, operation in (
            ("PUT", VERSION_LIST),
            ("PATCH", VERSION_READ),
            ("POST", BY_NAME["read-instance"]),
            ("PATCH", BY_NAME["read-instance"]),
            ("PUT", BY_NAME["list-users"]),
            ("PUT", BY_NAME["read-user"]),
            ("PATCH", BY_NAME["read-database"]),
        )
    ],
)
def test_a_method_that_is_not_offered_is_refused(
    dbaas: DbaasApi,
    instance: dict[str, Any],
    user: dict[str, Any],
    method: str,
    operation: Operation,
) -> None:
    """A method that a path does not offer is answered with 405 or 404 and changes nothing."""
    scene = scene_for(dbaas, operation, instance["uuid"], user["uuid"])
    before = settled(operation.send(dbaas, scene))
    expect_status(dbaas.send(method, operation.path(dbaas, scene), {}), 404, 405)
    expect_equal(settled(operation.send(dbaas, scene)), before, "what the path shows")


@requirement("HTTP-READ-YOUR-WRITES")
def test_a_user_is_found_at_once(dbaas: DbaasApi, instance: dict[str, Any]) -> None:
    """A created user is read and listed by the next requests."""
    created = dbaas.new_user(instance["uuid"])
    expect_success(dbaas.user(instance["uuid"], created))
    expect_listed(dbaas.users(instance["uuid"]), created)


@requirement("HTTP-READ-YOUR-WRITES")
def test_a_database_is_found_at_once(
    dbaas: DbaasApi, instance: dict[str, Any], user: dict[str, Any]
) -> None:
    """A created database is read and listed by the next requests."""
    created = dbaas.new_database(instance["uuid"], user["uuid"])
    expect_success(dbaas.database(instance["uuid"], created))
    expect_listed(dbaas.databases(instance["uuid"]), created)


@requirement("HTTP-READ-YOUR-WRITES")
def test_an_instance_is_found_at_once(dbaas: DbaasApi) -> None:
    """A created instance is read by the next request."""
    specimen = dbaas.specimen()
    identity(specimen.exchange)
    expect_success(specimen.read)
