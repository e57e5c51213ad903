"""The Universal Scalability Law: how throughput follows concurrency.

X(N) = g N / (1 + a (N - 1) + b N (N - 1)), with g the rate at one request in flight, a the share
of waiting in line and b that of agreeing with each other (N. Gunther, Guerrilla Capacity Planning,
2007, chapter 5). By Little's law N is the throughput times the mean time of a request.

N / X is a straight combination of 1, N - 1 and N (N - 1), so the fit is linear. The intervals come
from the distribution of its coefficients, Student's t, of which many are drawn and turned into
g, a, b and the peak; coefficients below their bound of 0 count as 0.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from scipy import optimize

from pgassay.statistics.estimate import CONFIDENCE, Estimate

_Array: TypeAlias = "np.ndarray[tuple[int, ...], np.dtype[np.float64]]"

#: Three parameters; one more point leaves something to judge the scatter by.
MINIMUM_POINTS: Final = 4
_DRAWS: Final = 4000
#: No measurement of throughput is better than this, relatively.
_LEAST_SCATTER: Final = 1e-3


@dataclass(frozen=True, slots=True)
class Scalability:
    """The law's parameters, and where it peaks; without `beta` the peak is infinitely far.

    `gamma` and `peak_rate` are in the unit of the throughputs.
    """

    gamma: Estimate
    alpha: Estimate
    beta: Estimate
    peak_concurrency: Estimate
    peak_rate: Estimate

    def throughput(self, concurrency: float) -> float:
        """The throughput at `concurrency`."""
        return _law(concurrency, self.gamma.value, self.alpha.value, self.beta.value)


def scalability(
    concurrency: Sequence[float], throughput: Sequence[float], scatter: Sequence[float] = ()
) -> Scalability:
    """Fit the law; `scatter` is the relative standard error of each throughput (default: equal).

    The fewer requests are in flight, the less a point tells about b: the largest matter most.
    Raises `ValueError` for fewer than 4 points or values that are not positive.
    """
    numbers, rates = np.asarray(concurrency, float), np.asarray(throughput, float)
    if len(numbers) != len(rates) or len(set(concurrency)) < MINIMUM_POINTS:
        raise ValueError(
            f"the law needs {MINIMUM_POINTS} different concurrencies, each with a rate"
        )
    if numbers.min() <= 0 or rates.min() <= 0:
        raise ValueError("concurrency and throughput must be positive")
    errors = np.asarray(scatter, float) if len(scatter) else np.ones(len(numbers))
    terms = np.stack([np.ones_like(numbers), numbers - 1, numbers * (numbers - 1)], axis=1)
    times = numbers / rates
    # The scatter is relative to the law, not to the measured value: that would prefer low ones.
    scale = times * errors
    for _ in range(3):
        bounded, _ = optimize.nnls(terms / scale[:, None], times / scale)
        scale = np.maximum(terms @ bounded, times.min() * 1e-3) * errors
    draws = _draws(terms / scale[:, None], times / scale, _LEAST_SCATTER / float(errors.max()))
    return _estimates(np.asarray(bounded, float), draws)


def _draws(terms: _Array, times: _Array, least: float) -> _Array:
    """Draw coefficients from their distribution around the unbounded fit."""
    inverse = np.linalg.pinv(terms.T @ terms)
    centre = inverse @ terms.T @ times
    freedom = len(times) - 3
    residuals = times - terms @ centre
    variance = max(float(residuals @ residuals) / freedom, least**2)
    numbers = np.random.default_rng(1)
    # The columns differ by orders of magnitude; a root by eigenvalues bears that.
    values, vectors = np.linalg.eigh(inverse * variance)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    normal = numbers.standard_normal((_DRAWS, 3)) @ root.T
    chi = numbers.chisquare(freedom, (_DRAWS, 1)) / freedom
    draws: _Array = np.maximum(centre + normal / np.sqrt(chi), 0.0)
    return draws[draws[:, 0] > 0]


def _estimates(fit: _Array, draws: _Array) -> Scalability:
    rows = np.vstack([fit, draws])
    first = np.maximum(rows[:, 0], 1e-300)
    alpha, beta = rows[:, 1] / first, rows[:, 2] / first
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        peak = np.where(alpha >= 1, 1.0, np.sqrt(np.maximum(1 - alpha, 0.0) / beta))
        peak = np.maximum(peak, 1.0)
        highest = np.where(
            np.isinf(peak),
            1 / (first * np.maximum(alpha, 1e-300)),
            peak / (first * (1 + alpha * (peak - 1) + beta * peak * (peak - 1))),
        )
    return Scalability(*(_estimate(figure) for figure in (1 / first, alpha, beta, peak, highest)))


def _estimate(figure: _Array) -> Estimate:
    tail = (1 - CONFIDENCE) / 2
    ordered = np.sort(figure[1:])
    last = len(ordered) - 1
    low, high = ordered[math.floor(tail * last)], ordered[math.ceil((1 - tail) * last)]
    value = float(figure[0])
    # Bounds and ratios can push the fit itself out of the middle part of the draws.
    return Estimate(value, min(float(low), value), max(float(high), value))


def _law(concurrency: float, gamma: float, alpha: float, beta: float) -> float:
    waiting = alpha * (concurrency - 1) + beta * concurrency * (concurrency - 1)
    return gamma * concurrency / (1 + waiting)
