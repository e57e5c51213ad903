"""Slow query patterns: sorted, filtered, in pages that fit, with executions that add up."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from starlette.testclient import TestClient

from pgassay.reference import SEED, Behaviour, Credentials, ManualClock, Settings, create_app
from pgassay.reference.clickhouse.insights import FILTERS, SORT_KEYS
from pgassay.reference.clickhouse.rules import ClickhouseRules, InsightRules
from pgassay.reference.clickhouse.services import timestamp

SERVICES = f"/v1/organizations/{SEED.organization}/postgres"
SEEDED = f"{SERVICES}/{SEED.service}/slowQueryPatterns"
MINIMAL = {"name": "orders", "provider": "aws", "region": "eu-west-2", "size": "r8gd.large"}
DAY = 86_400.0

Pattern = dict[str, Any]
Read = Callable[..., list[Pattern]]


def _identity(pattern: Pattern) -> dict[str, str]:
    return {name: pattern[FILTERS[name]] for name in ("db_name", "db_user", "db_operation")}


@contextmanager
def _variant(clock: ManualClock, credentials: Credentials, rules: InsightRules) -> Iterator[Any]:
    behaviour = Behaviour(clickhouse=replace(ClickhouseRules(), insights=rules))
    with TestClient(create_app(Settings(credentials), clock, behaviour=behaviour)) as api:
        api.auth = (credentials.key("main").key_id, credentials.key("main").secret)
        yield api


@pytest.fixture
def window(clock: ManualClock) -> dict[str, str]:
    """Name a window that has passed."""
    return {
        "from_date": timestamp(clock.now() - 2 * DAY),
        "to_date": timestamp(clock.now() - 600),
    }


@pytest.fixture
def read(api: TestClient, window: dict[str, str]) -> Read:
    """Read the seeded service's patterns of the window."""

    def read(**others: object) -> list[Pattern]:
        answer = api.get(SEEDED, params={**window, **others})
        assert answer.status_code == 200
        patterns: list[Pattern] = answer.json()["result"]
        return patterns

    return read


def test_the_default_is_twenty_patterns_by_total_duration(read: Read) -> None:
    totals = [pattern["totalDurationUs"] for pattern in read()]
    assert len(totals) == 20
    assert totals == sorted(totals, reverse=True)


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("key", SORT_KEYS)
def test_patterns_are_sorted_and_pages_make_up_the_whole(read: Read, key: str, order: str) -> None:
    sort = {"sort_by": key, "sort_order": order}
    whole = read(**sort, limit=500)
    assert 15 < len(whole) < 30
    values = [pattern[SORT_KEYS[key]] for pattern in whole]
    assert values == sorted(values, reverse=order == "desc")
    pages = [read(**sort, limit=15, offset=offset) for offset in (0, 15, 30)]
    assert [pattern for page in pages for pattern in page] == whole


@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_leaves_what_is_equal(read: Read, name: str) -> None:
    whole = read(limit=500)
    values = {pattern[FILTERS[name]] for pattern in whole}
    assert len(values) > 1
    for value in values:
        wanted = [pattern for pattern in whole if pattern[FILTERS[name]] == value]
        assert read(limit=500, **{name: value}) == wanted
        assert read(limit=500, **{name: value.swapcase()}) == []


def test_the_figures_of_a_pattern_add_up(read: Read) -> None:
    for pattern in read(limit=500):
        durations = [pattern[f"{name}DurationUs"] for name in ("p50", "p95", "p99", "max")]
        assert durations == sorted(durations)
        average, calls = pattern["avgDurationUs"], pattern["callCount"]
        assert average <= pattern["maxDurationUs"] <= pattern["totalDurationUs"]
        assert 0 <= pattern["totalDurationUs"] - average * calls < calls
        assert 0 <= pattern["errorCount"] <= calls
        assert 0 < pattern["totalCpuTimeUs"] <= pattern["totalDurationUs"]


def test_a_window_that_has_passed_stays_the_same(read: Read, clock: ManualClock) -> None:
    before = read(limit=500)
    clock.advance(4 * DAY)
    assert read(limit=500) == before
    clock.advance(5 * DAY)
    assert read(limit=500) == []


def test_two_halves_of_a_window_make_up_the_whole(read: Read, clock: ManualClock) -> None:
    middle = timestamp(clock.now() - DAY)
    halves = read(limit=500, to_date=middle) + read(limit=500, from_date=middle)
    whole = read(limit=500)
    assert sum(one["callCount"] for one in halves) == sum(one["callCount"] for one in whole)


def test_a_service_has_no_patterns_before_it_runs(api: TestClient, clock: ManualClock) -> None:
    service = api.post(SERVICES, json=MINIMAL).json()["result"]["id"]
    path, born = f"{SERVICES}/{service}/slowQueryPatterns", clock.now()
    window = {"from_date": timestamp(born - DAY), "to_date": timestamp(born + DAY), "limit": "500"}
    assert api.get(path, params=window).json()["result"] == []
    clock.advance(301)
    few = api.get(path, params=window).json()["result"]
    assert 0 < len(few) <= 5
    earlier = {**window, "to_date": timestamp(born + 300)}
    assert api.get(path, params=earlier).json()["result"] == []


