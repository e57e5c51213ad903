"""Time series: the documented metrics, in buckets of a window that keeps the rules."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from starlette.testclient import TestClient

from pgassay.reference import SEED, Behaviour, Credentials, ManualClock, Settings, create_app
from pgassay.reference.clickhouse.rules import ClickhouseRules, MetricsRules
from pgassay.reference.clickhouse.services import timestamp

SERVICES = f"/v1/organizations/{SEED.organization}/postgres"
SEEDED = f"{SERVICES}/{SEED.service}/metrics"
MINIMAL = {"name": "orders", "provider": "aws", "region": "eu-west-2", "size": "r8gd.large"}
DAY = 86_400.0
KEYS = {
    "cpu_usage",
    "memory_usage",
    "disk_usage",
    "disk_io",
    "network_traffic",
    "connection_count",
    "cache_hit_ratio",
    "operation_throughput",
    "transactions",
    "deadlocks",
    "database_size",
}

Metric = dict[str, Any]
Read = Callable[..., list[Metric]]


def _window(start: float, end: float, **others: object) -> dict[str, str]:
    dates = {"from_date": timestamp(start), "to_date": timestamp(end)}
    return {**dates, **{name: str(value) for name, value in others.items()}}


def _points(metrics: list[Metric]) -> list[list[dict[str, float]]]:
    return [series["dataPoints"] for metric in metrics for series in metric["series"]]


@pytest.fixture
def read(api: TestClient, clock: ManualClock) -> Read:
    """Read the seeded service's metrics of so many seconds until now."""

    def read(seconds: float, **others: object) -> list[Metric]:
        now = clock.now()
        answer = api.get(SEEDED, params=_window(now - seconds, now, **others))
        assert answer.status_code == 200
        metrics: list[Metric] = answer.json()["result"]["metrics"]
        return metrics

    return read


def test_there_are_the_metrics_of_the_dashboard(read: Read) -> None:
    metrics = read(3600)
    assert {metric["key"] for metric in metrics} == KEYS
    assert len(metrics) == len(KEYS)
    assert all(_points(metrics))


@pytest.mark.parametrize("seconds", [1.5, 60, 249, 251, 3600, 5000, DAY, 2 * DAY, 31 * DAY])
def test_buckets_begin_in_the_window_at_multiples_of_their_size(
    read: Read, clock: ManualClock, seconds: float
) -> None:
    for points in _points(read(seconds)):
        times = [point["timestamp"] for point in points]
        assert 1 <= len(times) <= 250
        assert all(clock.now() - seconds <= time < clock.now() for time in times)
        steps = {after - before for before, after in pairwise(times)}
        assert len(steps) <= 1
        assert all(time % step == 0 for step in steps for time in times)


def test_the_start_of_a_window_belongs_to_it_and_the_end_does_not(api: TestClient) -> None:
    start = 1_779_900_000.0
    answer = api.get(SEEDED, params=_window(start, start + 600, bucket_size_seconds=300))
    for points in _points(answer.json()["result"]["metrics"]):
        assert [point["timestamp"] for point in points] == [start, start + 300]


def test_the_past_does_not_change(api: TestClient, clock: ManualClock) -> None:
    window = _window(clock.now() - DAY, clock.now() - 3600)
    before = api.get(SEEDED, params=window).json()["result"]
    clock.advance(3 * DAY)
    assert api.get(SEEDED, params=window).json()["result"] == before


def test_values_are_possible_ones(read: Read) -> None:
    for metric in read(2 * DAY):
        for points in _points([metric]):
            values = [point["value"] for point in points]
            assert all(value >= 0 for value in values)
            assert metric["unit"] != "%" or max(values) <= 100


def test_nothing_is_measured_before_a_service_exists_or_after_now(
    api: TestClient, clock: ManualClock
) -> None:
    service = api.post(SERVICES, json=MINIMAL).json()["result"]["id"]
    path, born = f"{SERVICES}/{service}/metrics", clock.now()
    window = _window(born - 3600, born + 3600, bucket_size_seconds=60)
    assert not any(_points(api.get(path, params=window).json()["result"]["metrics"]))
    clock.advance(600)
    for points in _points(api.get(path, params=window).json()["result"]["metrics"]):
        times = [point["timestamp"] for point in points]
        assert min(times) > born - 60
        assert max(times) <= clock.now()
    window = _window(born - 7200, born - 3600)
    assert not any(_points(api.get(path, params=window).json()["result"]["metrics"]))


