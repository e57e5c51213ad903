"""How the share of waits that came to a good end grows, when ends are known as intervals."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from typing import Final

from pgassay.results import LikelyTimes
from pgassay.traffic.outcome import Outcome
from pgassay.traffic.samples import Sample

#: More steps than this cannot be told apart in a chart.
_STEPS: Final = 200
#: More waits than this sharpen the most likely distribution little, and cost much.
_WAITS: Final = 200


def curve(samples: Sequence[Sample]) -> tuple[tuple[float, float, float], ...]:
    """Return (seconds, share that surely came by then, share that may have come by then).

    An end lies between two looks at the target: it may have come right after the first, and surely
    had at the second. Waits that failed or saw no end count among all, so that the shares say which
    part came at all. Where there are many ends, each step stands for some of them.
    """
    good = [
        (sample.lower, sample.upper)
        for sample in samples
        if sample.outcome is Outcome.SUCCEEDED and sample.upper is not None
    ]
    if not good:
        return ()
    lowers, uppers = sorted(low for low, _ in good), sorted(high for _, high in good)
    ends = sorted({0.0, *lowers, *uppers})
    size = -(-len(ends) // _STEPS)
    # From the last one backwards, so that the curve reaches its end.
    moments = ends[::-1][::size][::-1]
    total = len(samples)
    return tuple(
        (moment, bisect_right(uppers, moment) / total, bisect_right(lowers, moment) / total)
        for moment in moments
    )


def likely(samples: Sequence[Sample]) -> LikelyTimes | None:
    """Return the most likely distribution of the waits; None where none came to a good end.

    Polls do not know when a resource will be ready, so that many wide intervals, each at another
    place, enclose the truth closely. Waits that failed count among all; of very many waits an even
    choice is taken.
    """
    answered = [each for each in samples if _tells(each)]
    if not any(each.upper is not None for each in answered):
        return None
    # It brings NumPy, which takes its time, and only what is judged comes here.
    from pgassay.statistics.censoring import distribution  # noqa: PLC0415

    chosen = answered[:: -(-len(answered) // _WAITS)]
    found = distribution([(each.lower, each.upper) for each in chosen])
    part = len(answered) / len(samples)
    return LikelyTimes(
        _bounds(found.quantile(0.5)),
        _bounds(found.mean_bounds()),
        tuple((*_bounds((step.lower, step.upper)), step.share * part) for step in found.steps),
        len(chosen),
    )


def _tells(sample: Sample) -> bool:
    return sample.outcome is Outcome.SUCCEEDED or sample.upper is None


def _bounds(ends: tuple[float, float]) -> tuple[float, float | None]:
    lower, upper = ends
    return lower, upper if math.isfinite(upper) else None
