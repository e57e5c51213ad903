"""The capacity of a target: the highest rate that keeps the objectives while work does not pile up.

A server that answers 202 and works later can look fast while it drowns. Therefore the backlog of
unfinished resources counts as much as the latencies: a rate is kept when every objective's figure
keeps its limit and the backlog is not proven to grow. Single trials are judged by their figures,
not by the ends of their intervals; what makes the answer sure are the repeats.
"""

from collections.abc import Callable, Sequence
from typing import Final, Protocol

from pgassay.results import CapacityResult, LoadScenario, SloResult, TrialResult, UslFit
from pgassay.results import Estimate as Figure
from pgassay.statistics.estimate import Estimate
from pgassay.statistics.scalability import MINIMUM_POINTS, scalability
from pgassay.statistics.trend import trend
from pgassay.target.model import Family
from pgassay.traffic.plan_file import CapacityPlan
from pgassay.traffic.search import Answer, Attempt, Bounds, Found, Outcome, Search
from pgassay.verdict import Verdict

#: A backlog grows when that is proven and it is more than this share of the arrivals.
GROWTH: Final = 0.02
#: The lifecycle figure whose ends are counted as creations.
_ACTIVE: Final = "time_to_active"


class Refused(Exception):
    """A trial that the target's limits do not allow; the text says which."""


class Load(Protocol):
    """Whatever applies a load to one family of a target."""

    def __call__(self, family: Family, rate: float, seconds: float, number: int) -> LoadScenario:
        """Run the plan's scenario at `rate` arrivals per second for `seconds`; trial `number`.

        Raises `Refused` where nothing may be sent, and `search.Over` once it was interrupted.
        """


def measure(
    plan: CapacityPlan, family: Family, load: Load, progress: Callable[[str], None]
) -> CapacityResult:
    """Search for the capacity of one family; each trial is one run of the plan's scenario."""
    objective = ""
    number = 0

    def trial(rate: float, seconds: float) -> Outcome:
        nonlocal objective, number
        number += 1
        try:
            found = load(family, rate, seconds, number)
        except Refused as refusal:
            return Outcome(Answer.UNKNOWN, note=str(refusal))
        objective = objective or _objective(_chosen(found, plan.objectives))
        return outcome(found, plan.objectives, rate, seconds, plan.warm_up)

    def told(attempt: Attempt) -> None:
        said = attempt.outcome
        words = f"{attempt.purpose} {attempt.rate:.4g}/s for {attempt.seconds:g} s: {said.answer}"
        progress(f"{family} capacity: {words} {said.note}".rstrip())

    bounds = Bounds(
        plan.lowest, plan.highest, plan.seconds, plan.confirmations, plan.hold, plan.precision
    )
    found = Search(bounds, trial, told).run()
    return result(plan.scenario, family, found, objective)


def outcome(
    load: LoadScenario,
    objectives: Sequence[str],
    rate: float,
    seconds: float,
    warm_up: float,
) -> Outcome:
    """What one run at `rate` says; the first `warm_up` of its `seconds` are not judged.

    Counts are those of all phases, which have the same rate.
    """
    slope = backlog_slope(load.backlog, warm_up, seconds)
    answer, note = _answer(load, _chosen(load, objectives), slope, rate)
    good = [item for item in load.operations if item.mean is not None]
    busy = sum(item.succeeded * (item.mean or 0.0) for item in good) / seconds
    active = [item.succeeded for item in load.lifecycle if item.name == _ACTIVE]
    offered = load.rates.get("offered", 0.0)
    share = load.rates.get("succeeded", 0.0) / offered if offered else 0.0
    return Outcome(
        answer,
        achieved=rate * min(share, 1.0),
        p99=_p99(load, _chosen(load, objectives)),
        backlog_slope=None if slope is None else slope.value,
        concurrency=busy or None,
        throughput=sum(item.succeeded for item in good) / seconds or None,
        creates=sum(active) / seconds * 60 if active else None,
        note=note,
    )


def backlog_slope(backlog: Sequence[int], begin: float, end: float) -> Estimate | None:
    """By how much the backlog grows in a second, between two moments of a load; None if unseen."""
    levels = [float(level) for second, level in enumerate(backlog) if begin <= second < end]
    return trend(range(len(levels)), levels).slope if levels else None


def grows(slope: Estimate | None, rate: float) -> bool:
    """Tell whether a backlog grows at `rate` arrivals per second, for sure and by enough."""
    return slope is not None and slope.lower > 0 and slope.value > GROWTH * rate


def result(scenario: str, family: Family, found: Found, objective: str) -> CapacityResult:
    """What the search says, with the scalability law over all trials that were steady."""
    notes = [found.note]
    if found.limited:
        notes.append(f"{found.limited}: the capacity may be higher")
    return CapacityResult(
        scenario=scenario,
        family=family,
        objective=objective,
        trials=tuple(map(_trial, found.attempts)),
        sustained=found.sustained,
        lowest_bad=found.lowest_bad,
        creates_per_minute=_creates(found),
        verdict=_verdict(found),
        note="; ".join(filter(None, notes)),
        usl=law(found.attempts),
    )


