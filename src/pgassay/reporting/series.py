"""Series of a run's timeline, with no more points than can be told apart in a chart."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Final

POINTS: Final = 200

Moment = Mapping[str, float]
Series = list[tuple[float, float | None]]


def series(
    timeline: Sequence[Moment],
    name: str,
    summary: Callable[[list[float]], float],
    *,
    gap: float | None = None,
    most: int = POINTS,
) -> Series:
    """Return at most `most` points of one figure; absent ones, and those equal to `gap`, are None.

    Each point stands for some seconds, of which `summary` makes one number.
    """
    points: Series = []
    for chunk in chunks(timeline, most):
        present = [value for moment in chunk if (value := finite(moment.get(name))) is not None]
        values = [value for value in present if value != gap]
        points.append((chunk[0].get("t", 0.0), summary(values) if values else None))
    return points


def chunks(timeline: Sequence[Moment], most: int = POINTS) -> list[Sequence[Moment]]:
    """Cut a timeline into at most `most` pieces of as many seconds each."""
    size = math.ceil(len(timeline) / most) or 1
    return [timeline[start : start + size] for start in range(0, len(timeline), size)]


def mean(values: list[float]) -> float:
    """Return the mean of some values, of which there is at least one."""
    return math.fsum(values) / len(values)


def present(timeline: Sequence[Moment], name: str) -> bool:
    """Tell whether a figure is anything but 0 at any time."""
    return any(finite(moment.get(name)) for moment in timeline)


def finite(value: float | None) -> float | None:
    """Return a value that is a number; anything else is None."""
    return value if value is not None and math.isfinite(value) else None
