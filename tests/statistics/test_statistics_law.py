"""The law of growth is found from noisy latencies, and its exponent's interval excludes others."""

from collections.abc import Callable

import numpy as np
import pytest

from pgassay.statistics.law import Growth, Law, growth

from .interval import holds

SIZES = [float(size) for size in (100, 1_000, 10_000, 100_000) for _ in range(5)]
SEEDS = range(20)

COSTS: dict[Law, Callable[[float], float]] = {
    Law.CONSTANT: lambda n: 1e-3,
    Law.LOGARITHMIC: lambda n: 1e-4 + 2e-4 * np.log(n),
    Law.LINEAR: lambda n: 1e-3 + 1e-6 * n,
    Law.LINEARITHMIC: lambda n: 1e-5 + 1e-7 * n * np.log(n),
    Law.QUADRATIC: lambda n: 1e-3 + 1e-10 * n**2,
}


def measured(law: Law, seed: int, noise: float = 0.03, scatter: float = 0.0) -> Growth:
    """The growth found in latencies of `law` with so much relative noise."""
    numbers = np.random.default_rng(seed)
    return growth(
        SIZES, [COSTS[law](n) * float(np.exp(numbers.normal() * noise)) for n in SIZES], scatter
    )


@pytest.mark.parametrize("law", list(Law))
def test_each_law_is_found(law: Law) -> None:
    """In at least 90 % of the seeds the law is the true one, and it is always plausible."""
    found = [measured(law, seed) for seed in SEEDS]
    assert sum(one.law is law for one in found) >= 0.9 * len(found)
    assert all(law in one.plausible for one in found)


@pytest.mark.parametrize(
    ("law", "exponent", "other"), [(Law.CONSTANT, 0.0, 1.0), (Law.LINEAR, 1.0, 0.0)]
)
def test_the_interval_of_constant_and_linear_excludes_the_other(
    law: Law, exponent: float, other: float
) -> None:
    """The exponent's interval covers the truth in 90 % of the seeds, and never the other law's."""
    found = [measured(law, seed).exponent for seed in SEEDS]
    assert sum(holds(one, exponent) for one in found) >= 0.9 * len(found)
    assert not any(holds(one, other) for one in found)


def test_a_constant_cost_in_front_does_not_hide_the_growth() -> None:
    """Where the growing part is a third of the largest latency, its exponent is still 1."""
    latencies = [1e-3 + 5e-9 * n for n in SIZES]
    noisy = [value * (1 + 0.005 * (-1) ** index) for index, value in enumerate(latencies)]
    found = growth(SIZES, noisy)
    assert found.law is Law.LINEAR
    assert holds(found.exponent, 1.0)


def test_disturbed_visits_do_not_pass_for_growth() -> None:
    """A visit that is slower as a whole is scatter of visits, as long as it is so declared."""
    numbers = np.random.default_rng(4)
    grows = 0
    for _ in range(100):
        visits = dict.fromkeys(sorted(set(SIZES)), 0.0)
        visits = {size: float(np.exp(numbers.normal() * 0.05)) for size in visits}
        latencies = [1e-3 * visits[n] * (1 + 0.01 * float(numbers.normal())) for n in SIZES]
        grows += growth(SIZES, latencies, scatter=0.05).law is not Law.CONSTANT
    assert grows <= 5


def test_laws_have_an_order() -> None:
    """A plan allows a law and everything that grows slower."""
    assert sorted(Law, key=lambda law: law.rank) == list(Law)


@pytest.mark.parametrize(
    ("sizes", "latencies"),
    [
        ([10.0, 20.0] * 3, [1.0] * 6),
        ([10.0, 20.0, 30.0], [1.0] * 3),
        ([1.0, 2.0, 3.0] * 2, [1.0] * 6),
    ],
)
def test_too_little_to_fit_is_refused(sizes: list[float], latencies: list[float]) -> None:
    """Two sizes, three values, or a size whose logarithm is 0 give no law."""
    with pytest.raises(ValueError, match=r"needs|begin"):
        growth(sizes, latencies)
