"""A slope is stated only where a series really grows, however its values hang together."""

import math

import numpy as np
import pytest

from pgassay.statistics.trend import Trend, median_slope, trend

from .interval import holds


def series(seed: int, count: int, correlation: float, slope: float = 0.0) -> list[float]:
    """A line in noise whose neighbours are correlated; the noise has a deviation of 1."""
    numbers = np.random.default_rng(seed).normal(size=count + 100)
    noise = numbers.copy()
    for index in range(1, len(noise)):
        noise[index] = correlation * noise[index - 1] + numbers[index]
    noise *= math.sqrt(1 - correlation**2)
    return list(noise[100:] + slope * np.arange(count))


def grows(found: Trend) -> bool:
    """Tell whether growth is proven."""
    return found.slope.lower > 0


@pytest.mark.parametrize("correlation", [0.0, 0.5, 0.9])
def test_a_series_that_does_not_grow_is_hardly_ever_called_growing(correlation: float) -> None:
    """Of 300 series without a slope at most 6 % are said to grow, however correlated they are."""
    found = sum(grows(trend(range(60), series(seed, 60, correlation))) for seed in range(300))
    assert found <= 0.06 * 300


@pytest.mark.parametrize("correlation", [0.0, 0.5])
def test_the_interval_covers_the_true_slope(correlation: float) -> None:
    """In at least 90 % of 300 series the interval holds the slope that the series was made with."""
    covered = sum(
        holds(trend(range(80), series(seed, 80, correlation, 0.05)).slope, 0.05)
        for seed in range(300)
    )
    assert covered >= 0.9 * 300


def test_a_backlog_that_grows_is_found() -> None:
    """One more in ten seconds, under correlated noise, is proven within a minute."""
    assert all(grows(trend(range(60), series(seed, 60, 0.5, 0.1))) for seed in range(50))


def test_a_straight_line_has_its_slope_exactly() -> None:
    """Without any noise the interval is the slope itself."""
    found = trend(range(20), [3.0 + 2.0 * index for index in range(20)])
    assert found.slope.value == pytest.approx(2.0)
    assert found.slope.upper - found.slope.lower < 1e-9


def test_a_constant_series_does_not_grow() -> None:
    """A level that never moves has the slope 0 and no growth."""
    found = trend(range(20), [5.0] * 20)
    assert not grows(found)
    assert found.slope.value == 0.0


@pytest.mark.parametrize("count", [0, 1, 7])
def test_a_short_series_says_nothing(count: int) -> None:
    """Below the fewest values the interval is infinite, not narrow by accident."""
    found = trend(range(count), [float(index) for index in range(count)])
    assert found.slope.lower == -math.inf
    assert not grows(found)


def test_times_and_values_must_match() -> None:
    """A series whose times and values differ in number is a mistake of the caller."""
    with pytest.raises(ValueError, match="2 times for 3 values"):
        trend([1.0, 2.0], [1.0, 2.0, 3.0])


def test_the_chance_agrees_with_the_interval() -> None:
    """The p-value of no growth is below 2.5 % exactly where the 95 % interval lies above 0."""
    for seed in range(100):
        found = trend(range(40), series(seed, 40, 0.3, 0.02))
        assert (found.chance < 0.025) == grows(found)


def test_nothing_is_the_chance_of_a_line_that_rises_without_noise() -> None:
    """A perfect line leaves no doubt, neither upwards nor downwards."""
    assert trend(range(20), [float(index) for index in range(20)]).chance == 0.0
    assert trend(range(20), [-float(index) for index in range(20)]).chance == 1.0
    assert trend(range(20), [5.0] * 20).chance == 1.0


def test_one_disturbance_does_not_move_the_median_of_slopes() -> None:
    """The last fifth of a level series is far higher, and the median of all slopes is 0."""
    values = [1.0] * 16 + [9.0] * 4
    assert median_slope(range(20), values) == 0.0
    assert median_slope(range(20), [2.0 * index for index in range(20)]) == 2.0
    assert median_slope([1.0], [1.0]) == 0.0
