"""Time for the reference server: the system's, or one that a test moves by hand."""

import time
from typing import Protocol


class Clock(Protocol):
    """Where the server takes the time from."""

    def now(self) -> float:
        """Return seconds since the Unix epoch, never less than the call before."""
        ...


class SystemClock:
    """The system's time; steps of the wall clock while the server runs do not disturb it."""

    def __init__(self) -> None:
        self._offset = time.time() - time.monotonic()

    def now(self) -> float:
        """Return seconds since the Unix epoch."""
        return self._offset + time.monotonic()


class ManualClock:
    """A clock that stands still until it is advanced; starts at 2026-05-28T20:26:40Z."""

    def __init__(self, start: float = 1_780_000_000.0) -> None:
        self._now = start

    def now(self) -> float:
        """Return seconds since the Unix epoch."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Move forward; ValueError for a negative number of seconds."""
        if seconds < 0:
            raise ValueError(f"a clock moves forward only, got {seconds} seconds")
        self._now += seconds
