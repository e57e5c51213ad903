"""How long is waited between two polls, and how many polls that makes at most."""

import itertools
import random
from collections.abc import Iterator

#: Each pause between polls is this much longer than the one before, up to ten times the first,
#: and varies by this share, so that arrivals do not poll in step.
_BACK_OFF = 1.3
_LONGEST = 10.0
_JITTER = 0.1


def pauses(first: float, numbers: random.Random) -> Iterator[float]:
    """Yield the pauses of one wait, in seconds, without end; `first` is the mean of the first."""
    for number in itertools.count():
        yield first * _factor(number) * (1 + _JITTER * (2 * numbers.random() - 1))


def most_polls(first: float, seconds: float) -> int | None:
    """How many polls of one wait can be due within `seconds`, whatever is drawn; None for any.

    The first may be due at once: its pause may have begun before.
    """
    if first <= 0:
        return None
    polls, left = 1, seconds
    for number in itertools.count():
        pause = first * _factor(number) * (1 - _JITTER)
        if _factor(number) >= _LONGEST:
            break
        if pause > left:
            return polls
        polls, left = polls + 1, left - pause
    # From here on all are as long; one more makes up for rounding.
    return polls + int(left / pause) + 1


def _factor(number: int) -> float:
    return min(_BACK_OFF ** min(number, 100), _LONGEST)