def test_too_many_points_are_refused_or_the_bucket_is_widened(
    api: TestClient, clock: ManualClock, credentials: Credentials
) -> None:
    window = _window(clock.now() - 2510, clock.now(), bucket_size_seconds=10)
    refusal = api.get(SEEDED, params=window)
    assert refusal.status_code == 400
    assert "bucket_size_seconds" in refusal.json()["error"]
    widening = replace(ClickhouseRules(), metrics=MetricsRules(widens=True))
    app = create_app(Settings(credentials), clock, behaviour=Behaviour(clickhouse=widening))
    with TestClient(app) as lenient:
        lenient.auth = (credentials.key("main").key_id, credentials.key("main").secret)
        answer = lenient.get(SEEDED, params=window)
        assert all(0 < len(points) <= 250 for points in _points(answer.json()["result"]["metrics"]))


@pytest.mark.parametrize(
    ("start", "end"),
    [
        pytest.param(-3600.0, -3600.0, id="empty"),
        pytest.param(-3600.0, -7200.0, id="backwards"),
        pytest.param(-30 * DAY, 1 * DAY + 1, id="longer than 31 days"),
        pytest.param(-32 * DAY, -10 * DAY, id="older than 31 days"),
    ],
)
def test_a_window_that_is_not_served_is_refused(
    api: TestClient, clock: ManualClock, start: float, end: float
) -> None:
    window = _window(clock.now() + start, clock.now() + end)
    assert api.get(SEEDED, params=window).status_code == 400


@pytest.mark.parametrize(
    "query",
    [
        "",
        "from_date=2026-05-28T19:00:00Z",
        "to_date=2026-05-28T20:00:00Z",
        "from_date=&to_date=2026-05-28T20:00:00Z",
        "from_date=yesterday&to_date=2026-05-28T20:00:00Z",
        "from_date=2026-05-28T19:00:00+02:00&to_date=2026-05-28T20:00:00Z",
        "from_date=%FF&to_date=2026-05-28T20:00:00Z",
        *(
            f"from_date=2026-05-28T19:00:00Z&to_date=2026-05-28T20:00:00Z&{more}"
            for more in (
                "bucket_size_seconds=0",
                "bucket_size_seconds=-1",
                "bucket_size_seconds=abc",
                "bucket_size_seconds=1.5",
                "bucket_size_seconds=+60",
                "bucket_size_seconds=",
                "bucket_size_seconds=60&bucket_size_seconds=60",
                f"bucket_size_seconds={'9' * 100}",
                f"bucket_size_seconds={'9' * 5000}",
                "from_date=2026-05-28T19:00:00Z",
            )
        ),
    ],
)
def test_a_bad_query_string_is_refused(api: TestClient, query: str) -> None:
    answer = api.get(f"{SEEDED}?{query}")
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("BAD_REQUEST: ")


def test_unknown_parameters_are_ignored(api: TestClient) -> None:
    query = "from_date=2026-05-28T21:00:00%2B02:00&to_date=2026-05-28t20:00:00.123456z&more=&more=1"
    assert api.get(f"{SEEDED}?{query}").status_code == 200


def test_one_form_of_timestamps_can_be_asked_for(
    clock: ManualClock, credentials: Credentials
) -> None:
    rules = replace(ClickhouseRules(), milliseconds_only=True)
    app = create_app(Settings(credentials), clock, behaviour=Behaviour(clickhouse=rules))
    with TestClient(app) as api:
        api.auth = (credentials.key("main").key_id, credentials.key("main").secret)
        for form, status in ((".000Z", 200), ("Z", 400)):
            dates = {"from_date": f"2026-05-28T19:00:00{form}", "to_date": timestamp(clock.now())}
            assert api.get(SEEDED, params=dates).status_code == status
