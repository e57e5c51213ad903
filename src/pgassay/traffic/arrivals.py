"""Seeded open-loop arrival schedules: when each arrival is meant to be sent.

The schedule is fixed before the first request leaves, so a slow target cannot slow it down
(a closed loop would, and would hide exactly the stalls that matter).

All arrivals of all workers are numbered; worker w of n has those whose number leaves the remainder
w when divided by n. Together they offer the same number as one worker would, and at a constant
spacing at the very same times.
"""

import math
import random
from collections.abc import Iterable, Iterator, Sequence

from pgassay.traffic.phase import Phase

#: Expected numbers are sums of products of decimal fractions: 2.9999999999 arrivals are three.
_ROUNDING = 1e-9


def schedule(
    phases: Sequence[Phase], seed: int, worker: int = 0, workers: int = 1
) -> Iterator[float]:
    """Yield the intended times in seconds from the start, in order.

    Each phase has exactly as many arrivals as its rate says (a fraction counts where it completes
    one), so that a run has the number of samples that its objectives were planned for.
    """
    numbers = random.Random(f"{seed}/{worker}/arrivals")
    start = expected = 0.0
    for phase in phases:
        first, end = _whole(expected), _whole(expected + phase.arrivals)
        mine = range(first + (worker - first) % workers, end, workers)
        if phase.process == "constant":
            reached: Iterable[float] = (max(number - expected, 0.0) for number in mine)
        else:
            # Given their number, the arrivals of a Poisson process are independent, and uniform in
            # the integral of the rate. See Devroye, Non-Uniform Random Variate Generation (1986),
            # VI.1.
            reached = (phase.arrivals * share for share in _ascending(numbers, len(mine)))
        yield from (start + phase.moment(number) for number in reached)
        start, expected = start + phase.seconds, expected + phase.arrivals


def _whole(expected: float) -> int:
    """How many arrivals have come when `expected` are expected; one comes at the very start."""
    return math.ceil(expected - _ROUNDING)


def _ascending(numbers: random.Random, count: int) -> Iterator[float]:
    """Yield `count` numbers uniform from 0 to 1, in order and one at a time (Devroye, V.3).

    Sorting those of a long phase would stop the generator for tenths of a second where it begins.
    """
    above = 1.0
    for left in range(count, 0, -1):
        above *= numbers.random() ** (1 / left)
        yield 1 - above
