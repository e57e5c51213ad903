"""When the next request of a tenant may leave: the target file's pace, and what a 429 asked for."""

import math
import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Final

from pgassay.traffic.record import Throttling

#: Setup and cleanup wait no longer than this for a time that the target named, in seconds.
_LONGEST: Final = 60.0
#: Where seconds belong some servers send a time; no limit is asked for that lasts for years.
_DATES: Final = 1e8


class Admission:
    """The pace of one tenant; `per_second` 0 means any.

    Arrivals that are due while nothing may leave are due when it may: the target asked for the
    wait, so it is no latency. How often was waited, and how long, is counted in `throttling`.
    """

    def __init__(self, per_second: float, wall: Callable[[], float] = time.time) -> None:
        """`wall` returns Unix time, which dates in answers are compared with."""
        self._gap = 1.0 / per_second if per_second else 0.0
        self._next = -math.inf
        self._closed_until = -math.inf
        self._wall = wall
        self.throttling = Throttling()

    def slot(self, due: float, *, measured: bool = True) -> float:
        """Return the clock's time at which a request that is due at `due` may leave."""
        due = self.held(due, measured=measured)
        if self._gap:
            due = max(due, self._next)
            self._next = due + self._gap
        return due

    def held(self, due: float, *, measured: bool = True) -> float:
        """Return when a request that already has its slot may leave."""
        if due >= self._closed_until:
            return due
        if not measured:
            return min(self._closed_until, due + _LONGEST)
        self.throttling.held += 1
        self.throttling.held_seconds += self._closed_until - due
        return self._closed_until

    def refused(self, headers: Mapping[str, str], now: float) -> None:
        """Take in a 429 that came at the clock's `now`."""
        self.throttling.answers += 1
        seconds = asked_pause(headers, self._wall())
        if seconds is None:
            self.throttling.unannounced += 1
        else:
            self._closed_until = max(self._closed_until, now + seconds)


def asked_pause(headers: Mapping[str, str], now: float) -> float | None:
    """Return after how many seconds to come again, as an answer says; None where it does not.

    Retry-After holds seconds or a date (RFC 9110, 10.2.3), X-RateLimit-Reset seconds until the
    window ends, or its end in Unix time. The longer of both counts. `now` is Unix time.
    """
    found = [
        pause
        for pause in (
            _seconds(headers.get("x-ratelimit-reset", ""), now),
            _seconds(headers.get("retry-after", ""), now),
        )
        if pause is not None
    ]
    return max(found, default=None)


def _seconds(value: str, now: float) -> float | None:
    try:
        number = float(value)
    except ValueError:
        return _until(value, now)
    if not math.isfinite(number) or number < 0:
        return None
    return max(number - now, 0.0) if number > _DATES else number


def _until(value: str, now: float) -> float | None:
    try:
        return max(parsedate_to_datetime(value).timestamp() - now, 0.0)
    except (ValueError, TypeError, OverflowError):
        return None
