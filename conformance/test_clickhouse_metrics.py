"""clickhouse metrics: time series of a window, in buckets."""

from datetime import timedelta
from typing import Any

import pytest

from pgassay.check import every_case, requirement
from pgassay.deviation import NotTestable
from pgassay.expectation import expect, expect_equal, expect_status
from pgassay.families import ClickhouseApi
from pgassay.families.clickhouse import result
from pgassay.families.observation_expectations import (
    INTRUDERS,
    expect_every_form,
    expect_no_moment_read,
    expect_out_of_reach,
    expect_queries_refused,
    measured,
)
from pgassay.values.metrics import COVERED, MOST_POINTS, metrics_of, series_of
from pgassay.values.timestamps import utc_time
from pgassay.values.windows import moment, the_last

#: Seconds of the buckets that are asked for; an hour has 60 of them.
BUCKET = 60
HOUR = timedelta(hours=1)


@requirement("CH-METRICS-WINDOW")
@pytest.mark.parametrize("missing", ["from_date", "to_date"])
def test_metrics_need_a_window(clickhouse: ClickhouseApi, observed: str, missing: str) -> None:
    """A request without one of the borders is refused."""
    fault: dict[str, str | None] = {missing: None}
    expect_queries_refused(
        lambda query: clickhouse.metrics(observed, query),
        few_points(),
        {f"{missing} is missing": fault},
    )


@every_case
@requirement("CH-METRICS-WINDOW")
@pytest.mark.parametrize(
    ("length", "bucket"),
    [
        pytest.param(length, bucket, id=f"{length.total_seconds():.0f}-{bucket}")
        for length, bucket in [
            (timedelta(seconds=MOST_POINTS), "1"),
            (timedelta(seconds=MOST_POINTS + 1), "1"),
            (timedelta(hours=1), ""),
            (timedelta(hours=1), "1"),
            (timedelta(hours=1), "15"),
            (timedelta(days=1), ""),
            (timedelta(days=1), "60"),
            (timedelta(days=7), ""),
            (timedelta(days=7), "300"),
        ]
    ],
)
def test_a_series_has_at_most_250_points(
    clickhouse: ClickhouseApi, observed: str, length: timedelta, bucket: str
) -> None:
    """A series has at most 250 points: so many are given, of more buckets no more than that."""
    asked = {"bucket_size_seconds": bucket} if bucket else {}
    exchange = clickhouse.metrics(observed, the_last(length, **asked))
    if exchange.rejected and bucket and length.total_seconds() > MOST_POINTS * int(bucket):
        return  # the documents leave open whether too many buckets are refused or widened
    expect_status(exchange, 200)
    longest = max((len(series.points) for series in series_of(result(exchange))), default=0)
    expect(
        longest <= MOST_POINTS,
        "a series is too long",
        expected=f"at most {MOST_POINTS} points",
        actual=f"{longest} points",
        exchange=exchange,
    )


@requirement("CH-METRICS-BUCKET")
def test_a_bucket_size_that_is_no_count_is_refused(
    clickhouse: ClickhouseApi, observed: str
) -> None:
    """Bucket sizes other than whole numbers from 1 on are refused."""
    faults = {
        f"the bucket size is {text or 'empty'}": {"bucket_size_seconds": text}
        for text in ("0", "-1", "abc", "1.5", "")
    }
    twin = few_points()
    expect_queries_refused(lambda query: clickhouse.metrics(observed, query), twin, dict(faults))


@requirement("CH-METRICS-RANGE")
def test_points_lie_in_the_window(clickhouse: ClickhouseApi, observed: str) -> None:
    """No point is older than the bucket of from_date, and none as young as to_date."""
    query, series, exchange = measured(clickhouse, observed, HOUR - timedelta(seconds=17), BUCKET)
    begin, end = (utc_time(query[border]) for border in ("from_date", "to_date"))
    assert begin is not None and end is not None  # noqa: PT018 - written above
    low, high = begin.timestamp() - BUCKET, end.timestamp()
    strays = [f"{each} at {at}" for each in series for at in each.times if not low < at < high]
    expect_equal(strays, [], "the list of points outside the window", exchange)


@requirement("CH-METRICS-TIME-ORDERED")
@pytest.mark.parametrize("bucket", [None, BUCKET])
def test_points_are_in_the_order_of_time(
    clickhouse: ClickhouseApi, observed: str, bucket: int | None
) -> None:
    """From one point of a series to the next, time goes on."""
    _, series, exchange = measured(clickhouse, observed, HOUR, bucket)
    unordered = [str(each) for each in series if list(each.times) != sorted(set(each.times))]
    expect_equal(unordered, [], "the list of series that are not in the order of time", exchange)


