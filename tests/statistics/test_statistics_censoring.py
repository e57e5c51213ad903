"""The distribution of durations that were seen between polls only."""

import math

import numpy as np
import pytest

from pgassay.statistics.censoring import Step, distribution


def polled(durations: list[float], gap: float, seed: int) -> list[tuple[float, float | None]]:
    """What polls, `gap` apart and out of step, tell about durations."""
    first = np.random.default_rng(seed).random(len(durations)) * gap
    intervals: list[tuple[float, float | None]] = []
    for duration, start in zip(durations, first, strict=True):
        looks = math.ceil(max(duration - start, 0.0) / gap)
        end = float(start) + looks * gap
        intervals.append((max(end - gap, 0.0), end))
    return intervals


def test_one_true_duration_is_enclosed_narrower_than_the_polls() -> None:
    """All take 1.0 s: 50 intervals between polls of 0.5 s leave less than 0.1 s around it."""
    lower, upper = distribution(polled([1.0] * 50, 0.5, 1)).quantile(0.5)
    assert lower <= 1.0 <= upper
    assert upper - lower < 0.1


def test_quantiles_of_polled_durations_are_near_the_truth() -> None:
    """Median and p90 of 150 exponential durations, seen by polls of 0.5 s, are about right."""
    durations = list(np.random.default_rng(2).exponential(2.0, 150))
    found = distribution(polled(durations, 0.5, 3))
    for share in (0.5, 0.9):
        lower, upper = found.quantile(share)
        assert (lower + upper) / 2 == pytest.approx(-2.0 * math.log(1 - share), rel=0.2)


def test_exact_durations_give_the_empirical_distribution() -> None:
    """Without censoring each duration has its share."""
    found = distribution([(1.0, 1.0), (2.0, 2.0), (2.0, 2.0), (4.0, 4.0)])
    assert [(step.lower, round(step.share, 6)) for step in found.steps] == [
        (1.0, 0.25),
        (2.0, 0.5),
        (4.0, 0.25),
    ]
    assert found.mean_bounds() == pytest.approx((2.25, 2.25))


def test_right_censored_durations_give_the_estimate_of_kaplan_and_meier() -> None:
    """1, 2+, 3, 4: the estimate leaves 3/4 after 1, 3/8 after 3 and nothing after 4."""
    found = distribution([(1.0, 1.0), (2.0, None), (3.0, 3.0), (4.0, 4.0)])
    assert [step.share for step in found.steps] == pytest.approx([0.25, 0.375, 0.375], abs=1e-6)


def test_what_was_given_up_stays_open_above() -> None:
    """A wait that was given up last leaves its share without an upper end."""
    found = distribution([(0.0, 1.0), (5.0, None)])
    assert found.steps == (Step(0.0, 1.0, 0.5), Step(5.0, math.inf, 0.5))
    assert found.quantile(0.99) == (5.0, math.inf)


@pytest.mark.parametrize("intervals", [[], [(2.0, 1.0)]])
def test_impossible_intervals_are_refused(intervals: list[tuple[float, float | None]]) -> None:
    """Nothing at all, or an end before its beginning, is a mistake of the caller."""
    with pytest.raises(ValueError, match=r"no durations|before it begins"):
        distribution(intervals)
