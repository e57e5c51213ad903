"""The clock of a replay shows recorded times and never goes back."""

import threading

from pgassay.falsification.clock import RecordedClock


def test_it_follows_the_record() -> None:
    clock = RecordedClock(100.0)
    clock.depart(107.0)
    clock.sleep(0.5)
    assert clock.now() == clock.time() == 107.5


def test_what_comes_later_stays_later() -> None:
    clock = RecordedClock(100.0)
    clock.sleep(3600.0)
    clock.depart(101.0)
    assert clock.now() == 3700.0
    clock.depart(103.0)
    assert clock.now() == 3702.0


def test_requests_that_overlapped_overlap_again() -> None:
    clock, seen = RecordedClock(100.0), []

    def exchange(sent: float, duration: float) -> None:
        clock.depart(sent)
        began = clock.now()
        clock.sleep(duration)
        seen.append((began, clock.now()))

    for times in ((101.0, 5.0), (102.0, 1.0)):
        thread = threading.Thread(target=exchange, args=times)
        thread.start()
        thread.join()

    assert seen == [(101.0, 106.0), (102.0, 103.0)]
    assert clock.now() == 106.0
