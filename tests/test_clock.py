"""The process's clock: the machine's own, or one on which waiting takes no time."""

import time

from pgassay.clock import LeapingClock, MachineClock, clock, going_by, utc_now


def test_without_another_one_it_is_the_machines() -> None:
    assert isinstance(clock(), MachineClock)
    assert abs(clock().time() - time.time()) < 60


def test_who_sleeps_on_a_leaping_clock_goes_on_at_once() -> None:
    leaping, began = LeapingClock(), time.perf_counter()
    now, moment = leaping.now(), leaping.time()
    leaping.sleep(3600.0)
    assert leaping.now() - now >= 3600.0
    assert leaping.time() - moment >= 3599.0
    assert time.perf_counter() - began < 60


def test_a_leaping_clock_never_goes_back() -> None:
    leaping = LeapingClock()
    before = leaping.now()
    leaping.sleep(-5.0)
    assert leaping.now() >= before


def test_the_process_goes_by_another_clock_while_the_block_runs() -> None:
    leaping = LeapingClock()
    leaping.sleep(1e6)
    with going_by(leaping):
        assert clock() is leaping
        assert utc_now().timestamp() - time.time() > 9e5
    assert isinstance(clock(), MachineClock)
