"""clickhouse secrets that a run planted: they are in no other answer, and in no error."""

from base64 import b64encode

import pytest

from pgassay.check import requirement
from pgassay.deviation import NotTestable
from pgassay.exchange import ANONYMOUS
from pgassay.families import ClickhouseApi
from pgassay.families.access_expectations import expect_no_trace, fresh_secret, leaky_bodies
from pgassay.families.clickhouse import result
from pgassay.families.clickhouse_operations import OPERATIONS, Operation

#: Reading a service may show its password: CH-SECRET-READ and CH-SECRET-SHOWN judge that.
READS = [each for each in OPERATIONS if not each.changes and each.id != "postgresServiceGet"]


@pytest.fixture(scope="module")
def planted(clickhouse: ClickhouseApi) -> tuple[str, str]:
    """A service and its password, which was chosen if that can be done, or else generated."""
    service, chosen = clickhouse.neighbour(), clickhouse.names.password() + "_-"
    if clickhouse.set_password(service, {"password": chosen}).succeeded:
        return service, chosen
    created = result(clickhouse.creation_answer())
    if not isinstance(created, dict) or not isinstance(created.get("password"), str):
        raise NotTestable("no service has a password that is known")
    return str(created["id"]), created["password"]


@requirement("CH-SECRET-ELSEWHERE")
@pytest.mark.parametrize("operation", READS, ids=str)
def test_no_other_answer_has_a_planted_password(
    clickhouse: ClickhouseApi, planted: tuple[str, str], operation: Operation
) -> None:
    """A service's password is in no list, metric, query, configuration or certificate."""
    service, password = planted
    exchange = operation.send(clickhouse, service)
    expect_no_trace(exchange, password, "postgres")


@requirement("CH-SECRET-ERROR")
def test_no_refusal_has_the_password_that_was_sent(clickhouse: ClickhouseApi) -> None:
    """A refused request for a password is not answered with the password."""
    service, secret = clickhouse.neighbour(), fresh_secret(clickhouse)
    path = clickhouse.path(service, "password")
    for body in leaky_bodies({}, "password", secret):
        expect_no_trace(clickhouse.send_bytes("PATCH", path, body), secret)
    for weak in (secret.lower(), secret[:11]):
        expect_no_trace(clickhouse.set_password(service, {"password": weak}), weak)
    typed = clickhouse.send_bytes("PATCH", path, b"password=" + secret.encode(), "text/plain")
    expect_no_trace(typed, secret)


@requirement("CH-SECRET-ERROR")
def test_no_refusal_has_a_key_secret(clickhouse: ClickhouseApi) -> None:
    """A wrong key secret is not said back, and neither is the header that it came in."""
    key, secret = clickhouse.names.identifier(), fresh_secret(clickhouse)
    encoded = b64encode(f"{key}:{secret}".encode()).decode("ascii")
    for header in (f"Basic {encoded}", f"Basic {key}:{secret}", f"Bearer {secret}", secret):
        headers = {"Authorization": header}
        path = clickhouse.services_path()
        exchange = clickhouse.send("GET", path, credential=ANONYMOUS, headers=headers)
        expect_no_trace(exchange, secret)
