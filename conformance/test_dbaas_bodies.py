"""dbaas: request bodies that are no JSON, no object, of another type, or too much."""

from typing import Any

import pytest

from pgassay.check import requirement
from pgassay.expectation import expect_status, expect_success
from pgassay.families import DbaasApi
from pgassay.families.dbaas_operations import WRITES, Operation, Scene, expect_body_refused
from pgassay.values.documents import (
    NOT_AN_OBJECT,
    NOT_JSON,
    as_json,
    with_deep_description,
    with_large_description,
)

CREATE_USER = next(operation for operation in WRITES if operation.name == "create-user")


@requirement("HTTP-JSON-SYNTAX")
@pytest.mark.parametrize("case", NOT_JSON)
def test_a_body_that_is_no_json_is_refused(
    dbaas: DbaasApi, instance: dict[str, Any], user: dict[str, Any], case: str
) -> None:
    """A body with a syntax error is refused and changes nothing."""
    scene = Scene(instance["uuid"], user["uuid"])
    rule = f"the body is no JSON: {case}"
    expect_body_refused(dbaas, CREATE_USER, scene, NOT_JSON[case], rule)


@requirement("HTTP-JSON-SYNTAX")
@pytest.mark.parametrize("operation", WRITES, ids=str)
def test_every_write_refuses_a_body_that_is_no_json(
    dbaas: DbaasApi, instance: dict[str, Any], user: dict[str, Any], operation: Operation
) -> None:
    """Every operation with a body refuses one that was cut."""
    scene = Scene(instance["uuid"], user["uuid"])
    expect_body_refused(dbaas, operation, scene, NOT_JSON["cut"], "the body is cut")


@requirement("HTTP-JSON-OBJECT")
@pytest.mark.parametrize("case", NOT_AN_OBJECT)
def test_a_body_that_is_no_object_is_refused(
    dbaas: DbaasApi, instance: dict[str, Any], user: dict[str, Any], case: str
) -> None:
    """A JSON body that is no object is refused and changes nothing."""
    scene = Scene(instance["uuid"], user["uuid"])
    rule = f"the body is no object: {case}"
    expect_body_refused(dbaas, CREATE_USER, scene, lambda _: as_json(NOT_AN_OBJECT[case]), rule)


@requirement("HTTP-JSON-OBJECT")
@pytest.mark.parametrize("operation", WRITES, ids=str)
def test_every_write_refuses_a_body_that_is_no_object(
    dbaas: DbaasApi, instance: dict[str, Any], user: dict[str, Any], operation: Operation
) -> None:
    """Every operation with a body refuses an array with the valid object in it."""
    scene = Scene(instance["uuid"], user["uuid"])
    rule = "the body is an array"
    expect_body_refused(dbaas, operation, scene, lambda body: b"[" + body + b"]", rule)


@requirement("HTTP-CONTENT-TYPE-REQUEST")
@pytest.mark.parametrize(
    "announced",
    [
        pytest.param("text/plain", id="text"),
        pytest.param("application/xml", id="xml"),
        pytest.param("application/x-www-form-urlencoded", id="form"),
    ],
)
def test_a_body_of_another_type_is_refused(
    dbaas: DbaasApi, instance: dict[str, Any], user: dict[str, Any], announced: str
) -> None:
    """A body that is announced as something other than JSON is refused with 400 or 415."""
    scene = Scene(instance["uuid"], user["uuid"])
    rule = f"the body is announced as {announced}"
    exchange = expect_body_refused(dbaas, CREATE_USER, scene, bytes, rule, announced)
    expect_status(exchange, 400, 415)


@requirement("HTTP-BODY-OVERSIZE")
@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(with_large_description, id="a-mebibyte"),
        pytest.param(with_deep_description, id="a-thousand-levels"),
    ],
)
def test_a_body_that_is_too_much_is_refused(
    dbaas: DbaasApi, instance: dict[str, Any], user: dict[str, Any], spoil: Any
) -> None:
    """An oversize or deeply nested body is refused, and the server keeps serving."""
    scene = Scene(instance["uuid"], user["uuid"])
    expect_body_refused(dbaas, CREATE_USER, scene, spoil, "the body is too large or too deep")
    expect_success(dbaas.get(instance["uuid"]))
