"""How operations slow down as resources get more: what the visits of several sizes say.

Each visit's answers are put into batches, in their order, and the batches' medians are what a law
is fitted to. What disturbed a visit as a whole is not growth: visits scatter, at the least by
`SCATTER`, and as far as operations on the whole took another time when a size was visited again.
The law is that of the way up. What one operation costs after deletions is told where it stands out
of that scatter.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from statistics import median
from typing import Final

from pgassay.results import GrowthPoint, GrowthResult
from pgassay.statistics.law import MINIMUM_SIZES, Growth, Law, growth
from pgassay.target.model import Family
from pgassay.traffic.percentile import percentile
from pgassay.traffic.visits import OPERATIONS, Visit
from pgassay.verdict import Verdict

#: The relative scatter of visits that is expected at the least.
SCATTER: Final = 0.08
#: Batches of each visit.
_BATCHES: Final = 5
#: Visits that scatter more than this let nothing be said.
NOISY: Final = 0.5
#: What a size may cost more after deletions before it is told, also in terms of the scatter.
_AFTER: Final = 0.25
_SURE: Final = 3.0


def results(
    family: Family, visits: Sequence[Visit], laws: Mapping[str, str], note: str = ""
) -> tuple[GrowthResult, ...]:
    """Judge each operation by the law that the plan allows it; `note` says what was cut short."""
    disturbed = scatter(visits)
    if disturbed > NOISY:
        noise = f"too noisy a machine: the same size took {disturbed:.0%} more or less time"
        note = "; ".join(filter(None, (note, noise)))
    return tuple(
        _result(family, operation, visits, laws.get(operation, ""), (disturbed, note))
        for operation in OPERATIONS
        if operation in laws or any(operation in visit.seconds for visit in visits)
    )


def _result(
    family: Family,
    operation: str,
    visits: Sequence[Visit],
    allowed: str,
    conditions: tuple[float, str],
) -> GrowthResult:
    disturbed, note = conditions
    points = tuple(_point(visit, operation) for visit in visits)
    notes = [note, *_refusals(operation, visits), *_afterwards(operation, visits, disturbed)]
    found = _fit(operation, visits, disturbed)
    if found is None:
        notes.append(f"a law needs {MINIMUM_SIZES} sizes with {_BATCHES} good answers each")
        verdict = Verdict.INCONCLUSIVE
    else:
        verdict = judge(found, allowed)
        if verdict is Verdict.INCONCLUSIVE:
            notes.append(f"it may as well be {' or '.join(found.plausible)}")
    if note:
        # A size is missing, or the machine was busy with something else.
        verdict = Verdict.INCONCLUSIVE
    elif verdict is Verdict.PASS and len(notes) > 1:
        verdict = Verdict.WARN
    return GrowthResult(
        family=family,
        operation=operation,
        points=points,
        law=found.law if found else "",
        exponent=_finite(found.exponent.value) if found else None,
        lower=_finite(found.exponent.lower) if found else None,
        upper=_finite(found.exponent.upper) if found else None,
        allowed=allowed,
        verdict=verdict,
        note="; ".join(filter(None, notes)),
    )


def judge(found: Growth, allowed: str) -> Verdict:
    """PASS where the law is allowed, FAIL where no law that fits is; INCONCLUSIVE in between."""
    if not allowed or found.law.rank <= Law(allowed).rank:
        return Verdict.PASS
    fits = any(law.rank <= Law(allowed).rank for law in found.plausible)
    return Verdict.INCONCLUSIVE if fits else Verdict.FAIL


def scatter(visits: Sequence[Visit]) -> float:
    """By how much visits of one size differ, as a share, at least `SCATTER`.

    The median over all operations and sizes: that a single operation is slower after deletions
    does not move it. 1.4826 makes the deviation of a normal distribution of it.
    """
    shifts = [
        abs(math.log(ratio)) / math.sqrt(2)
        for operation in OPERATIONS
        for _, ratio in _again(operation, visits)
    ]
    return max(SCATTER, 1.4826 * median(shifts)) if shifts else SCATTER


def _fit(operation: str, visits: Sequence[Visit], disturbed: float) -> Growth | None:
    batches = [
        (float(visit.resources), value)
        for visit in visits
        if not visit.deleted
        for value in medians(visit.seconds.get(operation, []))
    ]
    if len({size for size, _ in batches}) < MINIMUM_SIZES:
        return None
    return growth([size for size, _ in batches], [value for _, value in batches], disturbed)


def medians(seconds: Sequence[float]) -> list[float]:
    """The medians of consecutive batches of about equal size; nothing for too few values."""
    if len(seconds) < _BATCHES:
        return []
    ends = [len(seconds) * number // _BATCHES for number in range(_BATCHES + 1)]
    return [median(seconds[begin:end]) for begin, end in pairwise(ends)]


def _point(visit: Visit, operation: str) -> GrowthPoint:
    ordered = sorted(visit.seconds.get(operation, []))
    p50, p99 = (percentile(ordered, ordered, q).value for q in (50.0, 99.0))
    return GrowthPoint(visit.resources, p50, p99, len(ordered), visit.deleted)


def _refusals(operation: str, visits: Sequence[Visit]) -> Iterator[str]:
    refused = sum(visit.refused.get(operation, 0) for visit in visits)
    good = sum(len(visit.seconds.get(operation, [])) for visit in visits)
    if refused:
        yield f"{refused} of {good + refused} were not answered well"


def _afterwards(operation: str, visits: Sequence[Visit], disturbed: float) -> Iterator[str]:
    """What the same number of resources costs more once others were deleted."""
    bound = max(math.log1p(_AFTER), _SURE * disturbed)
    again = list(_again(operation, visits))
    # What deletions leave behind shows at every size below; a disturbance seldom does.
    if again and all(math.log(ratio) > bound for _, ratio in again):
        resources, ratio = max(again, key=lambda one: one[1])
        yield f"with {resources} resources it takes {ratio:.2g} times as long after deletions"


def _again(operation: str, visits: Sequence[Visit]) -> Iterator[tuple[int, float]]:
    """The sizes that were visited again after deletions, and the ratio of the two medians."""
    before = {visit.resources: visit for visit in visits if not visit.deleted}
    for visit in visits:
        earlier = before.get(visit.resources)
        if visit.deleted and earlier is not None:
            sides = [one.seconds.get(operation, []) for one in (earlier, visit)]
            if all(len(side) >= _BATCHES for side in sides):
                yield visit.resources, median(sides[1]) / median(sides[0])


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
