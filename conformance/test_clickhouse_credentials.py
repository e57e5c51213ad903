"""clickhouse credentials: who is let in, and what the others see."""

from typing import Any

import pytest

from pgassay.check import requirement
from pgassay.deviation import NotTestable
from pgassay.exchange import ANONYMOUS
from pgassay.expectation import expect, expect_equal, expect_rejected, expect_status
from pgassay.families import ClickhouseApi
from pgassay.families.clickhouse import result
from pgassay.families.clickhouse_expectations import everything, expect_alive, pair_of
from pgassay.families.clickhouse_operations import (
    DELETE,
    ON_ORGANIZATION,
    READING,
    WRITING,
    Operation,
)
from pgassay.target.model import Family, Target
from pgassay.values.credentials import NO_CREDENTIAL, WRONG_SECRET, faulty_headers


@requirement("CH-AUTH-REQUIRED")
@pytest.mark.parametrize("operation", READING, ids=str)
def test_reading_a_service_needs_credentials(
    clickhouse: ClickhouseApi, service: Any, operation: Operation
) -> None:
    """Nothing of a service is read without credentials."""
    exchange = operation.send(clickhouse, service["id"], credential=ANONYMOUS)
    expect_rejected(exchange, "there are no credentials")


@requirement("CH-AUTH-REQUIRED")
@pytest.mark.parametrize("operation", WRITING, ids=str)
def test_changing_a_service_needs_credentials(
    clickhouse: ClickhouseApi, service: Any, operation: Operation
) -> None:
    """Nothing of a service is changed without credentials."""
    before = everything(clickhouse, service["id"])
    exchange = operation.send(clickhouse, service["id"], credential=ANONYMOUS)
    expect_rejected(exchange, "there are no credentials")
    expect_equal(everything(clickhouse, service["id"]), before, "the service", exchange)


@requirement("CH-AUTH-REQUIRED")
@pytest.mark.parametrize("operation", ON_ORGANIZATION, ids=str)
def test_an_organisation_needs_credentials(clickhouse: ClickhouseApi, operation: Operation) -> None:
    """Services are neither listed nor created nor measured without credentials."""
    exchange = operation.send(clickhouse, credential=ANONYMOUS)
    expect_rejected(exchange, "there are no credentials")


@requirement("CH-AUTH-REQUIRED")
@pytest.mark.parametrize("method", ["GET", "PATCH"])
def test_the_scaling_needs_credentials(clickhouse: ClickhouseApi, method: str) -> None:
    """The CDC scaling is neither read nor changed without credentials."""
    clickhouse.remember_scaling()
    before = clickhouse.scaling_pair()
    body = pair_of(9) if method == "PATCH" else ...
    exchange = clickhouse.send(method, clickhouse.scaling_path(), body, credential=ANONYMOUS)
    expect_rejected(exchange, "there are no credentials")
    expect_equal(clickhouse.scaling_pair(), before, "the scaling", exchange)


@requirement("CH-AUTH-REQUIRED", "CH-AUTH-WRONG-SECRET")
@pytest.mark.parametrize("fault", ["none", "other-secret"])
def test_a_delete_needs_credentials(clickhouse: ClickhouseApi, target: Target, fault: str) -> None:
    """A service is not deleted without valid credentials."""
    service = result(clickhouse.create())["id"]
    headers = faulty_headers(target.credential("main", Family.CLICKHOUSE), fault)
    exchange = DELETE.send(clickhouse, service, credential=ANONYMOUS, headers=headers)
    expect_rejected(exchange, "the credentials are not valid")
    expect_alive(clickhouse, service, exchange)


@requirement("CH-AUTH-REQUIRED", "CH-AUTH-STATUS")
@pytest.mark.parametrize("fault", NO_CREDENTIAL)
def test_useless_credentials_are_answered_with_401(
    clickhouse: ClickhouseApi, target: Target, fault: str
) -> None:
    """Missing, malformed and unknown credentials are refused with 401."""
    headers = faulty_headers(target.credential("main", Family.CLICKHOUSE), fault)
    path = clickhouse.services_path()
    exchange = clickhouse.send("GET", path, credential=ANONYMOUS, headers=headers)
    expect_rejected(exchange, "the credentials are useless", requirement="CH-AUTH-REQUIRED")
    expect_status(exchange, 401, requirement="CH-AUTH-STATUS")


@requirement("CH-AUTH-WRONG-SECRET", "CH-AUTH-STATUS")
@pytest.mark.parametrize("operation", [*READING[:1], *WRITING[:1]], ids=str)
@pytest.mark.parametrize("fault", WRONG_SECRET)
def test_a_wrong_secret_is_refused(
    clickhouse: ClickhouseApi, service: Any, target: Target, fault: str, operation: Operation
) -> None:
    """A known key id with a wrong secret is refused with 401 and changes nothing."""
    headers = faulty_headers(target.credential("main", Family.CLICKHOUSE), fault)
    before = everything(clickhouse, service["id"])
    exchange = operation.send(clickhouse, service["id"], credential=ANONYMOUS, headers=headers)
    expect_rejected(exchange, "the secret is wrong", requirement="CH-AUTH-WRONG-SECRET")
    expect_status(exchange, 401, requirement="CH-AUTH-STATUS")
    after = everything(clickhouse, service["id"])
    expect_equal(after, before, "the service", exchange, "CH-AUTH-WRONG-SECRET")


