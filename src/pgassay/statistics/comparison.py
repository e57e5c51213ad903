"""Repeated runs against repeated runs: the ratio of a figure, and what could have been missed.

The unit is the run. Requests within a run resemble each other, so counting each for itself would
find differences between two runs of the same thing. Runs scatter relatively, therefore logarithms
are compared, by Welch's t (B. L. Welch, Biometrika 34, 1947), which keeps its error rate with 3 to
10 runs on each side also where the sides scatter differently or the logarithms are not normal.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import special

from pgassay.statistics.estimate import Estimate

#: Fewer runs on a side say next to nothing about how runs scatter.
MINIMUM_RUNS: Final = 3
#: The rate of false alarms that is accepted in each direction, over all figures together: 5 % in
#: both.
ERROR_RATE: Final = 0.025
#: A detectable effect is one that is found this often.
POWER: Final = 0.8
#: Percentiles are known to about a thousandth; no scatter is smaller than that.
_RESOLUTION: Final = 1e-3
_MOST_RUNS: Final = 1000


@dataclass(frozen=True, slots=True)
class Comparison:
    """A figure of some runs divided by that of others (above 1: it grew).

    Each end of the interval keeps the error rate, as an answer to one question: slower? faster?
    `error` is the standard error of the ratio's logarithm, `scatter` the standard deviation of the
    runs' logarithms (about their coefficient of variation), `freedom` Welch's degrees of freedom.
    """

    ratio: Estimate
    error: float
    freedom: float
    scatter: float

    def slower(self, margin: float = 0.0) -> float:
        """The p-value of 'the ratio is at most 1 + margin'."""
        distance = math.log(self.ratio.value) - math.log1p(margin)
        return float(special.stdtr(self.freedom, -distance / self.error))

    def faster(self) -> float:
        """The p-value of 'the ratio is at least 1'."""
        return float(special.stdtr(self.freedom, math.log(self.ratio.value) / self.error))

    def detectable(self, error_rate: float = ERROR_RATE) -> float:
        """The smallest growth (0.2: 20 %) that such runs show in 80 % of cases."""
        return _effect(self.error, self.freedom, error_rate)


def compare(
    base: Sequence[float], against: Sequence[float], error_rate: float = ERROR_RATE
) -> Comparison:
    """Compare one figure (positive) of at least 3 runs with that of at least 3 others.

    Raises `ValueError` for fewer, and for values that are not positive.
    """
    if min(len(base), len(against)) < MINIMUM_RUNS:
        raise ValueError(f"{MINIMUM_RUNS} runs on each side are needed")
    if min(*base, *against) <= 0:
        raise ValueError("the figures must be positive")
    sides = [np.log(np.asarray(side, float)) for side in (base, against)]
    variances = [max(float(side.var(ddof=1)), _RESOLUTION**2) for side in sides]
    parts = [variance / len(side) for variance, side in zip(variances, sides, strict=True)]
    error = math.sqrt(sum(parts))
    freedom = sum(parts) ** 2 / sum(
        part**2 / (len(side) - 1) for part, side in zip(parts, sides, strict=True)
    )
    middle = float(sides[1].mean() - sides[0].mean())
    reach = float(special.stdtrit(freedom, 1 - error_rate)) * error
    ratio = Estimate(*(math.exp(middle + shift) for shift in (0.0, -reach, reach)))
    return Comparison(ratio, error, freedom, math.sqrt(sum(variances) / 2))


def holm(values: Sequence[float]) -> tuple[float, ...]:
    """Adjust p-values for their number, so that one false alarm among all keeps the rate.

    S. Holm, Scandinavian Journal of Statistics 6, 1979. It needs no independence.
    """
    adjusted = [1.0] * len(values)
    highest = 0.0
    for rank, index in enumerate(sorted(range(len(values)), key=values.__getitem__)):
        highest = max(highest, min(values[index] * (len(values) - rank), 1.0))
        adjusted[index] = highest
    return tuple(adjusted)


def runs_needed(scatter: float, effect: float, error_rate: float = ERROR_RATE) -> int:
    """How many runs on each side find a growth by `effect` (0.1: 10 %) in 80 % of cases.

    `scatter` is the standard deviation of the runs' logarithms. At most 1000 are returned.
    """
    low, high = MINIMUM_RUNS, _MOST_RUNS
    while low < high:
        runs = (low + high) // 2
        if _effect(scatter * math.sqrt(2 / runs), 2.0 * (runs - 1), error_rate) <= effect:
            high = runs
        else:
            low = runs + 1
    return low


def _effect(error: float, freedom: float, error_rate: float) -> float:
    """The growth found with the wanted power: two quantiles of t, the usual approximation."""
    steps = sum(float(special.stdtrit(freedom, share)) for share in (1 - error_rate, POWER))
    return math.expm1(min(steps * error, 700.0))
