"""dbaas: who may do what, by the credential that is sent."""

from typing import Any

import pytest

from pgassay.check import requirement
from pgassay.exchange import ANONYMOUS
from pgassay.expectation import expect_status
from pgassay.families import DbaasApi
from pgassay.families.dbaas_expectations import expect_unlisted
from pgassay.families.dbaas_operations import (
    ON_INSTANCES,
    OPERATIONS,
    SPOILT,
    Operation,
    declared_credential,
    expect_denied,
    scene_for,
    spoilt_credential,
)

DENIED = frozenset({401, 403, 404})


@requirement("DB-AUTH-REQUIRED")
@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_no_operation_works_without_credentials(
    dbaas: DbaasApi, instance: dict[str, Any], user: dict[str, Any], operation: Operation
) -> None:
    """An operation without credentials is answered with 401 or 403 and changes nothing."""
    declared_credential(dbaas)
    scene = scene_for(dbaas, operation, instance["uuid"], user["uuid"])
    expect_denied(dbaas, operation, scene, ANONYMOUS)


@requirement("DB-AUTH-WRONG-TOKEN")
@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_no_operation_works_with_a_wrong_credential(
    dbaas: DbaasApi, instance: dict[str, Any], user: dict[str, Any], operation: Operation
) -> None:
    """An operation with an unknown credential is answered with 401 or 403 and changes nothing."""
    headers = spoilt_credential(dbaas, "random")
    scene = scene_for(dbaas, operation, instance["uuid"], user["uuid"])
    expect_denied(dbaas, operation, scene, ANONYMOUS, headers)


@requirement("DB-AUTH-WRONG-TOKEN")
@pytest.mark.parametrize("case", SPOILT)
def test_a_credential_that_is_nearly_right_is_refused(
    dbaas: DbaasApi, instance: dict[str, Any], case: str
) -> None:
    """A credential is compared as a whole."""
    headers = spoilt_credential(dbaas, case)
    path = dbaas.path(instance["uuid"])
    expect_status(dbaas.send("GET", path, credential=ANONYMOUS, headers=headers), 401, 403)


@requirement("DB-AUTH-TENANT")
@pytest.mark.parametrize("operation", ON_INSTANCES, ids=str)
def test_another_tenant_has_no_access(
    dbaas: DbaasApi, instance: dict[str, Any], user: dict[str, Any], operation: Operation
) -> None:
    """What belongs to one project is denied to another one, or does not exist for it."""
    scene = scene_for(dbaas, operation, instance["uuid"], user["uuid"])
    expect_denied(dbaas, operation, scene, "other_tenant", statuses=DENIED)


@requirement("DB-AUTH-TENANT")
def test_another_tenant_does_not_see_instances(dbaas: DbaasApi, instance: dict[str, Any]) -> None:
    """Where instances are listed, those of other projects are left out."""
    collection = dbaas.collection("instances")
    exchange = dbaas.send("GET", collection, credential="other_tenant")
    if exchange.succeeded:
        expect_unlisted(exchange, instance["uuid"])
