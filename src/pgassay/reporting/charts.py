"""Charts of a load run as inline SVG: pure functions from results to markup."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from markupsafe import Markup

from pgassay.reporting.drawing import Point, Scale, element, path, picture, text, ticks
from pgassay.reporting.units import figure, percent, seconds
from pgassay.results import LoadOperation, LoadScenario, Percentile

_LEFT, _RIGHT, _TOP, _BOTTOM = 56.0, 476.0, 22.0, 196.0
_HEIGHT: Final = 236.0
#: More points than this cannot be told apart at the size of a chart.
_POINTS: Final = 200
_TIME_LABEL: Final = "seconds since the start"

Series = Sequence[tuple[float, float | None]]
Moment = Mapping[str, float]


def latency_percentiles(operations: Sequence[LoadOperation]) -> Markup:
    """Bars of each operation's percentiles with their 95 % confidence intervals."""
    shown = [operation for operation in operations if _known(operation)]
    if not shown:
        return Markup()
    top = max(_reach(point) for operation in shown for point in _known(operation))
    marks = ticks(top)
    across = Scale(0, marks[-1], 120, 450)
    parts, y = [], 14.0
    for operation in shown:
        rows = _known(operation)
        parts.append(text(112, y + 7 * len(rows) + 3, operation.name, "name", "end"))
        parts += [_bar(point, across, y + 16 * row, row) for row, point in enumerate(rows)]
        y += 16 * len(rows) + 12
    axis = [_vertical(across(mark), 6, y, seconds(mark)) for mark in marks]
    names = ", ".join(operation.name for operation in shown)
    return _markup(
        "Latency percentiles",
        f"Latency from the intended send time of {names}; whiskers are 95 % confidence intervals.",
        y + 24,
        [*axis, *parts],
    )


def latency_over_time(scenario: LoadScenario) -> Markup:
    """Lines of p50, p95 and p99 over the run; each point is the worst of the seconds it covers."""
    if len(scenario.timeline) < 2:
        return Markup()
    names = ("p50", "p95", "p99")
    series = {name: _thinned(scenario.timeline, name, max, gap=0.0) for name in names}
    lines = [(name, f"line tint-{number}", series[name]) for number, name in enumerate(names)]
    return _over_time(
        "Latency over time",
        "p50, p95 and p99 of the requests due in each second, from their intended send time.",
        lines,
        seconds,
        "latency",
    )


def throughput(scenario: LoadScenario) -> Markup:
    """What was offered against what was completed and what failed, in requests per second."""
    if len(scenario.timeline) < 2:
        return Markup()
    lines = [
        ("offered", "line offered", _thinned(scenario.timeline, "offered", _mean)),
        ("completed", "line completed", _thinned(scenario.timeline, "completed", _mean)),
    ]
    failed = _thinned(scenario.timeline, "failed", _mean)
    if any(value for _, value in failed):
        lines.append(("failed", "line failed", failed))
    return _over_time(
        "Offered and completed throughput",
        "Requests due, completed and failed in each second of the run.",
        lines,
        figure,
        "requests per second",
    )


def histogram(operation: LoadOperation) -> Markup:
    """How many requests took how long; each bar reaches from the bound before it to its own."""
    bars = _trimmed(operation.histogram)
    if not bars:
        return Markup()
    marks = ticks(max(number for _, number in bars), 4)
    up = Scale(0, marks[-1], _BOTTOM, _TOP)
    width = (_RIGHT - _LEFT) / len(bars)
    every = math.ceil(len(bars) / 7)
    parts = [_horizontal(up(mark), figure(mark)) for mark in marks]
    for index, (bound, number) in enumerate(bars):
        x = _LEFT + index * width
        if number:
            tip = element("title", f"{number} requests up to {seconds(bound)}")
            height = max(_BOTTOM - up(number), 1)
            parts.append(
                element("rect", tip, x=round(x + 1, 2), y=_BOTTOM - height, height=height,
                        width=round(max(width - 2, 1), 2), class_="bar tint-1")
            )  # fmt: skip
        if (len(bars) - 1 - index) % every == 0:
            parts.append(text(x + width, _BOTTOM + 16, seconds(bound), "tick", "middle"))
    parts.append(text(_LEFT, 12, "requests", "axis"))
    parts.append(text(_RIGHT, _BOTTOM + 34, "latency, upper bound of each bar", "axis", "end"))
    described = f"Distribution of the latency of {operation.name}."
    return _markup(f"Latency histogram of {operation.name}", described, _HEIGHT, parts)


def _known(operation: LoadOperation) -> list[Percentile]:
    return [point for point in operation.percentiles if _finite(point.value) is not None]


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _reach(point: Percentile) -> float:
    return max(_finite(point.value) or 0.0, _finite(point.upper) or 0.0)


