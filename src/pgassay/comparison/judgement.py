"""Judge what became slower between two sides of repeated runs.

All figures are judged together: p-values are adjusted after Holm, so that the chance of a single
false alarm among all of them keeps the error rate.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from pgassay.comparison.series import Key, Run, Series, loads, series
from pgassay.statistics import comparison
from pgassay.verdict import ExitStatus

#: Intervals within this share of 1 mean "the same", where no larger margin is allowed.
SAME = 0.05
#: The effect for which the needed number of runs is told, where no larger margin is allowed.
_WANTED = 0.1
#: A share of errors that rises by more than this is told.
_ERRORS = 0.01


class Relation(StrEnum):
    """How the second side's figure relates to the first one's."""

    SLOWER = "slower"
    FASTER = "faster"
    SAME = "same"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Terms:
    """What is asked.

    `margin` is the growth that is allowed (0.1: 10 %), `error_rate` that of false alarms in each
    direction, over all figures together; `percentiles`, `scenarios` and `operations` narrow down
    what is judged (empty: all scenarios, all operations). The fewer figures, the more is found.
    """

    margin: float = 0.0
    error_rate: float = comparison.ERROR_RATE
    percentiles: tuple[float, ...] = (50.0, 95.0)
    scenarios: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()

    def asks(self, key: Key) -> bool:
        """Tell whether a figure is to be judged."""
        return key.scenario in (self.scenarios or (key.scenario,)) and key.operation in (
            self.operations or (key.operation,)
        )


@dataclass(frozen=True, slots=True)
class Row:
    """One figure: the runs' values (seconds), their ratio with its interval, and what it means.

    `detectable` is the growth that would have been found in 80 % of cases, `needed` the number of
    runs on each side that would find 10 % (or the margin). `regression` tells whether growth beyond
    the margin is proven.
    """

    key: Key
    base: tuple[float, ...]
    against: tuple[float, ...]
    ratio: float
    lower: float
    upper: float
    detectable: float
    needed: int
    relation: Relation
    regression: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class Comparisons:
    """All rows, the names of the runs of both sides, and what could not be compared."""

    base: tuple[str, ...]
    against: tuple[str, ...]
    terms: Terms
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()

    @property
    def regressions(self) -> tuple[Row, ...]:
        """The rows with a proven growth beyond the margin."""
        return tuple(row for row in self.rows if row.regression)

    @property
    def status(self) -> ExitStatus:
        """Failed for a regression, inconclusive where nothing could be judged."""
        if self.regressions:
            return ExitStatus.FAILED
        return ExitStatus.CONFORMS if self.rows else ExitStatus.INCONCLUSIVE


def judge(base: Sequence[Run], against: Sequence[Run], terms: Terms) -> Comparisons:
    """Compare all figures that both sides have in at least 3 runs."""
    first, second = (series(runs, terms.percentiles) for runs in (base, against))
    notes, unequal = _unequal(base, against)
    pairs: dict[Key, tuple[Series, Series]] = {}
    few = 0
    for key in filter(terms.asks, first):
        if key not in second or (key.scenario, key.family) in unequal:
            continue
        pair = first[key], second[key]
        if min(len(side.values) for side in pair) >= comparison.MINIMUM_RUNS:
            pairs[key] = pair
        else:
            few += 1
    if few:
        notes.append(
            f"{few} figures have too few runs: at least {comparison.MINIMUM_RUNS} on each side are "
            f"needed, and at 10 % from run to run {comparison.runs_needed(0.1, 0.2)} to find 20 %"
        )
    if not pairs and not few and not unequal:
        notes.append("the two sides have no figure in common")
    before, after = (tuple(run.name for run in side) for side in (base, against))
    return Comparisons(before, after, terms, _rows(pairs, terms), tuple(notes))


def _unequal(base: Sequence[Run], against: Sequence[Run]) -> tuple[list[str], set[tuple[str, str]]]:
    """The scenarios that did not run under one and the same load, and a note on each."""
    unequal = {place for place, meant in loads((*base, *against)).items() if len(meant) > 1}
    notes = [
        f"{scenario} ({family}) ran at different rates or durations and is not compared"
        for scenario, family in sorted(unequal)
    ]
    return notes, unequal


def _rows(pairs: dict[Key, tuple[Series, Series]], terms: Terms) -> tuple[Row, ...]:
    found = [comparison.compare(a.values, b.values, terms.error_rate) for a, b in pairs.values()]
    slower = comparison.holm([one.slower() for one in found])
    faster = comparison.holm([one.faster() for one in found])
    beyond = comparison.holm([one.slower(terms.margin) for one in found])
    # What one figure alone would have to show, were all others unchanged.
    rate = terms.error_rate / max(len(found), 1)
    wanted = max(terms.margin, _WANTED)
    return tuple(
        Row(
            key,
            first.values,
            second.values,
            one.ratio.value,
            one.ratio.lower,
            one.ratio.upper,
            one.detectable(rate),
            comparison.runs_needed(one.scatter, wanted, rate),
            _relation(one, slower[index], faster[index], terms),
            beyond[index] <= terms.error_rate,
            _errors(first, second),
        )
        for index, ((key, (first, second)), one) in enumerate(
            zip(pairs.items(), found, strict=True)
        )
    )


def _relation(one: comparison.Comparison, slower: float, faster: float, terms: Terms) -> Relation:
    if slower <= terms.error_rate:
        return Relation.SLOWER
    if faster <= terms.error_rate:
        return Relation.FASTER
    room = 1 + max(terms.margin, SAME)
    within = one.ratio.lower >= 1 / room and one.ratio.upper <= room
    return Relation.SAME if within else Relation.UNDECIDED


def _errors(first: Series, second: Series) -> str:
    """A hint where latencies stayed and answers did not: fast failures are no improvement."""
    if second.errors <= first.errors + _ERRORS:
        return ""
    return f"errors rose from {first.errors:.1%} to {second.errors:.1%}"
