"""Exact percentiles with distribution-free confidence intervals.

The interval's ends are order statistics whose ranks follow from the binomial distribution (David
and Nagaraja, Order Statistics, section 7.1). Nothing is assumed about the latencies' distribution.
"""

import math
from collections.abc import Callable, Sequence
from functools import lru_cache

from pgassay.results import Percentile
from pgassay.traffic.histogram import Histogram

#: The confidence of every interval here.
CONFIDENCE = 0.95
_TAIL = (1 - CONFIDENCE) / 2
#: Further than this many standard deviations from its mean a binomial variable has no weight that
#: a double could tell from none.
_REACH = 9.0


def percentile(lowers: Sequence[float], uppers: Sequence[float], q: float) -> Percentile:
    """Return the percentile `q` (0 < q < 100) of samples known to lie between two ends.

    Both sequences are sorted; an end that was not seen is `math.inf`. What the samples do not carry
    is None: a value needs at least one sample beyond it on average, a bound needs its rank.
    """
    return _percentile(q, len(uppers), lambda rank: lowers[rank - 1], lambda rank: uppers[rank - 1])


def of_histogram(answered: Histogram, waited: Histogram, q: float) -> Percentile:
    """Return the percentile `q` of the answers, and of waits that ended without one.

    What was waited for took longer than that: it bounds a percentile from below alone.
    """
    both = Histogram.merged((answered, waited)) if waited.count else answered

    def upper(rank: int) -> float:
        return answered.value_at_rank(rank) if rank <= answered.count else math.inf

    return _percentile(q, both.count, both.value_at_rank, upper)


def _percentile(
    q: float, count: int, lower: Callable[[int], float], upper: Callable[[int], float]
) -> Percentile:
    if not count:
        return Percentile(q, None, None, None)
    share = q / 100
    low, high = ranks(count, share)
    rank = max(math.ceil(share * count - 1e-9), 1)
    carried = count * (1 - share) >= 1 - 1e-9
    return Percentile(
        q,
        _finite(upper(rank)) if carried else None,
        None if low is None else lower(low),
        None if high is None else _finite(upper(high)),
    )


def minimum_samples(q: float) -> int:
    """Return the fewest samples whose percentile `q` has an upper bound at 95 %."""
    return math.ceil(math.log(_TAIL) / math.log(q / 100) - 1e-9)


@lru_cache(maxsize=1024)
def ranks(count: int, share: float) -> tuple[int | None, int | None]:
    """Return the ranks (from 1) that enclose the quantile `share` with 95 % confidence.

    A rank is None where even the smallest, or the largest, sample does not bound it. Ten million
    samples take a few milliseconds: only ranks near the quantile are looked at.
    """
    # How many samples lie below the quantile is a binomial variable.
    mean, deviation = count * share, math.sqrt(count * share * (1 - share))
    below = max(math.floor(mean - _REACH * deviation - _REACH), 0)
    probability = _binomial(count, below, share)
    cumulated = probability
    low = below + 1 if cumulated <= _TAIL else None
    odds = share / (1 - share)
    while cumulated < 1 - _TAIL and below < count:
        probability *= (count - below) / (below + 1) * odds
        below += 1
        cumulated += probability
        if cumulated <= _TAIL:
            low = below + 1
    return low, below + 1 if below < count else None


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
