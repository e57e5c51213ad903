"""From the raw record of a load process to its results: pure functions."""

from collections.abc import Sequence
from dataclasses import replace

from pgassay.results import LoadScenario, Monitored, SloResult, Throttled
from pgassay.traffic import figures
from pgassay.traffic.plan import LoadPlan
from pgassay.traffic.record import CROWDED, LoadRecord
from pgassay.traffic.samples import FigureRecord, OperationRecord
from pgassay.traffic.slo import Objectives
from pgassay.traffic.trends import slowing, trends
from pgassay.traffic.verdicts import LAG_FLOOR, LAG_SHARE, Conditions, account
from pgassay.traffic.verdicts import judge as judge_objective
from pgassay.verdict import Verdict, worst

#: A generator is busy when it is so for this many seconds on end: a shorter while says little.
_SUSTAINED = 5
_INTERRUPTED = "interrupted"


def judge(plan: LoadPlan, record: LoadRecord, objectives: Objectives) -> LoadScenario:
    """Judge one scenario by the objectives that apply to it."""
    wanted = objectives.of(plan.scenario, plan.family)
    conditions = Conditions(record.lags.quantile(0.99) or 0.0, record.dropped, busiest(record))
    slos = _judge_objectives(record, wanted, conditions)
    if record.lost:
        slos = _unproven(slos, "a worker was lost")
    elif record.interrupted:
        slos = _unproven(slos, _INTERRUPTED)
    limit = min((item.limit for item in wanted.objective), default=0.0)
    saturated = conditions.doubt(limit)
    found = trends(plan, record)
    verdict, note = _overall(record, slos, saturated, slowing(found), plan.duration)
    windows = figures.windows(plan)
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
        operations=tuple(map(figures.operation, record.operations)),
        slos=slos,
        timeline=figures.timeline(record.operations),
        generator=_generator(record, conditions),
        lifecycle=tuple(map(figures.lifecycle, record.lifecycle)),
        created=record.created,
        removed=record.removed,
        ledger=record.findings,
        left=record.left,
        workers=record.workers,
        backlog=figures.backlog(record.lifecycle),
        phases=figures.phases(windows, record.operations),
        bytes_sent=sum(item.bytes_sent for item in record.operations),
        bytes_received=sum(item.bytes_received for item in record.operations),
        late=record.lags.above(max(LAG_FLOOR, LAG_SHARE * limit)),
        throttling=Throttled(
            record.throttling.answers,
            record.throttling.unannounced,
            record.throttling.held,
            record.throttling.held_seconds,
        ),
        heartbeats=figures.heartbeats(record),
        saturated=saturated,
        rates=figures.rates(record),
        monitored=Monitored(
            record.watched.judged, record.watched.repeated, record.watched.unjudged
        ),
        states=figures.states(record),
        trends=found,
        interrupted=record.interrupted,
    )


def busiest(record: LoadRecord) -> float:
    """The largest share of a processor (0 to 1) that the generator took for some seconds on end."""
    numbers = sorted(record.heartbeats)
    shares = [record.heartbeats[number].cpu for number in numbers]
    if len(shares) <= _SUSTAINED:
        return record.cpu
    sums = [0.0]
    for share in shares:
        sums.append(sums[-1] + share)
    spans = zip(sums, sums[_SUSTAINED:], strict=False)
    return max((after - before) / _SUSTAINED for before, after in spans)


def _judge_objectives(
    record: LoadRecord, wanted: Objectives, conditions: Conditions
) -> tuple[SloResult, ...]:
    measured: list[OperationRecord | FigureRecord] = [*record.operations, *record.lifecycle]
    named = {item.name: item for item in measured}
    return (
        *(
            judge_objective(item, named.get(item.operation), conditions)
            for item in wanted.objective
        ),
        *(account(item, record.operations, record.dropped, conditions) for item in wanted.budget),
    )


def _unproven(slos: Sequence[SloResult], why: str) -> tuple[SloResult, ...]:
    """What was not sent, or not reported, may have been slow: nothing is kept for sure."""
    return tuple(
        replace(
            result,
            verdict=Verdict.INCONCLUSIVE,
            note="; ".join(filter(None, (result.note, why))),
        )
        if result.verdict is Verdict.PASS
        else result
        for result in slos
    )


def _generator(record: LoadRecord, conditions: Conditions) -> dict[str, float]:
    return {
        "lag_p50": record.lags.quantile(0.5) or 0.0,
        "lag_p99": conditions.lag,
        "lag_max": record.lags.maximum or 0.0,
        "cpu": record.cpu,
        "cpu_sustained": conditions.cpu,
        "judging": record.judging,
        "requests": float(sum(record.requests.values())),
        "settled": float(record.settled),
        "crowded": float(_crowded(record)),
    }


def _crowded(record: LoadRecord) -> int:
    """How many arrivals were dropped because earlier ones had no answer yet."""
    _, _, told = CROWDED.partition("{}")
    return sum(count for reason, count in record.drops.items() if reason.endswith(told))


def _overall(
    record: LoadRecord, slos: Sequence[SloResult], saturated: str, slower: str, whole: float
) -> tuple[Verdict, str]:
    if record.crash:
        return Verdict.ERROR, record.crash.strip().splitlines()[-1]
    if record.obstacle:
        return Verdict.INCONCLUSIVE, record.obstacle
    told = [(result.verdict, "") for result in slos] or [
        (Verdict.INCONCLUSIVE, "no objective applies")
    ]
    told += [
        (verdict, note)
        for holds, verdict, note in (
            (record.findings, Verdict.FAIL, f"{len(record.findings)} contradictions in the ledger"),
            (record.interrupted, Verdict.INCONCLUSIVE, _interrupted(record, whole)),
            (record.lost, Verdict.INCONCLUSIVE, "; ".join(record.lost)),
            (record.ended, Verdict.FAIL, f"ended early: {record.ended}"),
            (saturated, Verdict.INCONCLUSIVE, saturated),
            (record.dropped, Verdict.INCONCLUSIVE, _drops(record)),
            (record.throttling.unannounced, Verdict.PASS, _unannounced(record)),
            (record.left, Verdict.PASS, _left(record)),
            (slower, Verdict.PASS, slower),
        )
        if holds
    ]
    notes = dict.fromkeys(note for _, note in told if note)
    return worst([verdict for verdict, _ in told]), "; ".join(notes)


def _interrupted(record: LoadRecord, whole: float) -> str:
    if not record.duration or not whole:
        return _INTERRUPTED
    return f"{_INTERRUPTED} after {record.duration:,.1f} of {whole:,.0f} s"


def _drops(record: LoadRecord) -> str:
    return "; ".join(f"{count} dropped: {why}" for why, count in record.drops.items())


def _unannounced(record: LoadRecord) -> str:
    throttling = record.throttling
    return (
        f"{throttling.unannounced} of {throttling.answers} answers with 429 did not say when to"
        " come again"
    )


def _left(record: LoadRecord) -> str:
    names = ", ".join(f"{each.name} ({each.id or each.reason})" for each in record.left[:5])
    more = f" and {len(record.left) - 5} more" if len(record.left) > 5 else ""
    return f"{len(record.left)} resources could not be removed: {names}{more}"
