"""clickhouse services: single reads and the list."""

import json
from typing import Any

import pytest

from pgassay.check import requirement
from pgassay.expectation import expect, expect_equal, expect_member, expect_status, show
from pgassay.families import ClickhouseApi
from pgassay.families.clickhouse import result
from pgassay.families.clickhouse_expectations import kept

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
def test_the_list_shows_each_service_exactly_once(clickhouse: ClickhouseApi, service: Any) -> None:
    """One list answer contains every service, none of them twice."""
    created = [result(clickhouse.create())["id"] for _ in range(3)]
    for identity in [service["id"], *created]:
        clickhouse.listed_once(identity)
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


@requirement("CH-SECRET-LIST")
@pytest.mark.parametrize("member", ["password", "connectionString"])
def test_the_list_carries_no_credentials(
    clickhouse: ClickhouseApi, service: Any, member: str
) -> None:
    """Items of the list have neither a password nor a connection string."""
    expect(
        member not in clickhouse.listed_once(service["id"]),
        f"the list item has a {member}",
        expected="no credentials in the list",
        actual=f"a member {member}",
    )
