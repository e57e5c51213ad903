"""From the raw record of a load process to its results: pure functions."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from pgassay.results import LoadOperation, LoadScenario, SloResult
from pgassay.traffic.percentile import percentile
from pgassay.traffic.plan import LoadPlan
from pgassay.traffic.record import LoadRecord
from pgassay.traffic.samples import OperationRecord, Outcome, Sample
from pgassay.traffic.slo import Conditions, Objectives, account, answered
from pgassay.traffic.slo import judge as judge_objective
from pgassay.verdict import Verdict, worst

_PERCENTILES = (50.0, 90.0, 95.0, 99.0)
#: Histogram bounds double from this one on, in seconds.
_FIRST_BOUND = 0.001


def judge(plan: LoadPlan, record: LoadRecord, objectives: Objectives) -> LoadScenario:
    """Judge one scenario by the objectives that apply to it."""
    lags = sorted(record.lags)
    conditions = Conditions(_quantile(lags, 0.99), record.dropped)
    slos = _judge_objectives(plan, record, objectives, conditions)
    if record.lost:
        slos = tuple(map(_unproven, slos))
    verdict, note = _overall(record, slos)
    return LoadScenario(
        family=plan.family,
        scenario=plan.scenario,
        rate=plan.rate,
        duration=record.duration or plan.duration,
        seed=plan.seed,
        verdict=verdict,
        note=note,
        offered=record.offered,
        sent=record.sent,
        dropped=record.dropped,
        operations=tuple(map(operation, record.operations)),
        slos=slos,
        timeline=timeline(record.operations),
        generator={
            "lag_p50": _quantile(lags, 0.5),
            "lag_p99": conditions.lag,
            "lag_max": lags[-1] if lags else 0.0,
            "cpu": record.cpu,
            "requests": float(sum(record.requests.values())),
            "settled": float(record.settled),
        },
        lifecycle=tuple(map(operation, record.lifecycle)),
        created=record.created,
        removed=record.removed,
        ledger=record.findings,
    )


def operation(record: OperationRecord) -> LoadOperation:
    """Summarise what was recorded of one operation or lifecycle figure."""
    samples = answered(record.samples)
    lowers = sorted(sample.lower for sample in samples)
    uppers = sorted(math.inf if sample.upper is None else sample.upper for sample in samples)
    seen = [upper for upper in uppers if math.isfinite(upper)]
    return LoadOperation(
        name=record.name,
        offered=record.offered,
        sent=record.sent,
        dropped=record.dropped,
        succeeded=record.count(Outcome.SUCCEEDED),
        failed=record.count(Outcome.FAILED),
        throttled=record.count(Outcome.THROTTLED),
        unfinished=record.count(Outcome.UNFINISHED),
        statuses=_counts(str(sample.status) for sample in record.samples if sample.status),
        errors=_counts(sample.error for sample in record.samples if sample.error),
        percentiles=tuple(percentile(lowers, uppers, q) for q in _PERCENTILES),
        maximum=seen[-1] if seen else None,
        mean=math.fsum(seen) / len(seen) if seen else None,
        histogram=_histogram(seen),
    )


def timeline(records: Sequence[OperationRecord]) -> tuple[dict[str, float], ...]:
    """What happened in each second of load; a request belongs to the second it was intended for."""
    seconds: dict[int, list[Sample]] = {}
    for record in records:
        for sample in record.samples:
            seconds.setdefault(max(int(sample.intended), 0), []).append(sample)
    return tuple(
        _second(number, seconds.get(number, [])) for number in range(max(seconds, default=-1) + 1)
    )


def _second(number: int, samples: Sequence[Sample]) -> dict[str, float]:
    good = sorted(sample.lower for sample in answered(samples))
    bad = (Outcome.FAILED, Outcome.UNFINISHED)
    return {
        "t": float(number),
        "offered": float(len(samples)),
        "completed": float(sum(sample.outcome is Outcome.SUCCEEDED for sample in samples)),
        "failed": float(sum(sample.outcome in bad for sample in samples)),
        "p50": _quantile(good, 0.5),
        "p95": _quantile(good, 0.95),
        "p99": _quantile(good, 0.99),
    }


def _judge_objectives(
    plan: LoadPlan, record: LoadRecord, objectives: Objectives, conditions: Conditions
) -> tuple[SloResult, ...]:
    named = {item.name: item for item in (*record.operations, *record.lifecycle)}
    wanted = objectives.of(plan.scenario, plan.family)
    return (
        *(
            judge_objective(item, named.get(item.operation), conditions)
            for item in wanted.objective
        ),
        *(account(item, record.operations, record.dropped) for item in wanted.budget),
    )


def _unproven(result: SloResult) -> SloResult:
    """What a lost worker did not report may have been slow: nothing is kept for sure."""
    if result.verdict is not Verdict.PASS:
        return result
    note = "; ".join(filter(None, (result.note, "a worker was lost")))
    return replace(result, verdict=Verdict.INCONCLUSIVE, note=note)


def _overall(record: LoadRecord, slos: Sequence[SloResult]) -> tuple[Verdict, str]:
    if record.crash:
        return Verdict.ERROR, record.crash.strip().splitlines()[-1]
    if record.obstacle:
        return Verdict.INCONCLUSIVE, record.obstacle
    verdicts = [result.verdict for result in slos]
    notes = [f"{len(record.left)} resources could not be removed: {', '.join(record.left)}"]
    if record.findings:
        verdicts.append(Verdict.FAIL)
        notes.append(f"{len(record.findings)} contradictions in the ledger")
    if record.lost:
        verdicts.append(Verdict.INCONCLUSIVE)
        notes += record.lost
    if record.interrupted:
        verdicts.append(Verdict.INCONCLUSIVE)
        notes.append("interrupted")
    if record.dropped:
        notes.append("; ".join(f"{count} dropped: {why}" for why, count in record.drops.items()))
    verdict = worst(verdicts) if verdicts else Verdict.INCONCLUSIVE
    if not slos:
        notes.append("no objective applies")
    return verdict, "; ".join(notes if record.left else notes[1:])


def _histogram(values: Sequence[float]) -> tuple[tuple[float, int], ...]:
    counts = Counter(
        max(math.ceil(math.log2(value / _FIRST_BOUND)), 0) if value > 0 else 0 for value in values
    )
    top = max(counts, default=-1)
    return tuple((_FIRST_BOUND * 2**step, counts[step]) for step in range(top + 1))


def _quantile(ordered: Sequence[float], share: float) -> float:
    """The nearest-rank quantile; 0 where there is nothing."""
    return ordered[max(math.ceil(share * len(ordered)) - 1, 0)] if ordered else 0.0


def _counts(values: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(values).items()))
