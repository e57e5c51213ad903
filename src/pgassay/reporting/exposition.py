"""Write metric families as OpenMetrics text (OpenMetrics 1.0, section 3, Data Formats)."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["counter", "gauge", "histogram"]

_ESCAPED = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


@dataclass(frozen=True, slots=True)
class Point:
    """One value of a family; `suffix` is what the sample's name has beyond that of the family."""

    value: float
    labels: Mapping[str, str]
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class MetricFamily:
    """Values that share name, type and meaning; the name ends with its `unit`, if there is one."""

    name: str
    kind: Kind
    about: str
    points: tuple[Point, ...]
    unit: str = ""

    def lines(self) -> Iterator[str]:
        """Yield the lines of the family, descriptors first."""
        yield f"# TYPE {self.name} {self.kind}"
        if self.unit:
            yield f"# UNIT {self.name} {self.unit}"
        yield f"# HELP {self.name} {self.about.translate(_ESCAPED)}"
        for point in self.points:
            labels = ",".join(
                f'{name}="{value.translate(_ESCAPED)}"' for name, value in point.labels.items()
            )
            yield f"{self.name}{point.suffix}{{{labels}}} {_number(point.value)}"


def exposed(families: Iterable[MetricFamily]) -> str:
    """Return a whole exposition; families without a value are left out."""
    lines = [line for family in families if family.points for line in family.lines()]
    return "\n".join([*lines, "# EOF"]) + "\n"


def buckets(
    counts: Iterable[tuple[float, int]], total: float, labels: Mapping[str, str]
) -> Iterator[Point]:
    """Yield the points of a histogram from (upper bound, count) in rising order.

    `total` is the sum of all values. Bounds are inclusive, as `le` is.
    """
    cumulated = 0
    for bound, count in counts:
        cumulated += count
        yield Point(cumulated, {**labels, "le": _number(bound)}, "_bucket")
    yield Point(cumulated, {**labels, "le": "+Inf"}, "_bucket")
    yield Point(cumulated, labels, "_count")
    yield Point(total, labels, "_sum")


def _number(value: float) -> str:
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    if math.isnan(value):
        return "NaN"
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))
