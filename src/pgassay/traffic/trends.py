"""Does an operation get slower although the offered rate is constant? A leak shows so.

Each judged phase of constant rate is cut into blocks of whole seconds, and a line goes through the
medians of the blocks. Growth is proven by a line whose neighbours may resemble each other
(`pgassay.statistics.trend`), corrected for the number of operations and phases. A queue that fills
once or a stall is no leak: the median of the slopes between any two blocks must matter as well.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from pgassay.results import LoadTrend
from pgassay.traffic.histogram import Histogram
from pgassay.traffic.plan import LoadPlan
from pgassay.traffic.record import LoadRecord
from pgassay.traffic.samples import OperationRecord

#: Blocks of a phase: at least this many, and no more than that.
_FEWEST: Final = 8
_MOST: Final = 20
#: Good answers that a block has on the average, and that its median needs.
_SAMPLES: Final = 20
_NEEDED: Final = 10
#: Histograms know a latency to this part of it.
_RESOLUTION: Final = 1024
#: The error rate over all operations and phases of a load. It is far below the 5 % of false alarms
#: that are accepted: a short series says too little of how its neighbours are correlated, and a
#: level that drifts, or a queue near its capacity, then passes for growth ten times as often.
ERROR_RATE: Final = 0.005
#: Growth over a phase matters from this share of the median on, and from so many seconds.
SHARE: Final = 0.2
SECONDS: Final = 0.002


@dataclass(frozen=True, slots=True)
class _Blocks:
    """Medians (seconds) of an operation's good answers by time, and how many answers there were."""

    operation: str
    phase: str
    seconds: float
    whole: Histogram
    moments: tuple[float, ...]
    medians: tuple[float, ...]


def trends(plan: LoadPlan, record: LoadRecord) -> tuple[LoadTrend, ...]:
    """Return the trend of each operation that has samples enough, in each phase that allows one.

    In the closed model the rate is not constant, so there are none.
    """
    if plan.model == "closed":
        return ()
    found = [
        blocks
        for name, begin, end in _stretches(plan, record.duration)
        for operation in record.operations
        if (blocks := _cut(operation, name, begin, end)) is not None
    ]
    return tuple(_judged(found)) if found else ()


def slowing(found: Iterable[LoadTrend]) -> str:
    """Say which operations got slower; empty where none did."""
    return "; ".join(
        f"slowing down: the p50 of {each.operation} grew by {told(each)} in {each.phase}"
        for each in found
        if each.slowing
    )


def told(trend: LoadTrend) -> str:
    """A slope with its interval, in words."""
    value, *ends = (
        "unknown" if slope is None else f"{slope * 60_000:.3g}"
        for slope in (trend.slope, trend.lower, trend.upper)
    )
    return f"{value} ms/min (95 % {' to '.join(ends)})"


def _stretches(plan: LoadPlan, duration: float) -> Iterator[tuple[str, int, int]]:
    """The judged phases of constant rate, from their first whole second to their last."""
    start = 0.0
    for phase in plan.timetable:
        until = start + phase.seconds
        if phase.measured and phase.rate == phase.until and phase.rate:
            yield phase.name, -int(-start // 1), int(min(until, duration or until))
        start = until


def _cut(operation: OperationRecord, phase: str, begin: int, end: int) -> _Blocks | None:
    seconds = {
        number: second.good
        for number in range(begin, end)
        if (second := operation.seconds.get(number)) is not None
    }
    samples = sum(good.count for good in seconds.values())
    count = min(_MOST, end - begin, samples // _SAMPLES)
    if count < _FEWEST:
        return None
    edges = [begin + (end - begin) * number // count for number in range(count + 1)]
    moments, medians = [], []
    for low, high in pairwise(edges):
        block = Histogram.merged(seconds[each] for each in range(low, high) if each in seconds)
        median = block.quantile(0.5) if block.count >= _NEEDED else None
        if median is not None:
            moments.append((low + high) / 2)
            medians.append(median)
    if len(medians) < _FEWEST:
        return None
    whole = Histogram.merged(seconds.values())
    return _Blocks(operation.name, phase, float(end - begin), whole, tuple(moments), tuple(medians))


def _judged(found: Sequence[_Blocks]) -> Iterator[LoadTrend]:
    # They bring NumPy, which takes its time, and most processes of a load never come here.
    from pgassay.statistics.comparison import holm  # noqa: PLC0415
    from pgassay.statistics.trend import median_slope, trend  # noqa: PLC0415

    lines = [
        trend(each.moments, each.medians, resolution=max(each.medians) / _RESOLUTION)
        for each in found
    ]
    chances = holm([line.chance for line in lines])
    for blocks, line, chance in zip(found, lines, chances, strict=True):
        p50 = blocks.whole.quantile(0.5) or 0.0
        steady = min(line.slope.value, median_slope(blocks.moments, blocks.medians))
        grown = steady * blocks.seconds
        yield LoadTrend(
            blocks.operation,
            blocks.phase,
            blocks.seconds,
            blocks.whole.count,
            p50,
            line.slope.value,
            _finite(line.slope.lower),
            _finite(line.slope.upper),
            slowing=chance < ERROR_RATE and grown > max(SHARE * p50, SECONDS),
        )


def _finite(value: float) -> float | None:
    return value if abs(value) != float("inf") else None
