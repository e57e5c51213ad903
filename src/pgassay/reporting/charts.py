"""Percentiles of a load run as inline SVG."""

from collections.abc import Sequence

from markupsafe import Markup

from pgassay.reporting.drawing import Scale, element, picture, text, ticks
from pgassay.reporting.series import finite
from pgassay.reporting.units import percent, seconds
from pgassay.results import LoadOperation, Percentile


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


def _known(operation: LoadOperation) -> list[Percentile]:
    return [point for point in operation.percentiles if finite(point.value) is not None]


def _reach(point: Percentile) -> float:
    return max(finite(point.value) or 0.0, finite(point.upper) or 0.0)


def _bar(point: Percentile, across: Scale, y: float, row: int) -> str:
    value, lower, upper = finite(point.value) or 0.0, finite(point.lower), finite(point.upper)
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


def _vertical(x: float, top: float, bottom: float, label: str) -> str:
    grid = element("path", d=f"M{x:g} {top:g}V{bottom:g}", class_="grid")
    return grid + text(x, bottom + 16, label, "tick", "middle")


def _markup(title: str, description: str, height: float, parts: Sequence[str]) -> Markup:
    # Every text went through `drawing.text` or `drawing.element`, which escape it.
    return Markup(picture(title, description, height, parts))  # noqa: S704
