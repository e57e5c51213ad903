"""clickhouse secrets that a run planted: they are in no other answer, and in no error."""

from base64 import b64encode

import pytest

from pgassay.check import requirement
from pgassay.deviation import NotTestable
from pgassay.exchange import ANONYMOUS
from pgassay.families import ClickhouseApi
from pgassay.families.access_expectations import expect_no_trace, leaky_bodies
from pgassay.families.clickhouse_attempts import ATTEMPTS
from pgassay.families.clickhouse_copies import needed
from pgassay.values.credentials import Intruder

#: They may show a password to whom reads do not hide it: CH-SECRET-READ and CH-SECRET-SHOWN.
_SHOWING = frozenset({"postgresServiceGet"})


@pytest.fixture(scope="module")
def planted(clickhouse: ClickhouseApi) -> str:
    """A password that a service was given, in characters that URLs and shells treat specially."""
    needed(clickhouse, "password")
    chosen = clickhouse.names.password() + "_-"
    exchange = clickhouse.set_password(clickhouse.neighbour(), {"password": chosen})
    if not exchange.succeeded:
        raise NotTestable(f"no password can be planted: {exchange.line}")
    return chosen


@requirement("CH-SECRET-ELSEWHERE")
def test_no_other_answer_has_a_planted_password(clickhouse: ClickhouseApi, planted: str) -> None:
    """A password that was set is in no list, metric, query, configuration or certificate."""
    service = clickhouse.neighbour()
    for attempt in ATTEMPTS:
        claimed = clickhouse.client.target.features.get(attempt.feature, not attempt.feature)
        scaled = "{serviceId}" not in attempt.template or clickhouse.settings.service_id
        if not attempt.changes and claimed and scaled and attempt.id not in _SHOWING:
            exchange = attempt.send(clickhouse, service, ..., Intruder("", "main"))
            expect_no_trace(exchange, planted, "postgres")


@requirement("CH-SECRET-ERROR")
def test_no_refusal_has_the_password_that_was_sent(clickhouse: ClickhouseApi) -> None:
    """A refused request for a password is not answered with the password."""
    needed(clickhouse, "password")
    service, secret = clickhouse.neighbour(), clickhouse.names.password()
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
    key, secret = clickhouse.names.identifier(), clickhouse.names.password()
    encoded = b64encode(f"{key}:{secret}".encode()).decode("ascii")
    for header in (f"Basic {encoded}", f"Basic {key}:{secret}", f"Bearer {secret}", secret):
        headers = {"Authorization": header}
        path = clickhouse.services_path()
        exchange = clickhouse.send("GET", path, credential=ANONYMOUS, headers=headers)
        expect_no_trace(exchange, secret)
