"""The frame that a chart is drawn in: two axes with their marks, a legend, and the picture."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from markupsafe import Markup

from pgassay.reporting.drawing import (
    LogScale,
    Point,
    Scale,
    element,
    log_ticks,
    path,
    picture,
    text,
    ticks,
)
from pgassay.reporting.excerpt import line

LEFT, RIGHT, TOP, BOTTOM = 56.0, 508.0, 34.0, 206.0
_HEIGHT: Final = 246.0
#: Width of a letter of the legend, roughly, in units of the view box.
_LETTER: Final = 6.3

Places = list[Point | None]
Writer = Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Axis:
    """Where values are drawn, the marks to be named, and what the axis shows with its unit."""

    scale: Scale | LogScale
    marks: tuple[tuple[float, str], ...]
    label: str

    def __call__(self, value: float) -> float:
        """Return the place of `value`."""
        return self.scale(value)


def linear(upper: float, ends: tuple[float, float], write: Writer, label: str) -> Axis:
    """Return an axis from 0 that reaches `upper`."""
    marks = ticks(upper, 5)
    named = tuple((mark, write(mark)) for mark in marks)
    return Axis(Scale(0, marks[-1], *ends), named, label)


def logarithmic(
    lower: float, upper: float, ends: tuple[float, float], write: Writer, label: str
) -> Axis:
    """Return a logarithmic axis that encloses `lower` to `upper`, both above 0."""
    marks = log_ticks(lower, upper)
    named = tuple((mark, write(mark)) for mark in marks)
    return Axis(LogScale(marks[0], marks[-1], *ends), named, f"{label}, logarithmic")


def fitting(values: Iterable[float], ends: tuple[float, float], write: Writer, label: str) -> Axis:
    """Return a logarithmic axis where `values` spread over more than a power of ten."""
    known = [value for value in values if value > 0 and math.isfinite(value)]
    if known and max(known) > 10 * min(known):
        return logarithmic(min(known), max(known), ends, write, label)
    return linear(max(known, default=0.0), ends, write, label)


def time_axis(begin: float, end: float) -> Axis:
    """Return the axis of a run's seconds; what came before the load began is negative."""
    marks = tuple((mark, f"{mark:g}") for mark in ticks(end, 8) if mark <= end)
    return Axis(Scale(min(begin, 0.0), max(end, 1.0), LEFT, RIGHT), marks, "seconds of load")


UPWARDS: Final = (BOTTOM, TOP)
ACROSS: Final = (LEFT, RIGHT)


@dataclass(frozen=True, slots=True)
class Key:
    """An entry of the legend: a name, the class that colours it, and whether it is a surface."""

    name: str
    class_: str
    surface: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """Axes of one chart; what is drawn in it comes as markup."""

    across: Axis
    up: Axis

    def place(self, x: float, y: float) -> Point:
        """Return the place of a point."""
        return self.across(x), self.up(y)

    def places(self, series: Iterable[tuple[float, float | None]]) -> Places:
        """Return the places of a series, whose gaps are None."""
        return [None if y is None or not math.isfinite(y) else self.place(x, y) for x, y in series]

    def line(self, series: Iterable[tuple[float, float | None]], class_: str) -> str:
        """Return a line through a series."""
        return path(self.places(series), f"line {class_}")

    def level(self, y: float, class_: str) -> str:
        """Return a line across the whole chart at one height."""
        return element("path", d=f"M{LEFT:g} {self.up(y):g}H{RIGHT:g}", class_=f"line {class_}")

    def upright(self, x: float, class_: str) -> str:
        """Return a line from top to bottom at one place."""
        return element("path", d=f"M{self.across(x):g} {TOP:g}V{BOTTOM:g}", class_=f"line {class_}")

    def dot(self, x: float, y: float, class_: str, tip: str = "") -> str:
        """Return a dot, which tells its exact numbers when it is pointed at."""
        place = self.place(x, y)
        title = element("title", escape(line(tip, 200))) if tip else ""
        return element("circle", title, cx=place[0], cy=place[1], r=3.4, class_=f"dot {class_}")

    def strip(self, begin: float, end: float, class_: str) -> str:
        """Return a strip from top to bottom between two places."""
        left, right = self.across(begin), self.across(end)
        return element("rect", x=left, y=TOP, width=round(max(right - left, 0), 2),
                       height=BOTTOM - TOP, class_=f"strip {class_}")  # fmt: skip

    def markup(
        self, title: str, description: str, parts: Iterable[str], keys: Sequence[Key] = ()
    ) -> Markup:
        """Return the whole chart; axes and legend lie under its parts."""
        drawn = [*self._grid(), *parts, *self._base(), *_legend(keys)]
        # Every text went through `drawing.text` or `drawing.element`, which escape it.
        return Markup(picture(title, description, _HEIGHT, drawn))  # noqa: S704

    def _grid(self) -> Iterable[str]:
        for mark, name in self.up.marks:
            y = self.up(mark)
            yield element("path", d=f"M{LEFT:g} {y:g}H{RIGHT:g}", class_="grid")
            yield text(LEFT - 6, y + 4, name, "tick", "end")

    def _base(self) -> Iterable[str]:
        yield element("path", d=f"M{LEFT:g} {BOTTOM:g}H{RIGHT:g}", class_="base")
        for mark, name in self.across.marks:
            x = self.across(mark)
            yield element("path", d=f"M{x:g} {BOTTOM:g}v4", class_="base")
            yield text(x, BOTTOM + 17, name, "tick", "middle")
        yield text(RIGHT, BOTTOM + 35, self.across.label, "axis", "end")
        yield text(2, 12, self.up.label, "axis")


def _legend(keys: Sequence[Key]) -> Iterable[str]:
    """Name what is drawn, in one row above the chart, from the right."""
    x = RIGHT
    for key in reversed(keys):
        x -= len(key.name) * _LETTER
        yield text(x, 12, key.name, "axis")
        x -= 16
        if key.surface:
            yield element(
                "rect", x=round(x, 2), y=4, width=11, height=9, class_=f"area {key.class_}"
            )
        else:
            d = f"M{x:g} 8.5h11"
            yield element("path", d=d, class_=f"line {key.class_}")
        x -= 12
