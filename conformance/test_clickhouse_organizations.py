"""clickhouse organisations: the list, and paths that name another one."""

import re

from pgassay.check import requirement
from pgassay.expectation import expect, expect_rejected, expect_status, show
from pgassay.families import ClickhouseApi
from pgassay.families.clickhouse import result

UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


@requirement("CH-ORG-LIST")
def test_the_organisation_list_contains_the_organisation_of_the_key(
    clickhouse: ClickhouseApi,
) -> None:
    """The organisation list is an array with the key's organisation and its UUID."""
    exchange = clickhouse.organizations()
    expect_status(exchange, 200)
    listed = result(exchange)
    items = listed if isinstance(listed, list) else []
    ids = [str(item.get("id")).lower() for item in items if isinstance(item, dict)]
    expect(
        clickhouse.organization_id.lower() in ids and all(map(UUID.fullmatch, ids)),
        "the key's organisation is not listed",
        expected=f"an array with an item of id {clickhouse.organization_id}",
        actual=show(listed),
        exchange=exchange,
    )


@requirement("CH-ORG-SINGLE")
def test_the_organisation_list_has_one_element(clickhouse: ClickhouseApi) -> None:
    """The organisation list has exactly one element."""
    exchange = clickhouse.organizations()
    listed = result(exchange)
    expect(
        isinstance(listed, list) and len(listed) == 1,
        "the organisation list has another number of elements than one",
        expected="one element",
        actual=show(listed),
        exchange=exchange,
    )


@requirement("HTTP-NOT-FOUND")
def test_an_unknown_organisation_is_not_found(clickhouse: ClickhouseApi) -> None:
    """A well-formed identifier of no organisation is answered with 403 or 404."""
    path = clickhouse.services_path("3b241101-e2bb-4255-8caf-4136c566a962")
    exchange = clickhouse.send("GET", path)
    expect_rejected(exchange, "no organisation has this id")
    expect_status(exchange, 403, 404)
