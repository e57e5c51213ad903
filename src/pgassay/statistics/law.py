"""By which law do latencies grow with a size: constant, log n, n, n log n or n squared?

Each law is fitted as a + b f(n) with a and b not negative, to the logarithms of the latencies,
because their scatter is relative. The laws are compared by Akaike's criterion corrected for few
values, AICc (Burnham and Anderson, Model Selection and Multimodel Inference, 2002, chapter 2). The
exponent is the p of a + b n^p with its profile interval; a constant cost in front, such as that of
a request, then does not hide the growth. Where growth is not proven it is the slope of the
logarithm of the latency over that of the size.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final, TypeAlias

import numpy as np
from scipy import stats

from pgassay.statistics.estimate import CONFIDENCE, Estimate

_Array: TypeAlias = "np.ndarray[tuple[int, ...], np.dtype[np.float64]]"


class Law(StrEnum):
    """How a cost grows with a size; later ones grow faster."""

    CONSTANT = "constant"
    LOGARITHMIC = "log n"
    LINEAR = "n"
    LINEARITHMIC = "n log n"
    QUADRATIC = "n squared"

    @property
    def rank(self) -> int:
        """The place in the order from the slowest (0) to the fastest."""
        return list(Law).index(self)


#: Growth is stated only where its law is this much better than a constant: five laws compete, and
#: the best of them wins by 2 or 3 through chance alone.
PROOF: Final = 6.0
#: Laws this close to the best one cannot be told from it (about 20 to 1).
PLAUSIBLE: Final = 6.0
#: Sizes and values that a fit needs at the least.
MINIMUM_SIZES: Final = 3
MINIMUM_VALUES: Final = 6

_GROWING: Final[Mapping[Law, Callable[[_Array], _Array]]] = MappingProxyType(
    {
        Law.LOGARITHMIC: np.log,
        Law.LINEAR: lambda sizes: sizes,
        Law.LINEARITHMIC: lambda sizes: sizes * np.log(sizes),
        Law.QUADRATIC: np.square,
    }
)
_EXPONENTS: Final = np.linspace(0.02, 3.0, 150)
#: The share of the growing part at the largest size is searched over its logit.
_LOGITS: Final = np.linspace(-18.0, 18.0, 181)
_REFINEMENTS: Final = 3


@dataclass(frozen=True, slots=True)
class Growth:
    """The law, the laws that cannot be told from it, the exponent, and the criterion of each."""

    law: Law
    plausible: tuple[Law, ...]
    exponent: Estimate
    criteria: Mapping[Law, float]


def growth(sizes: Sequence[float], latencies: Sequence[float], scatter: float = 0.0) -> Growth:
    """Find the law of `latencies` (positive) that were measured at `sizes` (at least 2).

    Sizes repeat: one latency is one batch of requests. What was measured in one visit of a size
    shares that visit's disturbances; `scatter` is the relative scatter of visits that is to be
    expected at the least (0.05: 5 %). Raises `ValueError` where there is too little to fit.
    """
    if len(set(sizes)) < MINIMUM_SIZES or len(latencies) < MINIMUM_VALUES:
        raise ValueError(
            f"a law needs {MINIMUM_SIZES} sizes and {MINIMUM_VALUES} values, "
            f"there are {len(set(sizes))} and {len(latencies)}"
        )
    if min(sizes) < 2 or min(latencies) <= 0:
        raise ValueError("sizes begin at 2, and latencies must be positive")
    steps, logs = np.asarray(sizes, float), np.log(np.asarray(latencies, float))
    # As much as if each visit had been disturbed by that much as a whole.
    floor = scatter**2 * len(sizes) / len(set(sizes))
    misfits = {Law.CONSTANT: float(np.square(logs - logs.mean()).sum())}
    for law, function in _GROWING.items():
        values = function(steps)
        misfits[law] = float(_misfits((values / values.max())[None, :], logs)[0])
    criteria = {
        law: _criterion(misfit, len(logs), 2 if law is Law.CONSTANT else 3, floor)
        for law, misfit in misfits.items()
    }
    best = min(criteria, key=lambda law: criteria[law])
    grows = criteria[Law.CONSTANT] - criteria[best] > PROOF
    law = best if grows else Law.CONSTANT
    plausible = tuple(item for item in Law if criteria[item] - criteria[best] <= PLAUSIBLE)
    exponent = _exponent(steps, logs, floor) if grows else _slope(steps, logs, floor)
    return Growth(law, plausible, exponent, MappingProxyType(criteria))


def _criterion(misfit: float, count: int, parameters: int, floor: float) -> float:
    """AICc of a fit of logarithms whose variance is estimated, but is at least `floor`."""
    variance = max(misfit / count, floor, 1e-12)
    correction = 2 * parameters * (parameters + 1) / (count - parameters - 1)
    return count * math.log(variance) + misfit / variance + 2 * parameters + correction


def _misfits(shapes: _Array, logs: _Array) -> _Array:
    """For each row g of `shapes` the least squares of log(s (1 - w + w g)) over s and 0 <= w <= 1.

    s is known for each w: it takes away the mean. What remains is a search over w.
    """
    rows = len(shapes)
    grid = np.broadcast_to(_LOGITS, (rows, len(_LOGITS)))
    ends = np.stack([_squares(shapes, logs, np.full((rows, 1), w)) for w in (0.0, 1.0)])
    least: _Array = ends[:, :, 0].min(axis=0)
    for _ in range(_REFINEMENTS):
        squares = _squares(shapes, logs, 1 / (1 + np.exp(-grid)))
        best = squares.argmin(axis=1)
        least = np.minimum(least, squares.min(axis=1))
        centre = np.take_along_axis(grid, best[:, None], axis=1)
        step = grid[:, 1:2] - grid[:, 0:1]
        grid = centre + step * np.linspace(-1.0, 1.0, 21)[None, :]
    return least


def _squares(shapes: _Array, logs: _Array, shares: _Array) -> _Array:
    """The sum of squares for each row of `shapes` at each of its `shares`."""
    fitted = np.log(
        np.maximum(1 - shares[:, :, None] + shares[:, :, None] * shapes[:, None, :], 1e-300)
    )
    residuals = logs[None, None, :] - fitted
    residuals -= residuals.mean(axis=2, keepdims=True)
    squares: _Array = np.square(residuals).sum(axis=2)
    return squares


def _exponent(sizes: _Array, logs: _Array, floor: float) -> Estimate:
    """The exponent of the growing part, and all exponents that fit hardly worse."""
    shapes = (sizes / sizes.max())[None, :] ** _EXPONENTS[:, None]
    misfits = _misfits(shapes, logs)
    freedom = len(logs) - 3
    least = float(misfits.min())
    variance = max(least / freedom, floor)
    limit = least + variance * float(stats.f.ppf(CONFIDENCE, 1, freedom))
    inside = np.flatnonzero(misfits <= limit)
    low, high = int(inside[0]), int(inside[-1])
    # One step of the grid further on each side: the true ends lie between.
    return Estimate(
        float(_EXPONENTS[int(misfits.argmin())]),
        float(_EXPONENTS[low - 1]) if low else 0.0,
        float(_EXPONENTS[high + 1]) if high + 1 < len(_EXPONENTS) else math.inf,
    )


def _slope(sizes: _Array, logs: _Array, floor: float) -> Estimate:
    """The slope of the logarithms, with the interval of a line's slope."""
    steps = np.log(sizes) - np.log(sizes).mean()
    spread = float(steps @ steps)
    slope = float(steps @ logs) / spread
    residuals = logs - logs.mean() - slope * steps
    freedom = len(logs) - 2
    variance = max(float(residuals @ residuals) / freedom, floor)
    reach = float(stats.t.ppf((1 + CONFIDENCE) / 2, freedom)) * math.sqrt(variance / spread)
    return Estimate(slope, slope - reach, slope + reach)
