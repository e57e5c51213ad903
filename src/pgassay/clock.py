"""The one clock that a run goes by: the machine's, or one on which waiting takes no time.

A process has one run at a time, so the clock is the process's own, and threads share it.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Time as the suite sees it."""

    def now(self) -> float:
        """Return monotonic seconds."""
        ...

    def time(self) -> float:
        """Return seconds since the Unix epoch."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let `seconds` pass."""
        ...


class MachineClock:
    """The machine's own clock."""

    def now(self) -> float:
        """Return monotonic seconds."""
        return time.perf_counter()

    def time(self) -> float:
        """Return seconds since the Unix epoch."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Let `seconds` pass."""
        time.sleep(seconds)


class LeapingClock:
    """The machine's clock, but for waiting: who sleeps moves it forward and goes on at once.

    A server that goes by it too ages with every wait, so that a whole lifecycle takes no time.
    What really takes time, takes it here as well, and what happens keeps its order.
    """

    def __init__(self) -> None:
        self._skipped = 0.0
        self._lock = threading.Lock()

    def now(self) -> float:
        """Return monotonic seconds."""
        return time.perf_counter() + self._skipped

    def time(self) -> float:
        """Return seconds since the Unix epoch."""
        return time.time() + self._skipped

    def sleep(self, seconds: float) -> None:
        """Move forward by `seconds`."""
        with self._lock:
            self._skipped += max(seconds, 0.0)


_kept: list[Clock] = [MachineClock()]


def clock() -> Clock:
    """Return the clock that the process goes by now."""
    return _kept[-1]


@contextmanager
def going_by(other: Clock) -> Iterator[None]:
    """Let the process go by another clock while the block runs."""
    _kept.append(other)
    try:
        yield
    finally:
        _kept.remove(other)


def utc_now() -> datetime:
    """Return the moment, in UTC, that the process's clock shows."""
    return datetime.fromtimestamp(clock().time(), UTC)
