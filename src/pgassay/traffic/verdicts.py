"""Judge objectives in three values, and tell early when one cannot be kept any more.

A latency objective passes when the upper end of the percentile's 95 % interval keeps the limit,
fails when the lower end breaks it, and is inconclusive in between, with too few samples, or when
the generator itself could not keep up. An error budget is plain accounting: so many of the
requests that were sent may go without a good answer. Histograms know a latency to 1/1024 of it,
and so do verdicts that rest on them.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pgassay.results import Percentile, SloResult
from pgassay.traffic.histogram import Histogram
from pgassay.traffic.objectives import Budget, Objective, Objectives
from pgassay.traffic.outlook import Outlook
from pgassay.traffic.percentile import CONFIDENCE, minimum_samples, of_histogram, percentile, ranks
from pgassay.traffic.record import LoadRecord
from pgassay.traffic.samples import FigureRecord, OperationRecord, Outcome
from pgassay.verdict import Verdict

#: The generator is believed while its p99 lag stays below this, or below a tenth of the limit.
LAG_FLOOR = 0.005
LAG_SHARE = 0.1
#: And while it took at most this share of its processor.
CPU_LIMIT = 0.9


@dataclass(frozen=True, slots=True)
class Conditions:
    """How far the load that was meant is the load that was applied.

    `lag` is its p99 in seconds, `dropped` how many arrivals were not sent, `cpu` the largest share
    of a processor (0 to 1) that the generator took for some seconds.
    """

    lag: float
    dropped: int
    cpu: float = 0.0

    def doubt(self, limit: float = 0.0) -> str:
        """Say why the generator is not to be believed on `limit` seconds; empty where it is."""
        bound = max(LAG_FLOOR, LAG_SHARE * limit)
        if self.lag > bound:
            return f"the generator was late: p99 lag {self.lag:.4f} s, at most {bound:.4f} s"
        if self.cpu > CPU_LIMIT:
            return f"the generator took {self.cpu:.0%} of its processor, at most {CPU_LIMIT:.0%}"
        return ""


def judge(
    objective: Objective, record: OperationRecord | FigureRecord | None, conditions: Conditions
) -> SloResult:
    """Judge a latency objective on what was recorded of its operation."""
    record = OperationRecord(objective.operation) if record is None else record
    figure, samples = measure(record, objective.percentile)
    needed = max(objective.minimum_samples, minimum_samples(objective.percentile))
    verdict, note = _compare(objective.limit, figure.lower, figure.upper)
    if samples < needed and verdict is not Verdict.FAIL:
        verdict, note = (Verdict.INCONCLUSIVE, f"{samples} samples, {needed} are needed")
    verdict, note = _believe(verdict, note, objective.limit, conditions)
    result = SloResult(
        objective.id,
        objective.scenario,
        objective.operation,
        f"p{objective.percentile:g} <= {objective.limit:g} s",
        objective.limit,
        figure.value,
        figure.lower,
        figure.upper,
        samples,
        verdict,
        note,
        CONFIDENCE,
    )
    return _with_throttled(result, record, objective.percentile)


def measure(record: OperationRecord | FigureRecord, q: float) -> tuple[Percentile, int]:
    """Return the percentile `q` of good answers and unanswered waits, and how many these are.

    Fast refusals would flatter a percentile; they belong to the error budget.
    """
    if isinstance(record, OperationRecord):
        answered, waited = record.answered, record.waited
        return of_histogram(answered, waited, q), answered.count + waited.count
    samples = record.answered
    lowers = sorted(sample.lower for sample in samples)
    uppers = sorted(math.inf if sample.upper is None else sample.upper for sample in samples)
    return percentile(lowers, uppers, q), len(samples)


def account(
    budget: Budget,
    records: Sequence[OperationRecord],
    dropped: int,
    conditions: Conditions | None = None,
) -> SloResult:
    """Judge an error budget on all judged requests of a scenario; throttled ones are told apart."""
    sent, spent, throttled = _spending(records)
    allowed = _allowed(budget, sent)
    notes = [f"{spent} of {allowed} allowed errors in {sent} requests"]
    verdict = Verdict.PASS if spent <= allowed else Verdict.FAIL
    if throttled:
        notes.append(f"{throttled} throttled requests are not counted as errors")
    doubt = conditions.doubt() if conditions else ""
    if verdict is Verdict.FAIL and doubt and _answered_badly(records) <= allowed:
        verdict = Verdict.INCONCLUSIVE
        notes.append(f"only with the requests that had no answer, and {doubt}")
    elif verdict is Verdict.PASS and dropped:
        verdict = Verdict.INCONCLUSIVE
        notes.append(f"{dropped} arrivals were dropped")
    elif verdict is Verdict.PASS and sent - throttled < budget.minimum_samples:
        verdict = Verdict.INCONCLUSIVE
        notes.append(f"{budget.minimum_samples} answered requests are needed")
    return SloResult(
        budget.id,
        budget.scenario,
        "*",
        f"errors <= {budget.share:.3%}",
        budget.share,
        spent / sent if sent else None,
        None,
        None,
        sent,
        verdict,
        "; ".join(notes),
        with_throttled=(spent + throttled) / sent if throttled else None,
        throttled=throttled,
    )


def lost(objectives: Objectives, record: LoadRecord, outlook: Outlook) -> SloResult | None:
    """Return the first objective that is lost for sure, whatever still comes; None without one.

    A latency objective is lost when more samples are over the limit than even with all that may
    still come would be allowed, waits by their lower ends; an error budget, when it is spent for
    all requests that may come. A generator that is not to be believed loses nothing.
    """
    operations = {item.name: item for item in record.operations}
    waits = {item.name: _by_lower_ends(item) for item in record.lifecycle}
    for objective in objectives.objective:
        name = objective.operation
        measured = operations.get(name) or waits.get(name)
        coming = outlook.waits if name in waits else outlook.samples(name)
        if measured and _breaks(objective, measured, coming):
            result = judge(objective, measured, _conditions(record))
            if result.verdict is Verdict.FAIL:
                return result
    for budget in objectives.budget:
        if _overspent(budget, record, outlook.requests):
            result = account(budget, record.operations, record.dropped, _conditions(record))
            if result.verdict is Verdict.FAIL:
                return result
    return None


def _conditions(record: LoadRecord) -> Conditions:
    return Conditions(record.lags.quantile(0.99) or 0.0, record.dropped, record.cpu)


def _by_lower_ends(record: FigureRecord) -> OperationRecord:
    """The shortest times that the waits can have taken, as if they were an operation's."""
    return OperationRecord(record.name, latencies={Outcome.SUCCEEDED: record.lowers})


