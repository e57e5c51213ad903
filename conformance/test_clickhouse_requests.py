"""clickhouse requests: bodies, identifiers, methods and paths that no operation takes."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from pgassay.check import requirement
from pgassay.exchange import Json
from pgassay.expectation import expect, expect_equal, expect_rejected, expect_status
from pgassay.families import ClickhouseApi
from pgassay.families.clickhouse_expectations import (
    everything,
    expect_body_refused,
    expect_creation_refused,
    pair_of,
)
from pgassay.families.clickhouse_operations import (
    DELETE,
    NOBODY,
    READING,
    WRITING,
    Operation,
)
from pgassay.values.documents import MEBIBYTE, NOT_AN_OBJECT, NOT_JSON
from pgassay.values.selection import cases

ON_A_SERVICE = pytest.mark.parametrize("operation", [*READING, *WRITING, DELETE], ids=str)
MALFORMED = {
    "no-uuid": "no-uuid",
    "digits": "12345",
    "cut": NOBODY[:-1],
    "longer": NOBODY + "0",
    "other-letter": "g" + NOBODY[1:],
    "encoded-slash": "a%2Fb",
    "encoded-nul": "%00",
    "encoded-newline": NOBODY + "%0A",
    "quote": "%27%20OR%201%3D1",
}


@requirement("HTTP-NOT-FOUND")
@ON_A_SERVICE
def test_an_unknown_service_is_not_found(clickhouse: ClickhouseApi, operation: Operation) -> None:
    """Every operation on a well-formed id of no service is answered with 404."""
    expect_status(operation.send(clickhouse, NOBODY), 404)


@requirement("HTTP-IDENTIFIER-MALFORMED")
@pytest.mark.parametrize("identifier", cases(MALFORMED, {"no-uuid", "cut", "encoded-nul"}))
def test_a_malformed_identifier_is_refused(clickhouse: ClickhouseApi, identifier: str) -> None:
    """No operation takes a service id that is not a UUID, and none fails over it."""
    for operation in (*READING, *WRITING, DELETE):
        expect_status(operation.send(clickhouse, identifier), 400, 404, 422)


@requirement("HTTP-IDENTIFIER-MALFORMED")
@pytest.mark.parametrize("identifier", cases(MALFORMED, {"no-uuid", "encoded-nul"}))
def test_a_malformed_organisation_is_refused(clickhouse: ClickhouseApi, identifier: str) -> None:
    """No operation takes an organisation id that is not a UUID; a foreign one is 403 as well."""
    exchange = clickhouse.send("GET", clickhouse.services_path(identifier))
    expect_status(exchange, 400, 403, 404, 422)


@requirement("HTTP-JSON-SYNTAX")
@pytest.mark.parametrize("spoil", cases(NOT_JSON, {"empty", "cut", "trailing-comma"}))
@pytest.mark.parametrize("operation", WRITING, ids=str)
def test_a_body_that_is_no_json_is_refused(
    clickhouse: ClickhouseApi,
    service: Any,
    operation: Operation,
    spoil: Callable[[bytes], bytes],
) -> None:
    """A change of a service with a body of broken JSON is refused and changes nothing."""
    valid = json.dumps(operation.body).encode()
    path = operation.path(clickhouse, service["id"])
    expect_body_refused(clickhouse, service["id"], operation.method, path, (spoil(valid), valid))


@requirement("HTTP-JSON-SYNTAX")
@pytest.mark.parametrize("spoil", cases(NOT_JSON, {"cut", "trailing-comma"}))
def test_a_create_that_is_no_json_is_refused(
    clickhouse: ClickhouseApi, spoil: Callable[[bytes], bytes]
) -> None:
    """A create with a body of broken JSON is refused and makes no service."""
    body = spoil(json.dumps(clickhouse.creation()).encode())
    expect_creation_refused(clickhouse, body, "the body is no JSON")


@requirement("HTTP-JSON-SYNTAX", "CH-CDC-REJECT-UNTOUCHED")
@pytest.mark.parametrize("spoil", cases(NOT_JSON, {"cut"}))
def test_a_scaling_that_is_no_json_is_refused(
    clickhouse: ClickhouseApi, spoil: Callable[[bytes], bytes]
) -> None:
    """A change of the CDC scaling with a body of broken JSON is refused."""
    clickhouse.remember_scaling()
    before, path = clickhouse.scaling_pair(), clickhouse.scaling_path()
    body = spoil(json.dumps(pair_of(11)).encode())
    exchange = clickhouse.send_bytes("PATCH", path, body)
    expect_rejected(exchange, "the body is no JSON", requirement="HTTP-JSON-SYNTAX")
    expect_equal(clickhouse.scaling_pair(), before, "the scaling", exchange)


@requirement("HTTP-JSON-OBJECT")
@pytest.mark.parametrize("value", cases(NOT_AN_OBJECT, {"array", "text", "null"}))
@pytest.mark.parametrize("operation", WRITING, ids=str)
def test_a_body_that_is_no_object_is_refused(
    clickhouse: ClickhouseApi, service: Any, operation: Operation, value: Json
) -> None:
    """A change of a service with JSON other than an object is refused and changes nothing."""
    bodies = json.dumps(value).encode(), json.dumps(operation.body).encode()
    path = operation.path(clickhouse, service["id"])
    expect_body_refused(clickhouse, service["id"], operation.method, path, bodies)


@requirement("HTTP-JSON-OBJECT")
@pytest.mark.parametrize("value", cases(NOT_AN_OBJECT, {"array-of-object", "null"}))
def test_a_create_that_is_no_object_is_refused(clickhouse: ClickhouseApi, value: Json) -> None:
    """A create with JSON other than an object is refused and makes no service."""
    body = json.dumps(value).encode()
    expect_creation_refused(clickhouse, body, "the body is no object")


@requirement("HTTP-CONTENT-TYPE-REQUEST")
@pytest.mark.parametrize(
    "content_type",
    cases(
        {
            "text": "text/plain",
            "xml": "application/xml",
            "form": "application/x-www-form-urlencoded",
        }
    ),
)
def test_another_content_type_is_refused(clickhouse: ClickhouseApi, content_type: str) -> None:
    """A create announced as something other than JSON is refused with 400 or 415."""
    body = json.dumps(clickhouse.creation()).encode()
    path = clickhouse.services_path()
    exchange = clickhouse.send_bytes("POST", path, body, content_type)
    expect_status(exchange, 400, 415)


@requirement("HTTP-CONTENT-TYPE-REQUEST")
def test_a_charset_of_the_content_type_is_accepted(clickhouse: ClickhouseApi, service: Any) -> None:
    """JSON announced with its charset, as official clients do, is accepted."""
    path, body = clickhouse.path(service["id"]), b'{"tags": []}'
    for announced in ("application/json; charset=utf-8", "Application/JSON"):
        expect_status(clickhouse.send_bytes("PATCH", path, body, announced), 200)


@requirement("HTTP-METHOD-NOT-ALLOWED")
@pytest.mark.parametrize(
    ("method", "part"),
    [("PUT", ""), ("POST", ""), ("DELETE", "config"), ("PUT", "config"), ("POST", "prometheus")],
)
def test_a_method_that_a_path_does_not_offer_is_refused(
    clickhouse: ClickhouseApi, service: Any, method: str, part: str
) -> None:
    """A method that the document does not list is answered with 405 or 404 and changes nothing."""
    before = everything(clickhouse, service["id"])
    path = clickhouse.path(service["id"], *([part] if part else []))
    exchange = clickhouse.send(method, path, {"name": "changed", "tags": []})
    expect_status(exchange, 404, 405)
    expect_equal(everything(clickhouse, service["id"]), before, "the service", exchange)


@requirement("HTTP-METHOD-NOT-ALLOWED")
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_the_collection_takes_no_other_method(
    clickhouse: ClickhouseApi, service: Any, method: str
) -> None:
    """The collection of services cannot be written as a whole."""
    exchange = clickhouse.send(method, clickhouse.services_path(), {})
    expect_status(exchange, 404, 405)
    clickhouse.shown(service["id"])


@requirement("HTTP-UNKNOWN-PATH")
@pytest.mark.parametrize(
    "path",
    cases(
        {
            "spelling": "/v1/organisation",
            "unknown": "/v1/no-such-path",
            "version": "/v9/organizations",
        }
    ),
)
def test_an_unknown_path_is_not_found(clickhouse: ClickhouseApi, path: str) -> None:
    """A path that the API does not define is answered with 404."""
    expect_status(clickhouse.send("GET", path), 404)


@requirement("HTTP-BODY-OVERSIZE")
@pytest.mark.parametrize("shape", ["large", "deep"])
def test_an_excessive_body_is_refused(clickhouse: ClickhouseApi, service: Any, shape: str) -> None:
    """A tag value of a mebibyte or a deeply nested one is refused, and the server goes on."""
    value = b'"' + b"_" * MEBIBYTE + b'"' if shape == "large" else b"[" * 1000 + b"]" * 1000
    body = b'{"tags": [{"key": "k", "value": ' + value + b"}]}"
    path = clickhouse.path(service["id"])
    expect_body_refused(clickhouse, service["id"], "PATCH", path, (body, b'{"tags": []}'))


@requirement("CH-ENVELOPE-ERROR-DETAIL")
@pytest.mark.parametrize("member", ["name", "provider", "size", "haType", "postgresVersion"])
def test_an_error_names_the_member_at_fault(clickhouse: ClickhouseApi, member: str) -> None:
    """The error text of a refused create names the member whose value is wrong."""
    exchange = clickhouse.create(clickhouse.creation(**{member: 7}))
    expect_rejected(exchange, f"{member} is no string")
    error = exchange.json()
    text = str(error.get("error", "")) if isinstance(error, dict) else ""
    expect(
        member in text,
        "the error does not name the member at fault",
        expected=f"a text that contains {member}",
        actual=text,
        exchange=exchange,
    )