@requirement("CH-METRICS-SPACING")
def test_points_stand_a_bucket_apart(clickhouse: ClickhouseApi, observed: str) -> None:
    """Between two points of a series lie whole buckets of the size that was asked for."""
    _, series, exchange = measured(clickhouse, observed, HOUR, BUCKET)
    crooked = [
        str(each) for each in series if any((at - each.times[0]) % BUCKET for at in each.times)
    ]
    expect_equal(crooked, [], "the list of series with other buckets", exchange)


@requirement("CH-METRICS-KEYS")
def test_metrics_and_series_are_told_apart(clickhouse: ClickhouseApi, observed: str) -> None:
    """Keys of metrics are unique in an answer, labels of series in a metric."""
    _, series, exchange = measured(clickhouse, observed, HOUR)
    keys = [metric.get("key") for metric in metrics_of(result(exchange))]
    expect_equal(sorted(set(keys)), sorted(keys), "the list of keys without repetition", exchange)
    names = [str(each) for each in series]
    expect_equal(sorted(set(names)), sorted(names), "the list of series", exchange)


@requirement("CH-METRICS-TOPICS")
def test_metrics_cover_what_they_are_documented_to(
    clickhouse: ClickhouseApi, observed: str
) -> None:
    """The metrics of a running service cover every topic of the description."""
    _, _, exchange = measured(clickhouse, observed, HOUR)
    texts = [
        f"{metric.get('key')} {metric.get('name')}".lower()
        for metric in metrics_of(result(exchange))
    ]
    missing = [
        name
        for name, words in COVERED.items()
        if not any(word in text for word in words for text in texts)
    ]
    expect_equal(missing, [], "the list of topics that no metric is about", exchange)


@requirement("CH-METRICS-PLAUSIBLE")
def test_values_are_possible(clickhouse: ClickhouseApi, observed: str) -> None:
    """Shares lie between 0 and 100 %, nothing is negative."""
    _, series, exchange = measured(clickhouse, observed, HOUR)
    impossible = [
        f"{each}: {value:g} {each.unit}"
        for each in series
        for _, value in each.points
        if value < 0 or (each.unit == "%" and value > 100)
    ]
    expect_equal(impossible, [], "the list of impossible values", exchange)


@requirement("CH-METRICS-EMPTY-WINDOW")
@pytest.mark.parametrize("length", [timedelta(0), timedelta(hours=-1)], ids=["none", "negative"])
def test_a_window_without_length_is_refused(
    clickhouse: ClickhouseApi, observed: str, length: timedelta
) -> None:
    """A window that ends when or before it begins is refused."""
    faults: dict[str, str | None] = dict(the_last(length))
    expect_queries_refused(
        lambda query: clickhouse.metrics(observed, query),
        few_points(),
        {"the window has no length": faults},
    )


@requirement("CH-METRICS-TIMESTAMP-FORMS")
def test_the_window_is_read_in_every_form(clickhouse: ClickhouseApi, observed: str) -> None:
    """Both borders are read with and without fractions, with Z and with numeric offsets."""
    expect_every_form(lambda query: clickhouse.metrics(observed, few_points() | query))


@requirement("CH-METRICS-TIMESTAMP-INVALID")
def test_a_border_that_is_no_moment_is_refused(clickhouse: ClickhouseApi, observed: str) -> None:
    """Texts that are no RFC 3339 date-time are refused as borders of the window."""
    expect_no_moment_read(lambda query: clickhouse.metrics(observed, query), few_points())


@requirement("CH-METRICS-TIMESTAMP-ROUND-TRIP")
def test_a_shown_time_is_read_as_a_border(clickhouse: ClickhouseApi, service: Any) -> None:
    """createdAt, as GET and the list show it, is read as the end of a window."""
    for item in (clickhouse.shown(service["id"]), clickhouse.listed_once(service["id"])):
        shown = item.get("createdAt")
        created = utc_time(shown)
        if created is None:
            raise NotTestable(f"createdAt is no RFC 3339 time in UTC: {shown}")
        window = few_points() | {"from_date": moment(created - HOUR), "to_date": str(shown)}
        exchange = clickhouse.metrics(service["id"], window)
        expect_status(exchange, 200, title=f"createdAt {shown} is not read as to_date")


@requirement("CH-METRICS-ACCESS")
@pytest.mark.parametrize("intruder", INTRUDERS)
def test_metrics_are_out_of_reach(clickhouse: ClickhouseApi, observed: str, intruder: str) -> None:
    """Nobody else gets the metrics, and a service that does not exist has none."""
    expect_out_of_reach(clickhouse, observed, "metrics", few_points(), intruder)


def few_points() -> dict[str, str]:
    """The query of a window of few buckets, for where the figures do not matter."""
    return the_last(timedelta(minutes=5), bucket_size_seconds=str(BUCKET))
