"""clickhouse services: single reads and the list."""

import json
from typing import Any

import pytest

from pgassay.check import requirement
from pgassay.expectation import expect, expect_equal, expect_member, expect_status, show
from pgassay.families import ClickhouseApi
from pgassay.families.clickhouse import result
from pgassay.families.clickhouse_expectations import kept
from pgassay.values.hosts import is_host

CREATED = ("name", "provider", "region", "size")


@requirement("CH-SVC-GET")
@pytest.mark.parametrize("member", ["id", *CREATED])
def test_a_read_returns_the_service_as_created(clickhouse: ClickhouseApi, member: str) -> None:
    """Reading a service by its id returns the values it was created with."""
    exchange = clickhouse.creation_answer()
    created = expect_member(result(exchange), "id", exchange)
    wanted = {"id": created, **json.loads(exchange.request.body or b"{}")}
    shown = clickhouse.shown(created)
    expect_equal(expect_member(shown, member), wanted[member], member)


@requirement("CH-SVC-LIST")
def test_the_list_agrees_with_single_reads(clickhouse: ClickhouseApi, service: Any) -> None:
    """The item of the list has the values that reading the service returns."""
    exchange = clickhouse.services()
    expect_status(exchange, 200)
    item = clickhouse.listed_once(service["id"])
    shown = clickhouse.shown(service["id"])
    shared = (set(kept(item)) & set(kept(shown))) | {"id", "state", *CREATED}
    for member in sorted(shared):
        expect_equal(kept(item).get(member), kept(shown).get(member), f"{member} of the list item")


@requirement("CH-SVC-LIST-COMPLETE")
def test_the_list_shows_each_service_exactly_once(
    clickhouse: ClickhouseApi, service: Any, own_service: Any
) -> None:
    """One list answer contains every service, none of them twice."""
    for each in (service, own_service):
        clickhouse.listed_once(each["id"])
    listed = [item.get("id") for item in clickhouse.listed()]
    expect(
        len(listed) == len(set(listed)),
        "the list shows a service twice",
        expected="different ids",
        actual=show(listed),
    )


@requirement("CH-SVC-GET-STABLE")
@pytest.mark.parametrize("member", ["provider", "region", "postgresVersion"])
def test_the_identity_reads_the_same_everywhere(
    clickhouse: ClickhouseApi, service: Any, member: str
) -> None:
    """Single reads and the list show the same provider, region and version."""
    for shown in (clickhouse.shown(service["id"]), clickhouse.listed_once(service["id"])):
        expect_equal(shown.get(member, service.get(member)), service.get(member), member)


@requirement("CH-SVC-CREATED-AT")
def test_the_time_of_creation_never_changes(clickhouse: ClickhouseApi, service: Any) -> None:
    """Single reads and the list show the same createdAt as the first read."""
    first = service.get("createdAt")
    for shown in (clickhouse.shown(service["id"]), clickhouse.listed_once(service["id"])):
        expect_equal(shown.get("createdAt", first), first, "createdAt")


@requirement("CH-SVC-HOSTNAME")
def test_a_running_service_has_a_host_to_connect_to(
    clickhouse: ClickhouseApi, service: Any
) -> None:
    """The hostname of a running service is a DNS name or an IP address."""
    exchange = clickhouse.get(service["id"])
    shown = expect_member(result(exchange), "hostname", exchange)
    expect(
        isinstance(shown, str) and is_host(shown),
        "hostname is neither a DNS name nor an IP address",
        expected="labels of letters, digits and hyphens, or an address",
        actual=show(shown),
        exchange=exchange,
    )


@requirement("HTTP-IDENTIFIER-CASE")
def test_a_service_is_found_by_its_identifier_in_capitals(
    clickhouse: ClickhouseApi, service: Any
) -> None:
    """Capital letters in the identifier of the path name the same service."""
    exchange = clickhouse.get(str(service["id"]).upper())
    expect_status(exchange, 200, title="a UUID in capitals is not found")
