"""Arrival schedules are fixed in advance and repeatable."""

from itertools import pairwise

import pytest

from pgassay.traffic.arrivals import Process, schedule


@pytest.mark.parametrize("process", ["poisson", "constant"])
def test_offers_exactly_the_planned_number_in_order_within_the_window(process: Process) -> None:
    times = schedule(process, 20.0, 4.0, seed=3)
    assert len(times) == 80
    assert list(times) == sorted(times)
    assert 0 <= times[0] <= times[-1] < 4.0


def test_the_same_seed_gives_the_same_arrivals_and_another_seed_others() -> None:
    assert schedule("poisson", 50.0, 2.0, 1) == schedule("poisson", 50.0, 2.0, 1)
    assert schedule("poisson", 50.0, 2.0, 1) != schedule("poisson", 50.0, 2.0, 2)


def test_constant_arrivals_are_evenly_spaced() -> None:
    assert schedule("constant", 4.0, 1.0, 0) == (0.0, 0.25, 0.5, 0.75)


def test_poisson_gaps_vary_as_an_exponential_distribution_does() -> None:
    times = schedule("poisson", 100.0, 100.0, 5)
    gaps = [later - earlier for earlier, later in pairwise(times)]
    mean = sum(gaps) / len(gaps)
    deviation = (sum((gap - mean) ** 2 for gap in gaps) / len(gaps)) ** 0.5
    assert 0.95 < deviation / mean < 1.05
