"""Metrics of a service as the clickhouse family answers them: series of points in buckets."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from pgassay.exchange import Json

#: No series of an answer has more points.
MOST_POINTS: Final = 250
#: What metrics cover, and the words of a key or a name by which that is recognised.
COVERED: Final[Mapping[str, tuple[str, ...]]] = {
    "CPU": ("cpu",),
    "memory": ("memory", "mem_"),
    "disk": ("disk", "iops", "storage", "filesystem"),
    "network": ("network", "net_"),
    "connections": ("connection",),
    "cache hit ratio": ("cache",),
    "throughput": ("throughput", "operation", "tuple", "rows"),
    "transactions": ("transaction", "commit"),
}


@dataclass(frozen=True, slots=True)
class Series:
    """One series: the metric's key and unit, the label, and (Unix seconds, value) of its points."""

    key: str
    unit: str
    label: str
    points: tuple[tuple[float, float], ...]

    def __str__(self) -> str:
        """Name the series."""
        return f"{self.key}/{self.label}"

    @property
    def times(self) -> tuple[float, ...]:
        """The times of its points, in the order of the answer."""
        return tuple(time for time, _ in self.points)


def metrics_of(value: Json) -> list[dict[str, Json]]:
    """Return the metrics of a result; an empty list where it has none."""
    found = value.get("metrics") if isinstance(value, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def series_of(value: Json) -> tuple[Series, ...]:
    """Return every series of a result; the schema judges what is malformed in it."""
    return tuple(_series(value))


def _series(value: Json) -> Iterator[Series]:
    for metric in metrics_of(value):
        for series in metric.get("series") or []:
            points = [
                (float(point["timestamp"]), float(point["value"]))
                for point in series.get("dataPoints") or []
            ]
            key, unit = str(metric.get("key")), str(metric.get("unit"))
            yield Series(key, unit, str(series.get("label")), tuple(points))
