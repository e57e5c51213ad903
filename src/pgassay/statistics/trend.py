"""Does a series grow? A slope whose interval holds although neighbours resemble each other.

Backlogs and memory are strongly autocorrelated: a plain regression takes each value for news and
finds growth where there is none. Here the number of values is reduced to the number of independent
ones that they are worth, n (1 - r) / (1 + r) with r the correlation of neighbouring residuals, both
in the standard error and in the degrees of freedom (Santer et al., J. Geophys. Res. 105, 2000,
7337-7356). r is estimated too low from short series, which is corrected first (Kendall 1954).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from pgassay.statistics.estimate import CONFIDENCE, Estimate

#: Fewer values than this tell nothing about how neighbours are correlated.
MINIMUM_VALUES = 8
#: A line has two parameters; the interval needs at least this many independent values.
_FEWEST_INDEPENDENT = 2.5


@dataclass(frozen=True, slots=True)
class Trend:
    """The slope (units of the values per unit of the times) and what it rests on.

    `independent` is how many independent values the series is worth, `chance` the p-value of 'it
    does not grow' (0 to 1; 1 where nothing can be said).
    """

    slope: Estimate
    independent: float
    chance: float = 1.0


def trend(
    times: Sequence[float],
    values: Sequence[float],
    confidence: float = CONFIDENCE,
    resolution: float = 0.0,
) -> Trend:
    """Fit a line through `values` at `times`, of equal number and in order of time.

    Values are known to `resolution`; residuals that small are rounding, and say nothing of how
    neighbours are correlated. Too short a series, or one that is worth too few independent values,
    has an infinite interval.
    """
    if len(times) != len(values):
        raise ValueError(f"{len(times)} times for {len(values)} values")
    if len(values) < MINIMUM_VALUES or max(times) <= min(times):
        return Trend(Estimate(0.0, -math.inf, math.inf), 0.0)
    moments, levels = np.asarray(times, float), np.asarray(values, float)
    centred = moments - moments.mean()
    spread = float(centred @ centred)
    slope = float(centred @ levels) / spread
    residuals = levels - levels.mean() - slope * centred
    squares = float(residuals @ residuals)
    rounded = squares <= len(levels) * resolution**2
    independent = float(len(levels)) if rounded else _independent(residuals)
    if independent < _FEWEST_INDEPENDENT:
        return Trend(Estimate(slope, -math.inf, math.inf), independent)
    freedom = independent - 2
    error = math.sqrt(max(squares, len(levels) * resolution**2) / freedom / spread)
    reach = float(special.stdtrit(freedom, (1 + confidence) / 2)) * error
    steep = slope / error if error > 0 else math.copysign(math.inf, slope or -1.0)
    chance = float(special.stdtr(freedom, -steep))
    return Trend(Estimate(slope, slope - reach, slope + reach), independent, chance)


def median_slope(times: Sequence[float], values: Sequence[float]) -> float:
    """The median of the slopes between any two values; 0 for less than two.

    A single disturbance, wherever it lies, moves it little (H. Theil 1950; P. K. Sen, J. Am. Stat.
    Assoc. 63, 1968). Times must differ.
    """
    moments, levels = np.asarray(times, float), np.asarray(values, float)
    first, second = np.triu_indices(len(moments), 1)
    slopes = (levels[second] - levels[first]) / (moments[second] - moments[first])
    return float(np.median(slopes)) if len(slopes) else 0.0


def _independent(residuals: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]") -> float:
    """How many independent values these residuals of neighbouring values are worth."""
    count = len(residuals)
    total = float(residuals @ residuals)
    if total <= 0:
        return float(count)
    seen = float(residuals[1:] @ residuals[:-1]) / total
    correlation = min(max(seen + (1 + 4 * seen) / count, 0.0), 0.999)
    return count * (1 - correlation) / (1 + correlation)
