"""Waiting with a clock of the test's own."""

from collections.abc import Iterator
from itertools import pairwise

import pytest

from pgassay.clock import going_by
from pgassay.waiting import wait_until


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self._now = 100.0

    def now(self) -> float:
        return self._now

    def time(self) -> float:
        return self._now

    def sleep(self, seconds: float) -> None:
        self._now += seconds


@pytest.fixture(autouse=True)
def clock() -> Iterator[Clock]:
    """Give the clock that the waiting goes by."""
    own = Clock()
    with going_by(own):
        yield own


def test_the_interval_contains_the_moment_it_waits_for(clock: Clock) -> None:
    waited = wait_until(lambda: clock.now() >= 103.0, bool, budget=10.0, poll=0.5)

    assert waited.reached
    assert waited.lower < 3.0 <= waited.upper


def test_pauses_grow_but_stay_bounded(clock: Clock) -> None:
    looks: list[float] = []

    wait_until(lambda: looks.append(clock.now()), bool, budget=60.0, poll=1.0)

    pauses = [later - earlier for earlier, later in pairwise(looks)]
    *growing, last = pauses
    assert growing[0] == 1.0
    assert growing == sorted(growing)
    assert max(growing) <= 10.0
    assert last <= growing[-1]


def test_it_looks_once_even_without_a_budget() -> None:
    waited = wait_until(lambda: "seen", lambda _: False, budget=0.0, poll=1.0)

    assert not waited.reached
    assert waited.seen == ("seen",)


def test_it_never_waits_beyond_its_budget(clock: Clock) -> None:
    wait_until(lambda: None, bool, budget=7.0, poll=2.0)

    assert clock.now() == 107.0


def test_what_happens_within_the_budget_is_seen_however_long_a_pause_is(clock: Clock) -> None:
    waited = wait_until(lambda: clock.now() >= 106.0, bool, budget=7.0, poll=60.0)

    assert waited.reached
