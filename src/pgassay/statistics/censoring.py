"""The distribution of durations of which only intervals are known.

Who polls learns that a resource was not ready at one look and was at the next; who gives up learns
a lower bound only. Taking the upper ends for durations makes every poll look slow. B. W. Turnbull
(J. R. Statist. Soc. B 38, 1976, 290-295) gives the most likely distribution without any assumption;
where all intervals share one end it is that of Kaplan and Meier.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, TypeAlias

import numpy as np

_Array: TypeAlias = "np.ndarray[tuple[int, ...], np.dtype[np.float64]]"

_ROUNDS: Final = 5000
_CLOSE: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Step:
    """A share (0 to 1) of the durations that lies between `lower` and `upper`, nobody knows where.

    `upper` is infinite for what was never seen to end.
    """

    lower: float
    upper: float
    share: float


@dataclass(frozen=True, slots=True)
class Distribution:
    """The most likely distribution: its steps in order, none of which overlap."""

    steps: tuple[Step, ...]

    def quantile(self, share: float) -> tuple[float, float]:
        """The interval in which the quantile `share` (0 to 1) lies."""
        total = 0.0
        for step in self.steps:
            total += step.share
            if total >= share - _CLOSE:
                return step.lower, step.upper
        return self.steps[-1].lower, self.steps[-1].upper

    def mean_bounds(self) -> tuple[float, float]:
        """The smallest and the largest mean that the distribution allows."""
        lower = math.fsum(step.lower * step.share for step in self.steps)
        return lower, math.fsum(step.upper * step.share for step in self.steps)


def distribution(intervals: Sequence[tuple[float, float | None]]) -> Distribution:
    """Find the distribution of durations known to lie in `intervals`; None means unbounded.

    Raises `ValueError` where there are none, or one ends before it begins.
    """
    if not intervals:
        raise ValueError("there are no durations")
    lowers = np.asarray([low for low, _ in intervals], float)
    uppers = np.asarray([math.inf if high is None else high for _, high in intervals], float)
    if bool((uppers < lowers).any()):
        raise ValueError("an interval ends before it begins")
    cells = _cells(lowers, uppers)
    starts, ends = cells[:, 0], cells[:, 1]
    members = (starts >= lowers[:, None]) & (ends <= uppers[:, None])
    shares = _shares(members.astype(float))
    return Distribution(
        tuple(
            Step(float(low), float(high), float(share))
            for (low, high), share in zip(cells, shares, strict=True)
            if share > _CLOSE
        )
    )


def _cells(lowers: _Array, uppers: _Array) -> _Array:
    """The innermost intervals: from a lower end to the next end, if that is an upper one."""
    # At one moment lower ends come first, so that a point is an interval of its own.
    ends = sorted([(low, 0) for low in lowers] + [(high, 1) for high in uppers])
    pairs = [
        (left, right) for (left, begins), (right, closes) in pairwise(ends) if not begins and closes
    ]
    return np.asarray(pairs, float)


def _shares(members: _Array) -> _Array:
    """Turnbull's self-consistent shares: each interval is spread over its cells as all are."""
    shares: _Array = np.full(members.shape[1], 1.0 / members.shape[1])
    for _ in range(_ROUNDS):
        spread = members * shares
        spread /= spread.sum(axis=1, keepdims=True)
        following: _Array = spread.mean(axis=0)
        moved = float(np.abs(following - shares).max())
        shares = following
        if moved < _CLOSE:
            break
    return shares
