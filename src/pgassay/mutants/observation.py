# ruff: noqa: D102 - what an overridden method does wrong is said by its class
"""Faults in the metrics of a service, and in the windows of time that queries name."""

from collections.abc import Callable
from dataclasses import replace

from pgassay.mutants.mutant import Faults, Mutant
from pgassay.reference import Behaviour
from pgassay.reference.clickhouse.metrics import Metric, Window
from pgassay.reference.clickhouse.reading import Reading
from pgassay.reference.clickhouse.rules import ClickhouseRules, MetricsRules
from pgassay.reference.clickhouse.service import ClickhouseService
from pgassay.reference.clickhouse.workload import Execution, Pattern
from pgassay.reference.http import ApiError
from pgassay.reference.query_string import QueryString
from pgassay.reference.store import Document
from pgassay.reference.timestamps import MICROSECONDS

FAULTS = Faults()


@FAULTS.clickhouse("CH-METRICS-WINDOW", "CH-SLOW-QUERIES-WINDOW")
class WindowOptional(ClickhouseService):
    """A query without a border of the window gets the last hour."""

    def window(self, query: QueryString) -> Window:
        if query.text("from_date") is None or query.text("to_date") is None:
            return self.last_hour()
        return super().window(query)

    def last_hour(self) -> Window:
        now = int(self.clock.now()) * MICROSECONDS
        return Window(now - 3600 * MICROSECONDS, now)


@FAULTS.clickhouse("CH-METRICS-TIMESTAMP-INVALID", "CH-SLOW-QUERIES-TIMESTAMP-INVALID")
class StrangeTimesRead(WindowOptional):
    """A window whose borders are no times is the last hour."""

    def window(self, query: QueryString) -> Window:
        query.required_text("from_date")
        query.required_text("to_date")
        try:
            return super().window(query)
        except ApiError:
            return self.last_hour()


@FAULTS.clickhouse("CH-METRICS-EMPTY-WINDOW")
class EmptyWindowAccepted(ClickhouseService):
    """A window may end before it begins."""

    def window(self, query: QueryString) -> Window:
        return Window(query.required_moment("from_date"), query.required_moment("to_date"))


@FAULTS.clickhouse("CH-METRICS-BUCKET")
class StrangeBucketsIgnored(ClickhouseService):
    """A bucket size that is none is passed over."""

    def bucket_size(self, query: QueryString, window: Window) -> int:
        try:
            return super().bucket_size(query, window)
        except ApiError:
            return self.derived_bucket(window)


@FAULTS.clickhouse("CH-METRICS-RANGE")
class PointsBeyondTheWindow(ClickhouseService):
    """Series go on for an hour after the end of the window."""

    def buckets(self, document: Document, window: Window, size: int) -> list[int]:
        end = window.end // MICROSECONDS
        return [*super().buckets(document, window, size), end + 1800, end + 3600]


@FAULTS.clickhouse("CH-METRICS-TIME-ORDERED")
class NewestPointFirst(ClickhouseService):
    """Series begin with their newest point."""

    def data_points(
        self, value: Callable[[Reading], float], buckets: list[int], readings: list[Reading]
    ) -> list[Document]:
        return super().data_points(value, buckets, readings)[::-1]


@FAULTS.clickhouse("CH-METRICS-SPACING")
class BucketsUneven(ClickhouseService):
    """Every third bucket begins seven seconds late."""

    def buckets(self, document: Document, window: Window, size: int) -> list[int]:
        even = super().buckets(document, window, size)
        return [start + 7 * (index % 3 == 2) for index, start in enumerate(even)]


@FAULTS.clickhouse("CH-METRICS-KEYS")
class SeriesUnlabelled(ClickhouseService):
    """The series of a metric have no label that tells them apart."""

    def metric(self, metric: Metric, buckets: list[int], readings: list[Reading]) -> Document:
        shown = super().metric(metric, buckets, readings)
        return {**shown, "series": [{**series, "label": "value"} for series in shown["series"]]}


@FAULTS.clickhouse("CH-METRICS-TOPICS")
class MemoryLeftOut(ClickhouseService):
    """There is no metric about memory."""

    def metrics(self, document: Document, query: QueryString) -> Document:
        shown = super().metrics(document, query)["metrics"]
        return {"metrics": [metric for metric in shown if "memory" not in metric["key"]]}


@FAULTS.clickhouse("CH-METRICS-PLAUSIBLE")
class SharesOfTenThousand(ClickhouseService):
    """Shares are in hundredths of a percent and called percent."""

    def data_points(
        self, value: Callable[[Reading], float], buckets: list[int], readings: list[Reading]
    ) -> list[Document]:
        points = super().data_points(value, buckets, readings)
        return [{**point, "value": 100 * point["value"]} for point in points]


class _SevenDigits(ClickhouseService):
    def summary(self, document: Document) -> Document:
        shown = super().summary(document)
        return shown | {"createdAt": shown["createdAt"].replace("Z", "0000Z")}

    def execution(self, document: Document, pattern: Pattern, one: Execution) -> Document:
        shown = super().execution(document, pattern, one)
        return shown | {"timestamp": shown["timestamp"].replace("Z", "0000Z")}


_MILLISECONDS = Behaviour(replace(ClickhouseRules(), milliseconds_only=True))
_UNCAPPED = Behaviour(replace(ClickhouseRules(), metrics=MetricsRules(points=10_000)))

RULES = (
    Mutant(
        "SeriesUncapped",
        "A series has as many points as there are buckets.",
        ("CH-METRICS-WINDOW",),
        behaviour=_UNCAPPED,
    ),
    Mutant(
        "MillisecondsOnly",
        "Times are read with three digits and Z, and in no other form.",
        ("CH-METRICS-TIMESTAMP-FORMS", "CH-SLOW-QUERIES-TIMESTAMP-FORMS"),
        behaviour=_MILLISECONDS,
    ),
    Mutant(
        "ShownTimesUnread",
        "Times are shown with seven digits and read with three.",
        ("CH-METRICS-TIMESTAMP-ROUND-TRIP", "CH-SLOW-QUERIES-TIMESTAMP-ROUND-TRIP"),
        behaviour=_MILLISECONDS,
        clickhouse=_SevenDigits,
    ),
)
