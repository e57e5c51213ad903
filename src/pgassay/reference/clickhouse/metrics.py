"""Time series of a service's metrics, in buckets (OpenAPI: PostgresMetrics)."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from pgassay.reference.clickhouse.backend import steady_number
from pgassay.reference.clickhouse.prometheus import Monitoring
from pgassay.reference.clickhouse.reading import MODES, Reading, never_ran
from pgassay.reference.http import bad_request
from pgassay.reference.query_string import QueryString, refused
from pgassay.reference.store import Document
from pgassay.reference.timestamps import MICROSECONDS

_GIB = 1024**3
_DAY = 86_400

Series = Mapping[str, Callable[[Reading], float]]


@dataclass(frozen=True, slots=True)
class Window:
    """A span of time in microseconds since the epoch: `start` belongs to it, `end` does not."""

    start: int
    end: int

    @property
    def seconds(self) -> float:
        """How long the window is."""
        return (self.end - self.start) / MICROSECONDS

    def multiples(self, step: int) -> range:
        """Return the multiples of so many seconds that lie in the window, in seconds."""
        first = -(-self.start // (step * MICROSECONDS)) * step
        return range(first, -(-self.end // MICROSECONDS), step)


@dataclass(frozen=True, slots=True)
class Metric:
    """One panel of the service's dashboard; `even` ones do not follow the time of day."""

    key: str
    name: str
    unit: str
    description: str
    series: Series
    even: bool = False


def _rate(name: str) -> Callable[[Reading], float]:
    return lambda reading: reading.rate(name)


def _rates(**names: str) -> Series:
    return {label: _rate(name) for label, name in names.items()}


def _cpu(share: float) -> Callable[[Reading], float]:
    return lambda reading: reading.percent(100 * share)


METRICS: tuple[Metric, ...] = (
    Metric(
        "cpu_usage",
        "CPU usage",
        "%",
        "Share of the CPU time spent in each mode.",
        {mode: _cpu(MODES[mode]) for mode in ("user", "system", "iowait")},
    ),
    Metric(
        "memory_usage",
        "Memory usage",
        "%",
        "Share of the memory in use.",
        {"Used Memory": lambda r: r.percent(90), "Cache & Buffers": lambda r: r.percent(70)},
    ),
    Metric(
        "disk_usage",
        "Disk usage",
        "%",
        "Share of the disk in use.",
        {"Used Space": lambda r: r.percent(60)},
        even=True,
    ),
    Metric(
        "disk_io",
        "Disk operations",
        "IOPS",
        "Disk operations a second.",
        _rates(Reads="disk_reads", Writes="disk_writes"),
    ),
    Metric(
        "network_traffic",
        "Network traffic",
        "bytes/s",
        "Bytes that crossed the network a second.",
        _rates(Received="received_bytes", Transmitted="transmitted_bytes"),
    ),
    Metric(
        "connection_count",
        "Connections",
        "count",
        "Connections that are open.",
        {
            "Active": lambda r: r.connections()["active"],
            "Total": lambda r: sum(r.connections().values()),
        },
    ),
    Metric(
        "cache_hit_ratio",
        "Cache hit ratio",
        "%",
        "Share of the blocks that were found in the buffer cache.",
        {"Cache Hit Ratio": Reading.cache_hit_ratio},
    ),
    Metric(
        "operation_throughput",
        "Operation throughput",
        "ops/s",
        "Rows handled a second, by operation.",
        _rates(
            Fetch="tuples_fetched",
            Insert="tuples_inserted",
            Update="tuples_updated",
            Delete="tuples_deleted",
        ),
    ),
    Metric(
        "transactions",
        "Transactions",
        "count/s",
        "Transactions that ended a second.",
        _rates(Commits="commits", Rollbacks="rollbacks"),
    ),
    Metric(
        "deadlocks",
        "Deadlocks",
        "deadlocks/s",
        "Deadlocks found a second.",
        _rates(Deadlocks="deadlocks"),
    ),
    Metric(
        "database_size",
        "Database size",
        "bytes",
        "Size of the largest databases.",
        {"postgres": lambda r: r.database_sizes()["postgres"]},
        even=True,
    ),
)