def _overspent(budget: Budget, record: LoadRecord, coming: int | None) -> bool:
    """Tell whether an error budget stays overspent even if all that comes is good."""
    if coming is None:
        return False
    sent, spent, _ = _spending(record.operations)
    if _conditions(record).doubt():
        # Where the generator is in doubt, only answers that say that they failed count.
        spent = min(spent, _answered_badly(record.operations))
    return spent > _allowed(budget, sent + coming)


def _breaks(objective: Objective, record: OperationRecord, coming: int | None) -> bool:
    """Tell whether the lower bound stays over the limit even if all that comes is good."""
    if coming is None:
        return False
    over = record.answered.above(objective.limit) + record.waited.above(objective.limit)
    total = record.answered.count + record.waited.count + coming
    low, _ = ranks(total, objective.percentile / 100) if over else (None, None)
    return low is not None and low > total - over


def _spending(records: Sequence[OperationRecord]) -> tuple[int, int, int]:
    """Return how many judged requests were sent, went without a good answer, were throttled."""
    counts = {item: sum(record.judged(item) for record in records) for item in Outcome}
    spent = counts[Outcome.FAILED] + counts[Outcome.UNFINISHED]
    return sum(counts.values()), spent, counts[Outcome.THROTTLED]


def _answered_badly(records: Sequence[OperationRecord]) -> int:
    """How many requests had an answer that says that they failed."""
    return sum(
        count
        for record in records
        for error, count in record.errors.items()
        if error.startswith("status ") and error != "status 429"
    )


def _allowed(budget: Budget, requests: int) -> int:
    return math.floor(budget.share * requests + 1e-9)


def _compare(limit: float, lower: float | None, upper: float | None) -> tuple[Verdict, str]:
    if lower is not None and lower > limit:
        return Verdict.FAIL, f"even the lower bound, {lower:.3f} s, breaks the limit"
    if upper is not None and upper <= limit:
        return Verdict.PASS, ""
    return Verdict.INCONCLUSIVE, "the confidence interval contains the limit"


def _believe(
    verdict: Verdict, note: str, limit: float, conditions: Conditions
) -> tuple[Verdict, str]:
    """Withdraw a verdict that rests on a load which was not the one that was meant."""
    if doubt := conditions.doubt(limit):
        return Verdict.INCONCLUSIVE, doubt
    if conditions.dropped and verdict is Verdict.PASS:
        reason = f"{conditions.dropped} arrivals were dropped: the load was lower than meant"
        return Verdict.INCONCLUSIVE, reason
    return verdict, note


def _with_throttled(
    result: SloResult, record: OperationRecord | FigureRecord, q: float
) -> SloResult:
    """Add what the value would be if throttled requests counted as never answered."""
    if not isinstance(record, OperationRecord) or not record.judged(Outcome.THROTTLED):
        return result
    refused = record.latencies[Outcome.THROTTLED]
    with_them = of_histogram(record.answered, Histogram.merged((record.waited, refused)), q)
    return replace(result, throttled=refused.count, with_throttled=with_them.value)
