"""What the laws say of response times: closed forms, and how far samples of them scatter.

Source of the queue's law: Gross, Shortle, Thompson and Harris, Fundamentals of Queueing Theory,
sections 3.2 and 3.3 (M/M/1 and M/M/c, first come first served).
"""

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pgassay.calibration.laws import Law

#: Halvings of an interval until a quantile is exact to the last digit that matters.
_HALVINGS = 100


@dataclass(frozen=True, slots=True)
class Queue:
    """An M/M/c queue: Poisson arrivals of `rate` a second, `servers` of exponential `mean` seconds.

    ValueError where the servers cannot keep up, for then there is no law.
    """

    rate: float
    servers: int
    mean: float

    def __post_init__(self) -> None:
        if self.load >= self.servers:
            raise ValueError(f"{self.servers} servers cannot keep up with a load of {self.load:g}")

    @property
    def load(self) -> float:
        """The offered load in Erlang: the servers that are busy on average."""
        return self.rate * self.mean

    @property
    def waiting(self) -> float:
        """Erlang C: the share of requests that find all servers busy (0 to 1)."""
        blocking = 1.0  # Erlang B, by its recursion over the number of servers
        for number in range(1, self.servers + 1):
            blocking = self.load * blocking / (number + self.load * blocking)
        return blocking / (1 - self.load / self.servers * (1 - blocking))

    @property
    def average(self) -> float:
        """The mean response time in seconds."""
        return self.mean + self.waiting / (self.servers / self.mean - self.rate)

    def beyond(self, seconds: float) -> float:
        """The share of requests that take longer than `seconds`, waiting included.

        The response is an exponential service and, for the share that waits, an exponential wait.
        """
        service, wait = 1 / self.mean, self.servers / self.mean - self.rate
        served = math.exp(-service * seconds)
        if math.isclose(service, wait, rel_tol=1e-6):
            both = (1 + service * seconds) * served
        else:
            both = (wait * served - service * math.exp(-wait * seconds)) / (wait - service)
        return (1 - self.waiting) * served + self.waiting * both

    def quantile(self, share: float) -> float:
        """The response time in seconds that the share `share` (0 to 1) does not exceed."""
        return quantile(self.beyond, share)


def exponential_quantile(mean: float, share: float) -> float:
    """The quantile `share` of an exponential time of `mean` seconds."""
    return -mean * math.log1p(-share)


def stalled_quantile(service: float, stall: float, duration: float, share: float) -> float:
    """The quantile of a constant `service` under even arrivals, `stall` seconds of them stalled.

    Arrivals are spread over `duration` seconds, the whole stall lies within them, and each that is
    due in it waits for its end: between `service` and `stall + service`, evenly.
    """
    usual = 1 - stall / duration
    return service + max(share - usual, 0.0) * duration


def quantile(beyond: Callable[[float], float], share: float) -> float:
    """Invert a falling function: where does only `1 - share` lie beyond?"""
    low, high = 0.0, 1.0
    while beyond(high) > 1 - share:
        high *= 2
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if beyond(middle) > 1 - share else (low, middle)
    return high


def poisson(rate: float, duration: float, seed: str) -> tuple[float, ...]:
    """The arrivals of a Poisson process, given that `rate * duration` of them came."""
    generator = random.Random(seed)  # noqa: S311 - repeatable on purpose
    count = int(rate * duration + 1e-9)
    return tuple(sorted(generator.random() * duration for _ in range(count)))


def responses(law: Law, arrivals: Sequence[float]) -> list[float]:
    """The response times in virtual time, in seconds and in the order of arrival."""
    return [law.finish(arrived) - arrived for arrived in arrivals]


def nearest_rank(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of `values` (not empty, any order) do not exceed."""
    ordered = sorted(values)
    return ordered[max(math.ceil(share * len(ordered) - 1e-9), 1) - 1]


def scatter(
    law: Callable[[str], Law], rate: float, duration: float, shares: Sequence[float], repeats: int
) -> dict[float, tuple[float, float]]:
    """The lowest and highest sampled quantiles in `repeats` virtual runs, by share.

    Neighbours in a queue resemble each other, so that the binomial interval of independent samples
    would be too narrow; the runs are therefore repeated. `law` makes a fresh law from a seed. A
    further run leaves the range with a chance of 2 in `repeats + 1`.
    """
    found: dict[float, list[float]] = {share: [] for share in shares}
    for number in range(repeats):
        times = responses(law(f"scatter/{number}"), poisson(rate, duration, f"scatter/{number}"))
        for share in shares:
            found[share].append(nearest_rank(times, share))
    return {share: (min(values), max(values)) for share, values in found.items()}
