"""clickhouse text that something behind the server could take for a command: it is data."""

from typing import Any

import pytest

from pgassay.check import requirement
from pgassay.exchange import Json
from pgassay.expectation import expect_equal, expect_rejected
from pgassay.families import ClickhouseApi
from pgassay.families.access_expectations import expect_data, percent_encoded
from pgassay.families.clickhouse_expectations import everything
from pgassay.families.observation_expectations import listed_patterns
from pgassay.values.injections import NEAR, POLLUTED, POLLUTION, TEXTS
from pgassay.values.selection import cases
from pgassay.values.slow_queries import FILTERS
from pgassay.values.windows import last_hour

INJECTED = pytest.mark.parametrize("text", cases(TEXTS, NEAR))


@requirement("HTTP-TEXT-VERBATIM")
@INJECTED
def test_a_member_is_data(clickhouse: ClickhouseApi, service: Any, text: str) -> None:
    """Tags and names are refused, or kept letter by letter, and touch no other service."""
    own, before = clickhouse.neighbour(), everything(clickhouse, service["id"])
    present = clickhouse.shown(own)
    changes: list[dict[str, Json]] = [
        {"name": text[:50]},
        {"tags": [{"key": "injected", "value": text}]},
        {"tags": [{"key": text, "value": "injected"}]},
    ]
    for change in changes:
        if expect_data(clickhouse.patch(own, change)):
            (member,) = change
            expect_equal(clickhouse.shown(own).get(member), change[member], f"member `{member}`")
            clickhouse.patch(own, {member: present.get(member)})
    expect_equal(everything(clickhouse, service["id"]), before, "another service")


@requirement("HTTP-TEXT-VERBATIM")
@INJECTED
def test_a_setting_is_data(clickhouse: ClickhouseApi, text: str) -> None:
    """A setting's value is refused, or kept letter by letter."""
    service = clickhouse.neighbour()
    before = everything(clickhouse, service)
    for body in ({"pgConfig": {"work_mem": text}}, {"pgConfig": {text: "4MB"}}):
        exchange = clickhouse.merge_configuration(service, {"pgBouncerConfig": {}} | body)
        expect_rejected(exchange, "the setting is none of the documented")
    expect_equal(everything(clickhouse, service), before, "the service")


@requirement("HTTP-TEXT-VERBATIM")
@INJECTED
def test_text_in_a_path_names_nothing(clickhouse: ClickhouseApi, service: Any, text: str) -> None:
    """Text in the place of an identifier, or behind one, is no identifier."""
    written, own = percent_encoded(text), service["id"]
    for path in (
        clickhouse.path(written),
        clickhouse.path(own + written),
        clickhouse.path(own, written),
        clickhouse.services_path(written),
    ):
        expect_rejected(clickhouse.send("GET", path), "the path names nothing")


@requirement("HTTP-TEXT-VERBATIM")
@INJECTED
def test_a_filter_is_data(clickhouse: ClickhouseApi, observed: str, text: str) -> None:
    """A filter of slow queries is refused, or leaves those that have the text letter by letter."""
    for name, member in FILTERS.items():
        exchange = clickhouse.slow_queries(observed, last_hour(**{name: text}))
        if expect_data(exchange):
            others = [each for each in listed_patterns(exchange) if each.get(member) != text]
            expect_equal(others, [], f"what {name} leaves of others", exchange)


@requirement("HTTP-TEXT-VERBATIM")
@pytest.mark.parametrize("member", POLLUTION)
def test_members_of_a_language_are_no_members(
    clickhouse: ClickhouseApi, service: Any, member: str
) -> None:
    """A member that some languages give a meaning is refused or ignored."""
    before, members = everything(clickhouse, service["id"]), clickhouse.shown(service["id"]).keys()
    expect_data(clickhouse.patch(clickhouse.neighbour(), {member: POLLUTION[member]}))
    expect_equal(everything(clickhouse, service["id"]), before, "another service")
    gained = POLLUTED & (clickhouse.shown(service["id"]).keys() - members)
    expect_equal(sorted(gained), [], "the members that another service has gained")