def test_identifiers_are_signed_numbers_of_64_bits(read: Read) -> None:
    numbers = [int(pattern["queryId"]) for pattern in read(limit=500)]
    assert min(numbers) < 0 < max(numbers)
    assert all(-(2**63) <= number < 2**63 for number in numbers)


def test_a_pattern_has_its_latest_executions(api: TestClient, read: Read) -> None:
    for pattern in read(limit=500):
        answer = api.get(f"{SEEDED}/{pattern['queryId']}", params=_identity(pattern))
        detail = answer.json()["result"]
        executions = detail["recentExecutions"]
        aggregate = detail["aggregate"]
        assert {**aggregate, **_shared(pattern)} == aggregate
        assert len(executions) == min(10, aggregate["callCount"])
        times = [execution["timestamp"] for execution in executions]
        assert times == sorted(times, reverse=True)
        for execution in executions:
            assert {**execution, **_shared(pattern)} == execution
            assert execution["durationUs"] <= aggregate["maxDurationUs"]
            assert execution["cpuUserTimeUs"] + execution["cpuSysTimeUs"] <= execution["durationUs"]


def test_an_execution_is_found_by_the_time_that_it_shows(api: TestClient, read: Read) -> None:
    pattern = read(limit=1)[0]
    path, identity = f"{SEEDED}/{pattern['queryId']}", _identity(pattern)
    executions = api.get(path, params=identity).json()["result"]["recentExecutions"]
    for execution in executions:
        at = {**identity, "timestamp": execution["timestamp"]}
        assert api.get(path, params=at).json()["result"]["recentExecutions"] == [execution]
    never = {**identity, "timestamp": "2026-05-28T00:00:00.000001Z"}
    assert api.get(path, params=never).json()["result"]["recentExecutions"] == []


def test_failed_executions_say_why(
    clock: ManualClock, credentials: Credentials, read: Read
) -> None:
    pattern = read(sort_by="error_count", limit=1)[0]
    with _variant(clock, credentials, InsightRules(executions=1000)) as api:
        answer = api.get(f"{SEEDED}/{pattern['queryId']}", params=_identity(pattern))
    detail = answer.json()["result"]
    failed = [one for one in detail["recentExecutions"] if "errMessage" in one]
    assert 0 < len(failed) == detail["aggregate"]["errorCount"]
    assert {(one["errSqlstate"], one["errElevel"], one["rows"]) for one in failed} == {
        ("57014", 21, 0)
    }


@pytest.mark.parametrize("change", ["db_name", "db_user", "db_operation", "app"])
def test_all_that_is_given_identifies_a_pattern(api: TestClient, read: Read, change: str) -> None:
    pattern = read(limit=1)[0]
    path = f"{SEEDED}/{pattern['queryId']}"
    right = {**_identity(pattern), "app": pattern["app"]}
    assert "aggregate" in api.get(path, params=right).json()["result"]
    wrong = {**right, change: "other"}
    assert api.get(path, params=wrong).json()["result"] == {"recentExecutions": []}


@pytest.mark.parametrize("query_id", ["0", "-1", "abc", "-"])
def test_an_unknown_identifier_is_empty_or_not_found(
    api: TestClient, clock: ManualClock, credentials: Credentials, query_id: str
) -> None:
    identity = {"db_name": "shop", "db_user": "shop_app", "db_operation": "SELECT"}
    answer = api.get(f"{SEEDED}/{query_id}", params=identity)
    assert answer.json()["result"] == {"recentExecutions": []}
    with _variant(clock, credentials, InsightRules(refuses_unknown=True)) as strict:
        assert strict.get(f"{SEEDED}/{query_id}", params=identity).status_code == 404


def test_durations_can_have_fractions(
    clock: ManualClock, credentials: Credentials, window: dict[str, str]
) -> None:
    with _variant(clock, credentials, InsightRules(fractional_durations=True)) as live:
        pattern = live.get(SEEDED, params=window).json()["result"][0]
    assert pattern["avgDurationUs"] % 1
    assert pattern["totalRows"] % 1 == 0


@pytest.mark.parametrize(
    "more",
    [
        "limit=0",
        "limit=501",
        "limit=-1",
        "limit=",
        "limit=20.0",
        "limit=1&limit=1",
        "offset=-1",
        "offset=none",
        "sort_by=name",
        "sort_by=",
        "sort_order=DESC",
        "db_name=",
        "app=web&app=web",
        "to_date=2026-05-28T20:00:00Z",
    ],
)
def test_a_bad_query_string_is_refused(api: TestClient, more: str) -> None:
    dates = "from_date=2026-05-28T19:00:00Z&to_date=2026-05-28T20:00:00Z"
    answer = api.get(f"{SEEDED}?{dates}&{more}")
    assert answer.status_code == 400
    assert more.partition("=")[0] in answer.json()["error"]


@pytest.mark.parametrize("missing", ["db_name", "db_user", "db_operation"])
def test_a_detail_needs_all_that_identifies_a_pattern(api: TestClient, missing: str) -> None:
    identity = {"db_name": "shop", "db_user": "shop_app", "db_operation": "SELECT"}
    identity.pop(missing)
    answer = api.get(f"{SEEDED}/1", params=identity)
    assert answer.status_code == 400
    assert missing in answer.json()["error"]


def _shared(pattern: Pattern) -> dict[str, str]:
    members = ("queryId", "queryText", "dbName", "dbUser", "dbOperation", "app")
    return {member: pattern[member] for member in members}
