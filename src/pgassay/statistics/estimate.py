"""A figure that was estimated, and the interval that it lies in."""

from dataclasses import dataclass

#: The confidence of intervals, unless a function says otherwise.
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its interval; an end that the data do not bound is infinite."""

    value: float
    lower: float
    upper: float
