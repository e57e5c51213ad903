"""Waiting with a clock of the test's own."""

from itertools import pairwise

from pgassay.waiting import wait_until


class Clock:
    def __init__(self) -> None:
        self.time = 100.0

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds


def test_the_interval_contains_the_moment_it_waits_for() -> None:
    clock = Clock()

    waited = wait_until(lambda: clock.now() >= 103.0, bool, budget=10.0, poll=0.5, clock=clock)

    assert waited.reached
    assert waited.lower < 3.0 <= waited.upper


def test_pauses_grow_but_stay_bounded() -> None:
    clock, looks = Clock(), []

    wait_until(lambda: looks.append(clock.now()), bool, budget=60.0, poll=1.0, clock=clock)

    pauses = [later - earlier for earlier, later in pairwise(looks)]
    assert pauses[0] == 1.0
    assert pauses == sorted(pauses)
    assert max(pauses) <= 10.0


def test_it_looks_once_even_without_a_budget() -> None:
    waited = wait_until(lambda: "seen", lambda _: False, budget=0.0, poll=1.0, clock=Clock())

    assert not waited.reached
    assert waited.seen == ("seen",)


def test_it_never_waits_beyond_its_budget() -> None:
    clock = Clock()

    wait_until(lambda: None, bool, budget=7.0, poll=2.0, clock=clock)

    assert clock.now() <= 107.0