def _creates(found: Found) -> float | None:
    """The creations per minute that became active where the rate found was kept."""
    kept = [
        (item.outcome.creates, item.seconds)
        for item in found.attempts
        if item.rate == found.sustained
        and item.outcome.answer is Answer.KEPT
        and item.outcome.creates is not None
    ]
    whole = sum(seconds for _, seconds in kept)
    return sum(creates * seconds for creates, seconds in kept) / whole if whole else None


def law(attempts: Sequence[Attempt]) -> UslFit | None:
    """Fit the Universal Scalability Law over the trials' concurrency; None with too few of them.

    Throughput and concurrency belong together only while a server is steady: trials whose backlog
    grew, or whose rate was not applied, are left out.
    """
    points = [
        (said.concurrency, said.throughput)
        for said in (attempt.outcome for attempt in attempts)
        if said.answer is Answer.KEPT and said.concurrency and said.throughput
    ]
    if len({number for number, _ in points}) < MINIMUM_POINTS:
        return None
    fit = scalability([number for number, _ in points], [rate for _, rate in points])
    return UslFit(
        *map(_figure, (fit.gamma, fit.alpha, fit.beta, fit.peak_concurrency, fit.peak_rate))
    )


def _answer(
    load: LoadScenario, chosen: Sequence[SloResult], slope: Estimate | None, rate: float
) -> tuple[Answer, str]:
    if load.verdict is Verdict.ERROR or not chosen:
        return Answer.UNKNOWN, load.note or "no objective of the plan applies"
    reasons = (
        (Answer.GENERATOR, [load.saturated] if load.saturated else []),
        (Answer.BROKEN, [f"{item.id}: {_told(item)}" for item in chosen if _broken(item)]),
        (Answer.BROKEN, _growing(slope, rate)),
        (Answer.BROKEN, _crowded(load)),
        (Answer.GENERATOR, [f"{load.dropped} arrivals were dropped"] if load.dropped else []),
        (Answer.UNKNOWN, [f"{item.id}: {item.note}" for item in chosen if item.value is None]),
    )
    return next(((answer, "; ".join(told)) for answer, told in reasons if told), (Answer.KEPT, ""))


def _growing(slope: Estimate | None, rate: float) -> list[str]:
    if slope is None or not grows(slope, rate):
        return []
    return [f"the backlog grew by {slope.value:.3g} resources/s"]


def _crowded(load: LoadScenario) -> list[str]:
    """A generator that was neither late nor busy found too much unanswered: the target was slow."""
    number = int(load.generator.get("crowded", 0))
    return [f"{number} arrivals met too many that were not answered yet"] if number else []


def _broken(item: SloResult) -> bool:
    return item.verdict is Verdict.FAIL or (item.value is not None and item.value > item.limit)


def _told(item: SloResult) -> str:
    return f"{item.value:.4g} instead of {item.objective}" if item.value else item.note


def _chosen(load: LoadScenario, objectives: Sequence[str]) -> list[SloResult]:
    return [item for item in load.slos if item.id in (objectives or (item.id,))]


def _objective(chosen: Sequence[SloResult]) -> str:
    told = [
        item.objective if item.operation == "*" else f"{item.operation} {item.objective}"
        for item in chosen
    ]
    return ", ".join(told)


def _p99(load: LoadScenario, chosen: Sequence[SloResult]) -> float | None:
    """The largest p99 among the operations that have an objective."""
    named = {item.operation for item in chosen}
    return max(
        (
            percentile.value
            for operation in (*load.operations, *load.lifecycle)
            for percentile in operation.percentiles
            if operation.name in named and percentile.q == 99.0 and percentile.value is not None
        ),
        default=None,
    )


def _verdict(found: Found) -> Verdict:
    if found.sustained is None:
        return Verdict.INCONCLUSIVE if found.lowest_bad is None else Verdict.FAIL
    return Verdict.PASS if found.complete else Verdict.INCONCLUSIVE


def _trial(attempt: Attempt) -> TrialResult:
    said = attempt.outcome
    return TrialResult(
        rate=attempt.rate,
        seconds=attempt.seconds,
        achieved=said.achieved,
        p99=said.p99,
        backlog_slope=said.backlog_slope,
        kept=said.answer is Answer.KEPT,
        purpose=attempt.purpose,
        note=said.note,
        concurrency=said.concurrency,
        throughput=said.throughput,
    )


def _figure(estimate: Estimate) -> Figure:
    """What results hold: an end that the data do not bound is None."""
    ends = (estimate.value, estimate.lower, estimate.upper)
    return Figure(*(None if abs(end) == float("inf") else end for end in ends))
