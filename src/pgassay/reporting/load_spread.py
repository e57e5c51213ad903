"""Charts of how latencies and durations of a load run are spread."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

from markupsafe import Markup

from pgassay.reporting.axes import ACROSS, UPWARDS, Frame, Key, linear, logarithmic
from pgassay.reporting.drawing import area, element, path, steps, text
from pgassay.reporting.units import between, figure, percent, seconds
from pgassay.results import LikelyTimes, LoadOperation

#: Percentiles that are marked in a histogram.
_MARKED: Final = (50.0, 95.0, 99.0)


def histogram(operation: LoadOperation) -> Markup:
    """How many good answers took how long, on a logarithmic axis, with percentiles marked."""
    bars = _bars(operation.histogram)
    if not bars:
        return Markup()
    frame = Frame(
        logarithmic(bars[0][0], bars[-1][1], ACROSS, seconds, "latency"),
        linear(max(count for *_, count in bars), UPWARDS, figure, "good answers"),
    )
    return frame.markup(
        f"Latency histogram of {operation.name}",
        f"Distribution of the latency of {operation.name} from the intended send time.",
        [*(_bar(frame, *bar) for bar in bars), *_percentiles(frame, operation)],
    )


def time_to(operation: LoadOperation) -> Markup:
    """Which share was there after how long: a band, for ends were seen only between two polls."""
    if not operation.curve:
        return Markup()
    longest = operation.curve[-1][0]
    frame = Frame(
        linear(longest, ACROSS, seconds, "since the request"),
        linear(1.0, UPWARDS, lambda share: f"{share:.0%}", "share"),
    )
    surely = steps([frame.place(moment, low) for moment, low, _ in operation.curve])
    maybe = steps([frame.place(moment, high) for moment, _, high in operation.curve])
    return frame.markup(
        f"{operation.name}, as a share over time",
        "The lower edge counts what a poll has shown, the upper edge what may have been there "
        "since the poll before.",
        [
            area(maybe, surely, "area band"),
            path(maybe, "line low"),
            path(surely, "line high"),
            *([frame.line(_likely(operation.likely), "fit")] if operation.likely else []),
        ],
        (
            Key("at most", "low"),
            *([Key("most likely", "fit")] if operation.likely else []),
            Key("at least", "high"),
        ),
    )


def seen(operation: LoadOperation) -> str:
    """Say when half of the waits were over, most likely."""
    told = "seen between two polls: the band holds the truth"
    if operation.likely is None or operation.likely.p50[1] is None:
        return told
    return f"{told}; half took {between(*operation.likely.p50)}, most likely"


def _likely(found: LikelyTimes) -> list[tuple[float, float | None]]:
    """The corners of the most likely curve; within a step nobody knows its course."""
    points: list[tuple[float, float | None]] = [(0.0, 0.0)]
    total = 0.0
    for lower, upper, share in found.steps:
        if upper is not None:
            points += [(lower, total), (upper, total + share)]
            total += share
    return points


def _bars(histogram: Sequence[tuple[float, int]]) -> list[tuple[float, float, int]]:
    """Return (low, high, count) without empty bars at both ends."""
    if not histogram:
        return []
    first = histogram[0][0]
    low = first * first / histogram[1][0] if len(histogram) > 1 else first / 2
    bounds = [low, *(bound for bound, _ in histogram)]
    bars = [
        (low, high, count)
        for (low, high), (_, count) in zip(pairwise(bounds), histogram, strict=True)
    ]
    filled = [index for index, bar in enumerate(bars) if bar[2]]
    return bars[filled[0] : filled[-1] + 1] if filled else []


def _bar(frame: Frame, low: float, high: float, count: int) -> str:
    if not count:
        return ""
    left, right = frame.across(low), frame.across(high)
    top = min(frame.up(count), frame.up(0) - 1)
    tip = element("title", f"{count:,} from {seconds(low)} to {seconds(high)}")
    width = max(right - left - (1 if right - left > 4 else 0), 0.6)
    return element("rect", tip, x=left, y=top, width=round(width, 2),
                   height=round(frame.up(0) - top, 2), class_="bar tint-1")  # fmt: skip


def _percentiles(frame: Frame, operation: LoadOperation) -> Iterable[str]:
    """Mark percentiles; names that would touch the one before move one line down."""
    reached, row = 0.0, 0
    for point in operation.percentiles:
        if point.q not in _MARKED or point.value is None:
            continue
        x = frame.across(point.value)
        row = row + 1 if x < reached else 0
        reached = x + 34
        yield frame.upright(point.value, "mark")
        yield text(x + 4, 44 + 14 * row, percent(point.q), "value")
