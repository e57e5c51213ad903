"""What polls tell about waits is an interval each, and together more than that."""

import random

import pytest

from pgassay.traffic.curve import curve, likely
from pgassay.traffic.samples import Outcome, Sample


def polled(truth: float, count: int, gap: float = 0.5) -> list[Sample]:
    """Waits that all take `truth` seconds, seen by polls that are `gap` apart and out of step."""
    drawn = random.Random(1)
    samples = []
    for number in range(count):
        end = drawn.random() * gap
        while end < truth:
            end += gap
        samples.append(Sample(number, max(end - gap, 0.0), end, Outcome.SUCCEEDED))
    return samples


def test_many_intervals_enclose_the_truth_closer_than_each_of_them() -> None:
    """Of 100 waits of 2 s, polled every 0.5 s, median and mean are known to 0.05 s."""
    found = likely(polled(2.0, 100))
    assert found is not None
    for lower, upper in (found.p50, found.mean):
        assert upper is not None
        assert lower <= 2.0 <= upper
        assert upper - lower < 0.05


def test_waits_that_failed_or_saw_no_end_are_shares_of_all() -> None:
    """Of 8 waits 6 came, one failed and one was given up, which has no end and bounds no mean."""
    samples = [
        *polled(1.0, 6),
        Sample(7.0, 0.2, 0.4, Outcome.FAILED),
        Sample(8.0, 9.0, None, Outcome.UNFINISHED),
    ]
    found = likely(samples)
    assert found is not None
    assert found.mean[1] is None
    assert sum(share for *_, share in found.steps) == pytest.approx(7 / 8)
    (last,) = [step for step in found.steps if step[1] is None]
    assert last[0] == 9.0
    assert last[2] == pytest.approx(1 / 8)


def test_of_very_many_waits_some_are_enough() -> None:
    """At most 200 of them go into the estimate."""
    found = likely(polled(1.0, 1000))
    assert found is not None
    assert found.samples == 200


def test_where_nothing_came_to_its_end_there_is_no_curve() -> None:
    """Failures and waits that were given up tell no duration."""
    samples = [
        Sample(0.0, 0.2, 0.4, Outcome.FAILED),
        Sample(1.0, 9.0, None, Outcome.UNFINISHED),
    ]
    assert curve(samples) == ()
    assert likely(samples) is None
    assert likely([]) is None
