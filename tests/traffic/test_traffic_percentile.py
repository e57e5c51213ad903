"""Percentiles and their intervals agree with published ranks."""

import math
import random

import pytest

from pgassay.traffic.percentile import minimum_samples, percentile, ranks


@pytest.mark.parametrize(
    ("count", "share", "expected"),
    [
        (500, 0.99, (490, 500)),
        (1000, 0.99, (983, 997)),
        (100, 0.99, (97, None)),
        (36, 0.9, (29, 36)),
        (71, 0.95, (63, None)),
        (72, 0.95, (64, 72)),
        (5, 0.5, (None, None)),
        (6, 0.5, (1, 6)),
    ],
)
def test_interval_ranks(count: int, share: float, expected: tuple[int | None, int | None]) -> None:
    assert ranks(count, share) == expected


@pytest.mark.parametrize(("q", "floor"), [(50.0, 6), (90.0, 36), (95.0, 72), (99.0, 368)])
def test_a_percentile_has_an_upper_bound_from_its_floor_on(q: float, floor: int) -> None:
    assert minimum_samples(q) == floor
    assert ranks(floor, q / 100)[1] is not None
    assert ranks(floor - 1, q / 100)[1] is None


def test_values_are_samples_by_nearest_rank() -> None:
    data = [float(number) for number in range(1, 1001)]
    found = percentile(data, data, 95.0)
    assert found.value == 950.0
    assert found.lower is not None
    assert found.upper is not None
    assert found.lower < 950.0 < found.upper


def test_a_percentile_that_the_samples_do_not_carry_has_no_value() -> None:
    data = [float(number) for number in range(50)]
    found = percentile(data, data, 99.0)
    assert (found.value, found.upper) == (None, None)
    assert percentile([], [], 50.0).value is None


def test_ends_that_were_not_seen_leave_the_upper_bound_open() -> None:
    lowers = sorted([0.1] * 80 + [5.0] * 20)
    uppers = sorted([0.1] * 80 + [math.inf] * 20)
    found = percentile(lowers, uppers, 95.0)
    assert (found.value, found.upper) == (None, None)
    assert found.lower == 5.0


def test_the_interval_covers_the_truth_as_often_as_it_claims() -> None:
    random_numbers = random.Random(7)
    covered = 0
    for _ in range(400):
        data = sorted(random_numbers.expovariate(1.0) for _ in range(200))
        found = percentile(data, data, 90.0)
        assert found.lower is not None
        assert found.upper is not None
        covered += found.lower <= -math.log(0.1) <= found.upper
    assert covered / 400 >= 0.93
