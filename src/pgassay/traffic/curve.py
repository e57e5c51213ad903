"""How the share of waits that came to a good end grows, when ends are known as intervals."""

from bisect import bisect_right
from collections.abc import Sequence
from typing import Final

from pgassay.traffic.outcome import Outcome
from pgassay.traffic.samples import Sample

#: More steps than this cannot be told apart in a chart.
_STEPS: Final = 200


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
