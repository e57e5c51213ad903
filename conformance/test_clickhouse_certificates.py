"""clickhouse CA certificates: what clients verify a service's TLS by."""

import re
from typing import Any

import pytest

from pgassay.check import requirement
from pgassay.clock import utc_now
from pgassay.expectation import expect, expect_equal, expect_status
from pgassay.families import ClickhouseApi
from pgassay.families.certificates import bundle, fingerprints, weakness
from pgassay.families.clickhouse_copies import server_time
from pgassay.families.observation_expectations import INTRUDERS, expect_out_of_reach
from pgassay.waiting import wait_until


@requirement("CH-CERTIFICATES-PEM")
def test_the_certificates_are_a_pem_bundle(clickhouse: ClickhouseApi, service: Any) -> None:
    """A running service has at least one parsable certificate, sent as application/x-pem-file."""
    exchange = clickhouse.certificates(service["id"])
    expect(bool(bundle(exchange)), "no certificates", expected="one", actual="none")
    expect_equal(exchange.content_type, "application/x-pem-file", "the media type", exchange)


@requirement("CH-CERTIFICATES-DISPOSITION")
def test_the_certificates_are_a_download(clickhouse: ClickhouseApi, service: Any) -> None:
    """The bundle is offered as an attachment with a file name (RFC 6266)."""
    exchange = clickhouse.certificates(service["id"])
    header = exchange.headers.get("content-disposition", "")
    named = re.fullmatch(r"attachment\s*;.*\bfilename\*?=\s*\S+.*", header, re.IGNORECASE)
    expect(
        named is not None,
        "the certificates are not offered as a file",
        expected='Content-Disposition: attachment; filename="..."',
        actual=header or "no such header",
        exchange=exchange,
    )


@requirement("CH-CERTIFICATES-CA")
def test_each_certificate_is_of_an_authority(clickhouse: ClickhouseApi, service: Any) -> None:
    """Every certificate may sign others (basic constraints) and is valid now."""
    exchange = clickhouse.certificates(service["id"])
    now = max(server_time(exchange), utc_now())  # The server's clock may be ahead.
    weak = [reason for each in bundle(exchange) if (reason := weakness(each, now))]
    expect_equal(weak, [], "the list of what is wrong with certificates", exchange)


@requirement("CH-CERTIFICATES-STABLE")
def test_the_certificates_stay_while_nothing_changes(
    clickhouse: ClickhouseApi, service: Any
) -> None:
    """Two downloads have the same certificates."""
    first, second = (fingerprints(bundle(clickhouse.certificates(service["id"]))) for _ in range(2))
    expect_equal(sorted(second), sorted(first), "the set of fingerprints")


@requirement("CH-CERTIFICATES-DISTINCT")
def test_two_services_have_no_certificate_in_common(
    clickhouse: ClickhouseApi, service: Any, own_service: Any
) -> None:
    """What verifies one service does not verify another one."""
    services = (service["id"], own_service["id"])
    one, other = (fingerprints(bundle(clickhouse.certificates(each))) for each in services)
    expect_equal(sorted(one & other), [], "the list of fingerprints in common")


@requirement("CH-CERTIFICATES-ROTATE")
def test_a_new_name_brings_new_certificates(clickhouse: ClickhouseApi, own_service: Any) -> None:
    """After a service was renamed, its bundle comes to differ."""
    renamed = own_service["id"]
    before = fingerprints(bundle(clickhouse.certificates(renamed)))
    expect_status(clickhouse.patch(renamed, {"name": clickhouse.names.words()}), 200)
    waited = wait_until(
        lambda: fingerprints(bundle(clickhouse.certificates(renamed))),
        lambda now: now != before,
        budget=clickhouse.timing.scale,
        poll=clickhouse.timing.poll,
    )
    expect(
        waited.reached,
        "the certificates are those of the old name",
        expected=f"other certificates within {clickhouse.timing.scale:g} s",
        actual="the same ones",
    )


@requirement("CH-CERTIFICATES-ACCESS")
@pytest.mark.parametrize("intruder", INTRUDERS)
def test_the_certificates_are_out_of_reach(
    clickhouse: ClickhouseApi, service: Any, intruder: str
) -> None:
    """Nobody else gets the certificates, and a service that does not exist has none."""
    expect_out_of_reach(clickhouse, service["id"], "caCertificates", {}, intruder)