@requirement("CH-AUTH-DISABLED-KEY")
@pytest.mark.parametrize("operation", [*READING[:1], *WRITING[:1]], ids=str)
def test_a_disabled_key_is_refused(
    clickhouse: ClickhouseApi, service: Any, operation: Operation
) -> None:
    """A disabled key is refused with 401."""
    expect_status(operation.send(clickhouse, service["id"], credential="disabled"), 401)


@requirement("CH-AUTH-READ-ONLY")
@pytest.mark.parametrize("operation", WRITING, ids=str)
def test_a_read_only_key_changes_nothing(
    clickhouse: ClickhouseApi, service: Any, operation: Operation
) -> None:
    """A key that may only read is refused with 403 when it tries to change a service."""
    if not READING[0].send(clickhouse, service["id"], credential="read_only").succeeded:
        raise NotTestable("the read-only key cannot read either")
    before = everything(clickhouse, service["id"])
    exchange = operation.send(clickhouse, service["id"], credential="read_only")
    expect_status(exchange, 403)
    expect_equal(everything(clickhouse, service["id"]), before, "the service", exchange)


@requirement("CH-AUTH-READ-ONLY")
def test_a_read_only_key_neither_creates_nor_deletes(clickhouse: ClickhouseApi) -> None:
    """A key that may only read is refused with 403 when it tries to create or delete."""
    service = result(clickhouse.create())["id"]
    expect_status(ON_ORGANIZATION[1].send(clickhouse, credential="read_only"), 403)
    exchange = DELETE.send(clickhouse, service, credential="read_only")
    expect_status(exchange, 403)
    expect_alive(clickhouse, service, exchange)


@requirement("CH-AUTH-TENANT")
@pytest.mark.parametrize("operation", ON_ORGANIZATION, ids=str)
def test_another_organisation_is_out_of_reach(
    clickhouse: ClickhouseApi, operation: Operation
) -> None:
    """A key neither lists nor creates nor measures services of another organisation."""
    exchange = operation.send(clickhouse, organization=clickhouse.other_organization_id)
    expect_rejected(exchange, "the organisation is another one")


@requirement("CH-AUTH-TENANT")
@pytest.mark.parametrize("operation", [*READING, *WRITING], ids=str)
@pytest.mark.parametrize("through", ["owner", "stranger"])
def test_a_stranger_does_not_reach_a_service(
    clickhouse: ClickhouseApi, service: Any, operation: Operation, through: str
) -> None:
    """Another organisation's key neither reads nor changes a service, whichever path it takes."""
    organization = clickhouse.other_organization_id if through == "stranger" else ""
    before = everything(clickhouse, service["id"])
    exchange = operation.send(
        clickhouse, service["id"], organization=organization, credential="other_tenant"
    )
    expect_rejected(exchange, "the service belongs to another organisation")
    expect_equal(everything(clickhouse, service["id"]), before, "the service", exchange)


@requirement("CH-AUTH-TENANT")
def test_a_stranger_does_not_delete_a_service(clickhouse: ClickhouseApi) -> None:
    """Another organisation's key does not delete a service, whichever path it takes."""
    service = result(clickhouse.create())["id"]
    for organization in ("", clickhouse.other_organization_id):
        exchange = DELETE.send(
            clickhouse, service, organization=organization, credential="other_tenant"
        )
        expect_rejected(exchange, "the service belongs to another organisation")
        expect_alive(clickhouse, service, exchange)


@requirement("CH-AUTH-TENANT")
@pytest.mark.parametrize("operation", [ON_ORGANIZATION[0], ON_ORGANIZATION[2]], ids=str)
def test_a_stranger_does_not_see_a_service(
    clickhouse: ClickhouseApi, service: Any, operation: Operation
) -> None:
    """The list and the metrics of another organisation do not show a service."""
    other = clickhouse.other_organization_id
    exchange = operation.send(clickhouse, organization=other, credential="other_tenant")
    expect_status(exchange, 200)
    expect(
        service["id"] not in exchange.text,
        "a stranger sees the service",
        expected="only services of the key's organisation",
        actual=exchange.line,
        exchange=exchange,
    )


@requirement("CH-AUTH-TENANT")
@pytest.mark.parametrize("method", ["GET", "PATCH"])
def test_a_stranger_does_not_reach_the_scaling(clickhouse: ClickhouseApi, method: str) -> None:
    """Another organisation's key neither reads nor changes the CDC scaling."""
    clickhouse.remember_scaling()
    before, path = clickhouse.scaling_pair(), clickhouse.scaling_path()
    body = pair_of(10) if method == "PATCH" else ...
    exchange = clickhouse.send(method, path, body, credential="other_tenant")
    expect_rejected(exchange, "the service belongs to another organisation")
    expect_equal(clickhouse.scaling_pair(), before, "the scaling", exchange)
