"""Seeded open-loop arrival schedules: when each arrival is meant to be sent.

The schedule is fixed before the first request leaves, so a slow target cannot slow it down
(a closed loop would, and would hide exactly the stalls that matter).
"""

import random
from typing import Literal, TypeAlias

Process: TypeAlias = Literal["poisson", "constant"]


def schedule(process: Process, rate: float, duration: float, seed: int) -> tuple[float, ...]:
    """Return the intended times in seconds from the start, in order, each below `duration`.

    `rate` is in arrivals per second. Both processes yield exactly `rate * duration` arrivals
    (rounded down), so that a run has the number of samples that its objectives were planned for.
    """
    count = int(rate * duration + 1e-9)
    if process == "constant":
        return tuple(number / rate for number in range(count))
    return _poisson(count, duration, seed)


def _poisson(count: int, duration: float, seed: int) -> tuple[float, ...]:
    # Given their number, the arrivals of a Poisson process are independent and uniform.
    random_numbers = random.Random(f"{seed}/arrivals")
    return tuple(sorted(random_numbers.random() * duration for _ in range(count)))
