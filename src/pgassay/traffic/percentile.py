"""Exact percentiles with distribution-free confidence intervals.

The interval's ends are order statistics whose ranks follow from the binomial distribution (David
and Nagaraja, Order Statistics, section 7.1). Nothing is assumed about the latencies' distribution.
"""

import math
from collections.abc import Sequence
from functools import lru_cache

from pgassay.results import Percentile

_TAIL = 0.025  # on each side of a 95 % interval


def percentile(lowers: Sequence[float], uppers: Sequence[float], q: float) -> Percentile:
    """Return the percentile `q` (0 < q < 100) of samples known to lie between two ends.

    Both sequences are sorted; an end that was not seen is `math.inf`. What the samples do not carry
    is None: a value needs at least one sample beyond it on average, a bound needs its rank.
    """
    count, share = len(uppers), q / 100
    if not count:
        return Percentile(q, None, None, None)
    low, high = ranks(count, share)
    rank = max(math.ceil(share * count - 1e-9), 1)
    carried = count * (1 - share) >= 1 - 1e-9
    return Percentile(
        q,
        _finite(uppers[rank - 1]) if carried else None,
        None if low is None else lowers[low - 1],
        None if high is None else _finite(uppers[high - 1]),
    )


def minimum_samples(q: float) -> int:
    """Return the fewest samples whose percentile `q` has an upper bound at 95 %."""
    return math.ceil(math.log(_TAIL) / math.log(q / 100) - 1e-9)


@lru_cache(maxsize=1024)
def ranks(count: int, share: float) -> tuple[int | None, int | None]:
    """Return the ranks (from 1) that enclose the quantile `share` with 95 % confidence.

    A rank is None where even the smallest, or the largest, sample does not bound it.
    """
    low: int | None = None
    cumulated = 0.0
    for rank in range(1, count + 1):
        cumulated += _binomial(count, rank - 1, share)  # fewer than `rank` samples lie below
        if cumulated <= _TAIL:
            low = rank
        if cumulated >= 1 - _TAIL:
            return low, rank
    return low, None


def _binomial(count: int, successes: int, share: float) -> float:
    logarithm = (
        math.lgamma(count + 1)
        - math.lgamma(successes + 1)
        - math.lgamma(count - successes + 1)
        + successes * math.log(share)
        + (count - successes) * math.log1p(-share)
    )
    return math.exp(logarithm)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
