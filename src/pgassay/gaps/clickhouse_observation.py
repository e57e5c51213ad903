"""Which way a ClickHouse Cloud server goes with metrics, slow queries and Prometheus."""

import re
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import parse_qs, urlsplit

from pgassay.exchange import Json
from pgassay.gaps.observing import Observers
from pgassay.gaps.seen import Seen

OBSERVERS: Final = Observers()

_METRICS: Final = "postgresInstanceMetricsGet"
_QUERIES: Final = "slowQueryPatternsGetList"
_PROMETHEUS: Final = ("postgresOrgPrometheusGet", "postgresInstancePrometheusGet")
_MILLISECONDS: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_DURATIONS: Final = re.compile(r"(total|avg|max|p50|p95|p99)DurationUs")
#: Members that the document requires of a pattern and its own examples leave out.
_FORGOTTEN: Final = ("app", "errorCount", "totalRows", "totalCpuTimeUs", "totalWalBytes")
_MOST_POINTS: Final = 250
#: Parameters that no server refuses beside a window that it reads.
_PLAIN: Final = frozenset({"from_date", "to_date", "bucket_size_seconds", "limit"})


def _query(seen: Seen) -> dict[str, str]:
    query = urlsplit(seen.exchange.request.path).query
    return {name: values[-1] for name, values in parse_qs(query).items()}


def _window(seen: Seen) -> timedelta | None:
    """The length of the window that a query names; None where it names none from past to now."""
    query = _query(seen)
    try:
        begin, end = (datetime.fromisoformat(query[name]) for name in ("from_date", "to_date"))
        length = end - begin
    except (KeyError, ValueError, TypeError):
        return None
    return length if length > timedelta() else None


@OBSERVERS.of("GAP-CH-QUERY-TIMES", _METRICS, _QUERIES)
def _query_times(seen: Seen) -> str | None:
    query, length = _query(seen), _window(seen)
    if not query.keys() <= _PLAIN or length is None or not seen.main or _too_many(seen):
        return None
    if all(_MILLISECONDS.fullmatch(query[name]) for name in ("from_date", "to_date")):
        return None
    ordinary = length <= timedelta(hours=1)
    return seen.outcome("rfc3339", "milliseconds") if ordinary else None


@OBSERVERS.of("GAP-CH-METRICS-TOO-MANY-POINTS", _METRICS)
def _too_many_points(seen: Seen) -> str | None:
    return seen.outcome("widened", "refused") if _too_many(seen) else None


def _too_many(seen: Seen) -> bool:
    """Tell whether the window has more buckets than a series may have points."""
    length, bucket = _window(seen), _query(seen).get("bucket_size_seconds", "")
    if length is None or not bucket.isdecimal() or int(bucket) == 0:
        return False
    return length.total_seconds() > _MOST_POINTS * int(bucket)


def _patterns(seen: Seen) -> list[dict[str, Json]]:
    items = seen.shown if seen.accepted and isinstance(seen.shown, list) else []
    return [item for item in items if isinstance(item, dict)]


@OBSERVERS.of("GAP-CH-DURATIONS", _QUERIES)
def _durations(seen: Seen) -> str | None:
    figures = [
        value for item in _patterns(seen) for name, value in item.items()
        if _DURATIONS.fullmatch(name)
    ]  # fmt: skip
    if not figures:
        return None
    return "fractions" if any(isinstance(value, float) for value in figures) else "whole"


@OBSERVERS.of("GAP-CH-SLOW-QUERY-MEMBERS", _QUERIES)
def _slow_query_members(seen: Seen) -> str | None:
    patterns = _patterns(seen)
    if not patterns:
        return None
    complete = all(name in item for item in patterns for name in _FORGOTTEN)
    return "complete" if complete else "partial"


@OBSERVERS.of("GAP-CH-UNKNOWN-QUERY", "slowQueryPatternGet")
def _unknown_query(seen: Seen) -> str | None:
    asked = {"db_name", "db_user", "db_operation"} <= _query(seen).keys()
    if not asked or not seen.main or not seen.before or seen.gone:
        return None
    if seen.status == 404:
        return "not-found"
    detail = seen.accepted and bool(seen.showing)
    return "empty" if detail and "aggregate" not in seen.showing else None


@OBSERVERS.of("GAP-CH-PROMETHEUS-PATH")
def _prometheus_path(seen: Seen) -> str | None:
    if not seen.accepted or seen.exchange.request.method != "GET":
        return None
    if re.search(r"/postgres/prometheus/[^/]+$", seen.path):
        return "before-the-id"
    return "after-the-id" if seen.operation == _PROMETHEUS[1] else None


@OBSERVERS.of("GAP-CH-PROMETHEUS-CHARSET", *_PROMETHEUS)
def _prometheus_charset(seen: Seen) -> str | None:
    if not seen.accepted:
        return None
    announced = seen.exchange.headers.get("content-type", "").lower()
    return "with-charset" if "charset=" in announced else "without"