class Metrics(Monitoring):
    """The operation on `/metrics` (OpenAPI: postgresInstanceMetricsGet).

    Figures belong to the service and the time, so a window has the same ones whenever it is read.
    """

    def metrics(self, document: Document, query: QueryString) -> Document:
        """Return the metrics of a window; ApiError 400 when a parameter breaks a rule."""
        window = self.window(query)
        self.check_metrics_window(window)
        buckets = self.buckets(document, window, self.bucket_size(query, window))
        even = self.readings(document, buckets)
        swinging = list(map(self.swinging, even, buckets))
        return {
            "metrics": [
                self.metric(metric, buckets, even if metric.even else swinging)
                for metric in METRICS
            ]
        }

    def window(self, query: QueryString) -> Window:
        """Return the window that is asked for; ApiError 400 when it ends before it begins."""
        window = Window(query.required_moment("from_date"), query.required_moment("to_date"))
        if window.start >= window.end:
            raise refused("to_date", "must be later than from_date")
        return window

    def check_metrics_window(self, window: Window) -> None:
        """ApiError 400 when a window is too long, or begins before what is kept."""
        rules = self.rules.metrics
        if window.seconds > rules.longest_window:
            raise bad_request(f"the window: at most {rules.longest_window / _DAY:g} days")
        if window.start / MICROSECONDS < self.clock.now() - rules.kept - rules.leeway:
            raise refused("from_date", f"metrics are kept for {rules.kept / _DAY:g} days")

    def bucket_size(self, query: QueryString, window: Window) -> int:
        """Return the width of a bucket in seconds; ApiError 400 when it is no good."""
        rules, size = self.rules.metrics, query.whole("bucket_size_seconds")
        if size is None:
            return self.derived_bucket(window)
        if problem := rules.bucket.problem(size):
            raise refused("bucket_size_seconds", problem)
        if len(window.multiples(size)) <= rules.points:
            return size
        if rules.widens:
            return self.derived_bucket(window)
        raise refused("bucket_size_seconds", f"makes more than {rules.points} data points")

    def derived_bucket(self, window: Window) -> int:
        """Return the smallest width on offer that makes no more points than allowed."""
        rules = self.rules.metrics
        for size in rules.derived_buckets:
            if len(window.multiples(size)) <= rules.points:
                return size
        return math.ceil(window.seconds / rules.points)

    def buckets(self, document: Document, window: Window, size: int) -> list[int]:
        """Return when the buckets with figures begin, in seconds.

        The first is the one in which the service began, the last the one that has begun by now.
        """
        if never_ran(document):
            return []
        first, now = document["since"] - size, self.clock.now()
        return [start for start in window.multiples(size) if first < start <= now]

    def metric(self, metric: Metric, buckets: list[int], readings: list[Reading]) -> Document:
        """Return one metric with its series."""
        return {
            "key": metric.key,
            "name": metric.name,
            "unit": metric.unit,
            "description": metric.description,
            "series": [
                {"label": label, "dataPoints": self.data_points(value, buckets, readings)}
                for label, value in metric.series.items()
            ],
        }

    def data_points(
        self, value: Callable[[Reading], float], buckets: list[int], readings: list[Reading]
    ) -> list[Document]:
        """Return the points of a series."""
        return [
            {"timestamp": bucket, "value": round(value(reading), 4)}
            for bucket, reading in zip(buckets, readings, strict=True)
        ]

    def readings(self, document: Document, buckets: list[int]) -> list[Reading]:
        """Return what the figures of each bucket follow from, whatever the time of day.

        They are made up beside a data plane too: it knows the present only.
        """
        now, since = replace(self.reading(document), figures=None), document["since"]
        return [replace(now, age=max(0.0, bucket - since)) for bucket in buckets]

    def swinging(self, reading: Reading, moment: int) -> Reading:
        """Return a reading as it is at a time of the day: busy days, quiet nights."""
        noise = steady_number(f"{reading.document['id']} {moment}", 1000) / 1000
        swing = math.sin(2 * math.pi * moment / _DAY)
        return replace(reading, load=reading.load * (0.9 + 0.1 * swing + 0.1 * noise))
