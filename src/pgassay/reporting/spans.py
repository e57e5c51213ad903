"""How long asynchronous operations took, each kind on one line."""

import statistics
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from pgassay.results import Duration, Results


@dataclass(frozen=True, slots=True)
class Span:
    """What was seen of one kind of operation, in seconds.

    A single operation took between its lower and its upper bound, the two looks at the target
    between which it was over: `shortest` is the least lower one, `longest` the greatest upper one,
    `typical` the median of the upper ones.
    """

    family: str
    name: str
    seen: int
    shortest: float
    typical: float
    longest: float


def spans(results: Results) -> Sequence[Span]:
    """Summarise the durations of a run, by family and name."""
    kinds: dict[tuple[str, str], list[Duration]] = defaultdict(list)
    for duration in results.durations:
        kinds[str(duration.family), duration.name].append(duration)
    return [_span(*kind, durations) for kind, durations in sorted(kinds.items())]


def _span(family: str, name: str, durations: Sequence[Duration]) -> Span:
    return Span(
        family,
        name,
        len(durations),
        min(each.lower for each in durations),
        statistics.median_low(each.upper for each in durations),
        max(each.upper for each in durations),
    )
