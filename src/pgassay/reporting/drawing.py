"""The parts that charts are drawn from: scales, ticks and SVG elements.

Colours and type come from the page's style sheet by class, so that a chart follows the reader's
colour scheme. Lengths are units of the view box.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import count

from pgassay.reporting.excerpt import line

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Scale:
    """A linear map from values (`lower` to `upper`) to lengths (`start` to `end`)."""

    lower: float
    upper: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Return the place of `value`; what lies outside is drawn at the edge."""
        span = (self.upper - self.lower) or 1.0
        share = min(max((value - self.lower) / span, 0.0), 1.0)
        return round(self.start + share * (self.end - self.start), 2)


def ticks(upper: float, at_most: int = 5) -> list[float]:
    """Return round values from 0 that reach `upper`, with at most `at_most` steps between them."""
    if not math.isfinite(upper) or upper <= 0:
        return [0.0, 1.0]
    magnitude = 10.0 ** math.floor(math.log10(upper / at_most))
    step = next(
        magnitude * factor
        for factor in (1, 2, 2.5, 5, 10, 20)
        if magnitude * factor * at_most >= upper
    )
    values = [0.0]
    for number in count(1):
        values.append(float(f"{number * step:.10g}"))
        if values[-1] >= upper:
            break
    return values


@dataclass(frozen=True, slots=True)
class LogScale:
    """A logarithmic map from values above zero (`lower` to `upper`) to lengths."""

    lower: float
    upper: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Return the place of `value`; what lies outside, zero included, is drawn at the edge."""
        inside = min(max(value, self.lower), self.upper)
        span = math.log(self.upper / self.lower) or 1.0
        share = math.log(inside / self.lower) / span
        return round(self.start + share * (self.end - self.start), 2)


def log_ticks(lower: float, upper: float, at_most: int = 8) -> list[float]:
    """Return round values that enclose `lower` to `upper` (both above 0) on a logarithmic axis."""
    upper = max(upper, lower * 1.5)
    first, last = math.floor(math.log10(lower)), math.ceil(math.log10(upper))
    for factors in ((1, 2, 5), (1, 3), (1,)):
        values = [factor * 10.0**power for power in range(first, last + 1) for factor in factors]
        below = [value for value in values if value <= lower * 1.001][-1:] or values[:1]
        kept = [value for value in values if below[0] <= value < upper * 0.999]
        kept += [value for value in values if value > kept[-1]][:1]
        if len(kept) <= at_most:
            return [float(f"{value:.6g}") for value in kept]
    step = math.ceil((last - first) / (at_most - 1))
    return [float(f"{10.0**power:.6g}") for power in range(first, last + step, step)]


def element(tag: str, content: str = "", **attributes: object) -> str:
    """Return an SVG element; in attribute names `_` stands for `-` and a last `_` is dropped."""
    written = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(str(value))}"'
        for name, value in attributes.items()
    )
    return f"<{tag}{written}>{content}</{tag}>" if content else f"<{tag}{written}/>"


def text(x: float, y: float, content: str, class_: str = "", anchor: str = "start") -> str:
    """Return a line of text whose baseline is at `y`."""
    attributes = {"class_": class_} if class_ else {}
    written = escape(line(content, 60))
    return element("text", written, x=round(x, 2), y=round(y, 2), text_anchor=anchor, **attributes)


def path(points: Iterable[Point | None], class_: str) -> str:
    """Return a line through `points`; None interrupts it."""
    steps, pen = [], "M"
    for point in points:
        if point is None:
            pen = "M"
            continue
        steps.append(f"{pen}{point[0]:g} {point[1]:g}")
        # A lone point between gaps shows through the round cap of a line of no length.
        if pen == "M":
            steps.append("h0")
        pen = "L"
    return element("path", d="".join(steps), class_=class_) if steps else ""


def steps(points: Sequence[Point]) -> list[Point]:
    """Return the corners of a curve that keeps each height until the next point."""
    corners: list[Point] = []
    for x, y in points:
        if corners:
            corners.append((x, corners[-1][1]))
        corners.append((x, y))
    return corners


def area(tops: Sequence[Point | None], bottoms: Sequence[Point | None], class_: str) -> str:
    """Return the surface between two lines of as many points; None in either interrupts it."""
    surfaces, run = [], list[tuple[Point, Point]]()
    for top, bottom in [*zip(tops, bottoms, strict=True), (None, None)]:
        if top is not None and bottom is not None:
            run.append((top, bottom))
        elif run:
            edge = [top for top, _ in run] + [bottom for _, bottom in reversed(run)]
            surfaces.append("M" + "L".join(f"{x:g} {y:g}" for x, y in edge) + "Z")
            run = []
    return element("path", d="".join(surfaces), class_=class_) if surfaces else ""


def picture(title: str, description: str, height: float, parts: Sequence[str]) -> str:
    """Return a whole SVG image, 520 units wide, with its accessible name and description."""
    head = f"<title>{escape(line(title))}</title><desc>{escape(line(description, 1000))}</desc>"
    opening = f'<svg viewBox="0 0 520 {height:g}" role="img" class="chart">'
    return f"{opening}{head}{''.join(parts)}</svg>"
