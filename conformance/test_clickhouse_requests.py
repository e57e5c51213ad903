"""clickhouse requests: bodies, identifiers, methods and paths that no operation takes."""

from typing import Any

import pytest

from pgassay.check import requirement
from pgassay.expectation import expect, expect_equal, expect_rejected, expect_status
from pgassay.families import ClickhouseApi
from pgassay.families.clickhouse_expectations import (
    everything,
)
from pgassay.families.clickhouse_operations import NOBODY, ON_POSTGRES, Operation
from pgassay.values.selection import cases

ON_A_SERVICE = pytest.mark.parametrize("operation", ON_POSTGRES, ids=str)
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
    for operation in ON_POSTGRES:
        expect_status(operation.send(clickhouse, identifier), 400, 404, 422)


@requirement("HTTP-IDENTIFIER-MALFORMED")
@pytest.mark.parametrize("identifier", cases(MALFORMED, {"no-uuid", "encoded-nul"}))
def test_a_malformed_organisation_is_refused(clickhouse: ClickhouseApi, identifier: str) -> None:
    """No operation takes an organisation id that is not a UUID; a foreign one is 403 as well."""
    exchange = clickhouse.send("GET", clickhouse.services_path(identifier))
    expect_status(exchange, 400, 403, 404, 422)


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
