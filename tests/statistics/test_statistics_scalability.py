"""The Universal Scalability Law is recovered from noisy points, with intervals that hold."""

import math

import numpy as np
import pytest

from pgassay.statistics.scalability import Scalability, scalability

from .interval import holds

NUMBERS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 96.0)
SEEDS = 150
GAMMA, ALPHA, BETA = 100.0, 0.03, 0.0006
PEAK = math.sqrt((1 - ALPHA) / BETA)


def law(number: float, alpha: float = ALPHA, beta: float = BETA) -> float:
    """The throughput at a concurrency."""
    return GAMMA * number / (1 + alpha * (number - 1) + beta * number * (number - 1))


def fitted(seed: int, alpha: float = ALPHA, beta: float = BETA) -> Scalability:
    """The fit to points with 5 % of noise."""
    noise = np.random.default_rng(seed).normal(size=len(NUMBERS)) * 0.05
    rates = [
        law(number, alpha, beta) * math.exp(n) for number, n in zip(NUMBERS, noise, strict=True)
    ]
    return scalability(NUMBERS, rates)


def test_the_intervals_cover_the_truth() -> None:
    """alpha, beta, gamma and the peak lie in their intervals in at least 90 % of 150 seeds."""
    fits = [fitted(seed) for seed in range(SEEDS)]
    needed = 0.9 * SEEDS
    assert sum(holds(fit.gamma, GAMMA) for fit in fits) >= needed
    assert sum(holds(fit.alpha, ALPHA) for fit in fits) >= needed
    assert sum(holds(fit.beta, BETA) for fit in fits) >= needed
    assert sum(holds(fit.peak_concurrency, PEAK) for fit in fits) >= needed
    assert sum(holds(fit.peak_rate, law(PEAK)) for fit in fits) >= needed


def test_no_parameter_is_negative_and_bounds_are_covered() -> None:
    """Without any contention nothing is below 0, and 0 lies in the intervals in 90 % of seeds."""
    fits = [fitted(seed, 0.0, 0.0) for seed in range(SEEDS)]
    assert all(min(fit.alpha.lower, fit.beta.lower) >= 0 for fit in fits)
    assert sum(holds(fit.alpha, 0.0) for fit in fits) >= 0.9 * SEEDS
    assert sum(holds(fit.beta, 0.0) for fit in fits) >= 0.9 * SEEDS


def test_exact_points_give_the_exact_law() -> None:
    """Without noise the parameters are those that the points were made with."""
    fit = scalability(NUMBERS, [law(number) for number in NUMBERS])
    assert fit.alpha.value == pytest.approx(ALPHA)
    assert fit.beta.value == pytest.approx(BETA)
    assert fit.peak_concurrency.value == pytest.approx(PEAK)
    assert fit.throughput(16) == pytest.approx(law(16))


def test_a_law_without_a_peak_peaks_nowhere() -> None:
    """Where nothing has to be agreed upon the rate tends to gamma / alpha, infinitely far out."""
    fit = scalability(NUMBERS, [law(number, 0.1, 0.0) for number in NUMBERS])
    assert fit.peak_concurrency.upper == math.inf
    assert fit.peak_rate.value == pytest.approx(GAMMA / 0.1, rel=0.01)


def test_a_point_with_a_large_error_counts_little() -> None:
    """A wild point does no harm if its scatter says how wild it is."""
    rates = [law(number) for number in NUMBERS]
    rates[4] *= 3
    scatter = [0.01] * len(NUMBERS)
    scatter[4] = 10.0
    assert scalability(NUMBERS, rates, scatter).alpha.value == pytest.approx(ALPHA, rel=0.05)


@pytest.mark.parametrize(
    ("numbers", "rates"),
    [([1.0, 2.0, 3.0], [1.0, 2.0, 3.0]), ([1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 0.0, 1.0])],
)
def test_what_cannot_be_fitted_is_refused(numbers: list[float], rates: list[float]) -> None:
    """Three points, or a rate of 0, give no law."""
    with pytest.raises(ValueError, match=r"needs|positive"):
        scalability(numbers, rates)
