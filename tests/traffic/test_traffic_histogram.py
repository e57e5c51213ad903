"""Histograms tell values to 1/1024, and merge exactly."""

import math
import random

import pytest

from pgassay.traffic.histogram import Histogram


def values(seed: int, number: int) -> list[float]:
    numbers = random.Random(seed)
    return [numbers.lognormvariate(-5.0, 2.5) for _ in range(number)]


def histogram(recorded: list[float]) -> Histogram:
    found = Histogram()
    for value in recorded:
        found.record(value)
    return found


def test_every_rank_is_told_to_a_thousandth_and_both_ends_exactly() -> None:
    recorded = sorted(values(1, 5000))
    found = histogram(recorded)
    for rank in range(1, 5001, 49):
        assert found.value_at_rank(rank) == pytest.approx(recorded[rank - 1], rel=1 / 1024)
    assert (found.minimum, found.maximum) == (recorded[0], recorded[-1])
    assert found.total == pytest.approx(math.fsum(recorded), abs=5000e-9)


@pytest.mark.parametrize("rank", [0, 4, -1])
def test_a_rank_that_no_value_has_is_refused(rank: int) -> None:
    with pytest.raises(IndexError, match=r"of 3 values"):
        histogram([0.1, 0.2, 0.3]).value_at_rank(rank)


@pytest.mark.parametrize(
    "value", [0.0, -1.0, 1e-12, 2.0**-30, 0.5, 1.0, 1023 / 1024, 86_400.0, 1e9]
)
def test_the_bucket_of_a_value_contains_it(value: float) -> None:
    ((low, high, count),) = histogram([value]).items()
    assert low <= max(value, 0.0) < high
    assert count == 1


@pytest.mark.parametrize("parts", [1, 2, 7])
def test_a_load_that_was_split_merges_into_the_same_histogram(parts: int) -> None:
    recorded = values(2, 1000)
    split = [histogram(recorded[part::parts]) for part in range(parts)]
    assert Histogram.merged(split) == histogram(recorded)
    assert Histogram.merged(reversed(split)) == histogram(recorded)


def test_what_is_encoded_is_decoded_as_it_was() -> None:
    for recorded in ([], [0.0], values(3, 500)):
        found = histogram(recorded)
        assert Histogram.decode(found.encode()) == found
    with pytest.raises(ValueError, match="not a histogram"):
        Histogram.decode(b"something else")


def test_a_compacted_histogram_goes_on_counting() -> None:
    recorded = values(4, 300)
    found = Histogram()
    for number, value in enumerate(recorded):
        found.record(value)
        if number % 100 == 50:
            found.compact()
    assert found == histogram(recorded)
    found.compact()
    assert Histogram.merged([found, found]) == histogram(recorded * 2)


def test_only_what_is_surely_above_a_limit_is_counted_above_it() -> None:
    found = histogram([0.1, 0.2, 0.2501, 0.2505, 0.3])
    assert found.above(0.25) == 2
    assert histogram([0.25]).above(0.25) == 0


def test_a_coarse_histogram_tells_every_rank_to_a_hundredth() -> None:
    values = sorted(random.Random(3).lognormvariate(-5.0, 2.0) for _ in range(3000))
    found = histogram([0.0, *values]).coarse()
    assert found.value_at_rank(1) == 0.0
    assert found.value_at_rank(3001) == values[-1]
    for rank, value in enumerate(values[:-1], 2):
        assert found.value_at_rank(rank) == pytest.approx(value, rel=1 / 128)
    assert found.total == histogram(values).total
