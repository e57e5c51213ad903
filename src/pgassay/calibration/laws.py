"""How long the server takes: each law says when a request that arrived now is to be answered.

Laws know no clock. Whoever asks passes the moment of arrival, in seconds, never going back; so the
same law runs behind a socket and in virtual time.
"""

import heapq
import random
from collections.abc import Callable
from typing import Protocol


class Law(Protocol):
    """One way of taking time."""

    def finish(self, arrived: float) -> float:
        """Return the moment at which the request that arrived at `arrived` is to be answered."""


class Constant:
    """Every request takes the same `service` seconds, whatever else is going on."""

    def __init__(self, service: float) -> None:
        self._service = service

    def finish(self, arrived: float) -> float:
        """`service` seconds later."""
        return arrived + self._service


class Exponential:
    """Every request takes an exponential time of `mean` seconds, and none waits for another."""

    def __init__(self, mean: float, seed: str) -> None:
        self._rate = 1.0 / mean
        self._random = random.Random(seed)  # noqa: S311 - repeatable on purpose

    def finish(self, arrived: float) -> float:
        """An exponential time later."""
        return arrived + self._random.expovariate(self._rate)


class Workers:
    """`count` workers, one line in front of them, first come first served.

    `service` yields the seconds that a worker needs for the next request: drawn from an exponential
    law under Poisson arrivals this is M/M/c, constant it is a capacity of `count / service`.
    """

    def __init__(self, count: int, service: Callable[[], float]) -> None:
        self._free = [float("-inf")] * count
        self._service = service

    def finish(self, arrived: float) -> float:
        """When the first worker to be free has served everybody before, and this request."""
        finished = max(arrived, self._free[0]) + self._service()
        heapq.heapreplace(self._free, finished)
        return finished


class Stall:
    """Another law, but for one stall: what is due in it leaves at its end.

    It begins `at` seconds after the first request and lasts `seconds`.
    """

    def __init__(self, law: Law, at: float, seconds: float) -> None:
        self._law = law
        self._at = at
        self._seconds = seconds
        self._first: float | None = None

    def finish(self, arrived: float) -> float:
        """The other law's moment, or the end of the stall that it falls into."""
        self._first = arrived if self._first is None else self._first
        finished, begin = self._law.finish(arrived), self._first + self._at
        end = begin + self._seconds
        return end if begin <= finished < end else finished


class Leak:
    """A server that gets slower: each request takes `growth` seconds more for each second since.

    The first request takes `service` seconds.
    """

    def __init__(self, service: float, growth: float) -> None:
        self._service = service
        self._growth = growth
        self._first: float | None = None

    def finish(self, arrived: float) -> float:
        """`service` seconds and what has leaked until now later."""
        self._first = arrived if self._first is None else self._first
        return arrived + self._service + self._growth * (arrived - self._first)


def queue(servers: int, mean: float, seed: str) -> Workers:
    """The `servers` of an M/M/c queue, each taking exponential times of `mean` seconds."""
    generator = random.Random(seed)  # noqa: S311 - repeatable on purpose
    return Workers(servers, lambda: generator.expovariate(1.0 / mean))


def capacity(servers: int, service: float) -> Workers:
    """`servers` workers that take `service` seconds each: `servers / service` requests a second."""
    return Workers(servers, lambda: service)