def _bar(point: Percentile, across: Scale, y: float, row: int) -> str:
    value, lower, upper = _finite(point.value) or 0.0, _finite(point.lower), _finite(point.upper)
    start = across(0)
    between = f", 95 % interval {seconds(lower)} to {seconds(upper)}"
    tip = element("title", f"{percent(point.q)} {seconds(value)}{between}")
    width = max(across(value) - start, 1)
    parts = [
        element("rect", tip, x=start, y=y, width=round(width, 2), height=11,
                class_=f"bar tint-{min(row, 3)}")
    ]  # fmt: skip
    end = across(value)
    if lower is not None or upper is not None:
        left, right = across(value if lower is None else lower), across(upper or value)
        middle, end = y + 5.5, max(end, right)
        d = f"M{left:g} {middle:g}H{right:g}"
        d += f"M{left:g} {y + 2.5:g}v6" if lower is not None else ""
        d += f"M{right:g} {y + 2.5:g}v6" if upper is not None else ""
        parts += [element("path", d=d, class_=layer) for layer in ("halo", "whisker")]
    label = f"{percent(point.q)} {seconds(value)}"
    parts.append(text(end + 5, y + 9.5, label, "value"))
    return "".join(parts)


def _over_time(
    title: str,
    description: str,
    lines: Sequence[tuple[str, str, Series]],
    unit: Callable[[float], str],
    label: str,
) -> Markup:
    moments = [moment for moment, _ in lines[0][2]]
    highest = max((value or 0.0 for _, _, series in lines for _, value in series), default=0.0)
    marks = ticks(highest, 4)
    across, up = Scale(0, max(moments), _LEFT, _RIGHT - 24), Scale(0, marks[-1], _BOTTOM, _TOP)
    parts = [_horizontal(up(mark), unit(mark)) for mark in marks]
    parts += [
        text(across(mark), _BOTTOM + 16, figure(mark), "tick", "middle")
        for mark in ticks(max(moments), 6)
        if mark <= max(moments)
    ]
    parts += [path(_places(series, across, up), class_) for _, class_, series in lines]
    parts += _names(lines, across, up)
    parts.append(text(_LEFT, 12, label, "axis"))
    parts.append(text(_RIGHT, _BOTTOM + 34, _TIME_LABEL, "axis", "end"))
    return _markup(title, description, _HEIGHT, parts)


def _places(series: Series, across: Scale, up: Scale) -> list[Point | None]:
    return [None if value is None else (across(moment), up(value)) for moment, value in series]


def _names(lines: Sequence[tuple[str, str, Series]], across: Scale, up: Scale) -> list[str]:
    """Name each line at its end, the names moved apart where the lines end close together."""
    ends = []
    for name, class_, series in lines:
        last = next((value for _, value in reversed(series) if value is not None), None)
        if last is not None:
            ends.append((up(last) + 4, name, class_))
    names, floor = [], math.inf
    for y, name, class_ in sorted(ends, reverse=True):
        floor = min(y, floor - 13)
        names.append(text(across.end + 6, floor, name, f"label {class_.split()[-1]}"))
    return names


def _thinned(
    timeline: Sequence[Moment],
    name: str,
    summary: Callable[[list[float]], float],
    gap: float | None = None,
) -> Series:
    """Return at most `_POINTS` points of one figure; absent ones, and `gap`, are None."""
    size = math.ceil(len(timeline) / _POINTS)
    points = []
    for start in range(0, len(timeline), size):
        chunk = timeline[start : start + size]
        present = [value for moment in chunk if (value := _finite(moment.get(name))) is not None]
        values = [value for value in present if value != gap]
        points.append((chunk[0].get("t", float(start)), summary(values) if values else None))
    return points


def _mean(values: list[float]) -> float:
    return math.fsum(values) / len(values)


def _trimmed(bars: Sequence[tuple[float, int]]) -> list[tuple[float, int]]:
    """Leave out empty bars at both ends."""
    filled = [index for index, (_, number) in enumerate(bars) if number > 0]
    return list(bars[filled[0] : filled[-1] + 1]) if filled else []


def _horizontal(y: float, label: str) -> str:
    grid = element("path", d=f"M{_LEFT:g} {y:g}H{_RIGHT:g}", class_="grid")
    return grid + text(_LEFT - 6, y + 4, label, "tick", "end")


def _vertical(x: float, top: float, bottom: float, label: str) -> str:
    grid = element("path", d=f"M{x:g} {top:g}V{bottom:g}", class_="grid")
    return grid + text(x, bottom + 16, label, "tick", "middle")


def _markup(title: str, description: str, height: float, parts: Sequence[str]) -> Markup:
    # Every text went through `drawing.text` or `drawing.element`, which escape it.
    return Markup(picture(title, description, height, parts))  # noqa: S704
