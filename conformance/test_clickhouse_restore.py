"""clickhouse restores to a point in time, each as a new service."""

from datetime import UTC, timedelta
from typing import Any

import pytest

from pgassay.check import full, requirement
from pgassay.deviation import NotTestable
from pgassay.expectation import expect_equal, expect_status
from pgassay.families import ClickhouseApi
from pgassay.families.clickhouse import result
from pgassay.families.clickhouse_copies import (
    LEAST,
    TAGS,
    Copy,
    expect_copy_refused,
    expect_new,
    expect_role,
    restore_body,
    server_time,
)
from pgassay.families.clickhouse_expectations import kept
from pgassay.families.pool import generous
from pgassay.values.selection import cases
from pgassay.values.tags import as_set
from pgassay.values.timestamps import utc_time

#: Restore targets that are no date-time of RFC 3339.
NOT_A_TIME = {
    "empty": "",
    "words": "yesterday",
    "date-alone": "2026-03-31",
    "no-zone": "2026-03-31T18:17:37",
    "month-13": "2026-13-01T18:17:37Z",
    "transaction": "0/16B3748",
    "integer": 1774981057,
    "null": None,
    "array": ["2026-03-31T18:17:37Z"],
}


@requirement("CH-RESTORE-CREATE")
def test_a_restore_makes_a_new_service(clickhouse: ClickhouseApi, restoration: Copy) -> None:
    """A restored service has an id of its own, and its source is listed as it was."""
    expect_new(restoration)
    source = clickhouse.shown(restoration.source["id"])
    expect_equal(kept(source), kept(restoration.source), "the source", restoration.exchange)
    clickhouse.listed_once(restoration.source["id"])


@full
@requirement("CH-RESTORE-CREATE")
@pytest.mark.parametrize("members", cases(LEAST))
def test_a_restore_needs_a_name_and_a_time_alone(
    clickhouse: ClickhouseApi, restoration: Copy, members: dict[str, Any]
) -> None:
    """A restore is accepted without its optional members, and with a tag that has no value."""
    if generous(clickhouse.client):
        body = restore_body(clickhouse, restoration, **members)
        expect_status(clickhouse.restore(restoration.source["id"], body), 200)


@requirement("CH-RESTORE-PRIMARY")
def test_a_restored_service_is_a_primary(clickhouse: ClickhouseApi, restoration: Copy) -> None:
    """A restored service is a primary, in the answer and in reads."""
    for shown in (result(restoration.exchange), restoration.shown):
        expect_role(shown, primary=True, exchange=restoration.exchange)


@requirement("CH-RESTORE-ECHO")
def test_a_restored_service_is_shown_as_it_was_asked_for(
    clickhouse: ClickhouseApi, restoration: Copy
) -> None:
    """A restored service has the name, tags and configuration of the request."""
    asked, listed = restoration.asked, clickhouse.listed_once(restoration.id)
    for shown in (result(restoration.exchange), restoration.shown, listed):
        expect_equal(shown.get("name"), asked["name"], "the name", restoration.exchange)
        expect_equal(as_set(shown.get("tags")), TAGS, "tags", restoration.exchange)
    value = restoration.configuration.get("pgConfig", {}).get("work_mem")
    expect_equal(value, asked["pgConfig"]["work_mem"], "work_mem", restoration.exchange)


@requirement("CH-RESTORE-INHERITS")
@pytest.mark.parametrize("member", ["provider", "region", "postgresVersion"])
def test_a_restored_service_takes_over_what_its_source_has(
    clickhouse: ClickhouseApi, restoration: Copy, member: str
) -> None:
    """A restored service has provider, region and version of its source."""
    expected = restoration.source.get(member)
    expect_equal(restoration.shown.get(member), expected, member, restoration.exchange)


@requirement("CH-RESTORE-REQUIRED", "CH-RESTORE-REJECT-NOTHING")
@pytest.mark.parametrize("target", cases(NOT_A_TIME, {"words", "no-zone", "integer"}))
def test_a_target_that_is_no_time_is_refused(
    clickhouse: ClickhouseApi, restoration: Copy, target: Any
) -> None:
    """A restore target that is no date-time of RFC 3339 is refused."""
    body = restore_body(clickhouse, restoration, restoreTarget=target)
    _refused(clickhouse, restoration, body, "the target is no date-time")


@requirement("CH-RESTORE-TARGET-RANGE", "CH-RESTORE-REJECT-NOTHING")
@pytest.mark.parametrize(
    "days", cases({"an-hour": 1 / 24, "a-day": 1, "a-year": 365}, {"a-day", "an-hour"})
)
@pytest.mark.parametrize("where", ["future", "before-creation"])
def test_a_target_outside_the_life_of_the_source_is_refused(
    clickhouse: ClickhouseApi, restoration: Copy, where: str, days: float
) -> None:
    """A restore target in the future or before the source was created is refused."""
    distance, source = timedelta(days=days), restoration.source
    begun = utc_time(source.get("createdAt"))
    if begun is None:
        raise NotTestable("the source does not show when it was created")
    now = server_time(clickhouse.get(source["id"]))
    target = now + distance if where == "future" else begun - distance
    text = f"{target.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    body = restore_body(clickhouse, restoration, restoreTarget=text)
    _refused(clickhouse, restoration, body, f"the target is {where}")


def _refused(clickhouse: ClickhouseApi, restoration: Copy, body: Any, rule: str) -> None:
    source = restoration.source["id"]
    judged = "CH-RESTORE-REJECT-NOTHING"
    expect_copy_refused(
        clickhouse, lambda: clickhouse.restore(source, body), body, rule, restoration, judged
    )
