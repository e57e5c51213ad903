"""The figures that a report shows of a load, from what was recorded: pure functions."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence

from pgassay.results import LoadOperation, LoadPhase, Percentile
from pgassay.traffic.census import levels
from pgassay.traffic.curve import curve, likely
from pgassay.traffic.histogram import Histogram
from pgassay.traffic.percentile import of_histogram, percentile
from pgassay.traffic.plan import LoadPlan
from pgassay.traffic.record import LoadRecord
from pgassay.traffic.recorder import Window
from pgassay.traffic.samples import FigureRecord, OperationRecord, Outcome, Second

PERCENTILES = (50.0, 75.0, 90.0, 95.0, 99.0, 99.9)
#: Bounds of the published histograms: this many for each doubling, one of them at a millisecond.
_STEPS = 4
_ANCHOR = 0.001
#: What took less than this many seconds shares one bar.
_SHORTEST = 2 * _ANCHOR / 2**_STEPS


def windows(plan: LoadPlan) -> tuple[Window, ...]:
    """Return the phases of a plan as stretches of the load."""
    found, until = [], 0.0
    for phase in plan.timetable:
        until += phase.seconds
        found.append(Window(phase.name, until, phase.measured))
    return tuple(found)


def operation(record: OperationRecord) -> LoadOperation:
    """Summarise what was recorded of one operation."""
    answered = record.answered
    return LoadOperation(
        name=record.name,
        offered=record.offered,
        sent=record.sent,
        dropped=record.dropped,
        succeeded=record.count(Outcome.SUCCEEDED),
        failed=record.count(Outcome.FAILED),
        throttled=record.count(Outcome.THROTTLED),
        unfinished=record.count(Outcome.UNFINISHED),
        statuses=dict(sorted(record.statuses.items())),
        errors=dict(sorted(record.errors.items())),
        percentiles=tuple(of_histogram(answered, record.waited, q) for q in PERCENTILES),
        maximum=answered.maximum,
        mean=answered.mean,
        histogram=_bars(answered),
        service=_percentiles(record.service.get(Outcome.SUCCEEDED)),
        outcomes={
            outcome.value: _percentiles(histogram)
            for outcome, histogram in record.latencies.items()
            if outcome is not Outcome.SUCCEEDED
        },
        unjudged=sum(record.unjudged.values()),
        bytes_sent=record.bytes_sent,
        bytes_received=record.bytes_received,
    )


def lifecycle(record: FigureRecord) -> LoadOperation:
    """Summarise the waits for one lifecycle's end; each sample is an interval."""
    samples = record.answered
    lowers = sorted(sample.lower for sample in samples)
    uppers = sorted(math.inf if sample.upper is None else sample.upper for sample in samples)
    seen = Histogram()
    for upper in uppers:
        if math.isfinite(upper):
            seen.record(upper)
    unjudged = sum(record.unjudged.values())
    count = len(record.samples) + unjudged
    return LoadOperation(
        name=record.name,
        offered=count,
        sent=count,
        dropped=0,
        succeeded=record.count(Outcome.SUCCEEDED),
        failed=record.count(Outcome.FAILED),
        throttled=record.count(Outcome.THROTTLED),
        unfinished=record.count(Outcome.UNFINISHED),
        statuses={},
        errors={},
        percentiles=tuple(percentile(lowers, uppers, q) for q in PERCENTILES),
        maximum=seen.maximum,
        mean=seen.mean,
        histogram=_bars(seen),
        unjudged=unjudged,
        curve=curve(record.samples),
        likely=likely(record.samples),
    )


def timeline(records: Iterable[OperationRecord]) -> tuple[dict[str, float], ...]:
    """What happened in each second of load; a request belongs to the second it was intended for."""
    seconds: dict[int, Second] = {}
    for record in records:
        for number, second in record.seconds.items():
            seconds.setdefault(number, Second()).merge(second)
    return tuple(
        _moment(number, seconds.get(number, Second())) for number in range(_length(seconds))
    )


def phases(
    stretches: Sequence[Window], records: Iterable[OperationRecord]
) -> tuple[LoadPhase, ...]:
    """The requests of each phase; a second belongs to the phase in which its middle lies."""
    records, found, start = list(records), [], 0.0
    for window in stretches:
        both = Second()
        for record in records:
            for number, second in record.seconds.items():
                if start <= number + 0.5 < window.until:
                    both.merge(second)
        found.append(_phase(window, start, both))
        start = window.until
    return tuple(found)


def backlog(records: Iterable[FigureRecord]) -> tuple[int, ...]:
    """How many resources were on their way at the end of each second, as far as was waited."""
    waits = [
        (
            sample.intended,
            sample.intended + (sample.lower if sample.upper is None else sample.upper),
        )
        for record in records
        for sample in record.samples
    ]
    changes: Counter[int] = Counter()
    for began, ended in waits:
        # At the end of second n the clock shows n + 1.
        changes[max(math.ceil(began) - 1, 0)] += 1
        changes[max(math.ceil(ended) - 1, 0)] -= 1
    found, now = [], 0
    for number in range(max(changes, default=-1) + 1):
        now += changes[number]
        found.append(now)
    return tuple(found)


def states(record: LoadRecord) -> dict[str, tuple[int, ...]]:
    """How many resources were in each state at the end of each second of the load."""
    last = max((number for item in record.operations for number in item.seconds), default=-1)
    return levels(record.states, last + 1)


def heartbeats(record: LoadRecord) -> tuple[dict[str, float], ...]:
    """How the generator did in each second."""
    return tuple(
        {
            "t": float(number),
            "cpu": beat.cpu,
            "lag_p50": beat.lag.quantile(0.5) or 0.0,
            "lag_p99": beat.lag.quantile(0.99) or 0.0,
            "lag_max": beat.lag.maximum or 0.0,
            "in_flight": float(beat.in_flight),
        }
        for number, beat in sorted(record.heartbeats.items())
    )


def rates(record: LoadRecord) -> dict[str, float]:
    """Requests per second while arrivals came; nothing that did not happen is in them."""
    if not record.duration:
        return {}
    # What is due after the last arrival belongs to the drain.
    last = math.ceil(record.duration)
    seconds = [
        second
        for item in record.operations
        for number, second in item.seconds.items()
        if number < last
    ]
    dropped = sum(item.dropped for item in record.operations)
    offered = sum(second.offered for second in seconds)
    return {
        "offered": offered / record.duration,
        "sent": max(offered - dropped, 0) / record.duration,
        "succeeded": sum(second.succeeded for second in seconds) / record.duration,
    }


def _percentiles(histogram: Histogram | None) -> tuple[Percentile, ...]:
    found = histogram or Histogram()
    return tuple(of_histogram(found, Histogram(), q) for q in PERCENTILES)


def _moment(number: int, second: Second) -> dict[str, float]:
    good = second.good
    return {
        "t": float(number),
        "offered": float(second.offered),
        "completed": float(second.succeeded),
        "failed": float(second.failed + second.unfinished),
        "throttled": float(second.throttled),
        "p50": good.quantile(0.5) or 0.0,
        "p95": good.quantile(0.95) or 0.0,
        "p99": good.quantile(0.99) or 0.0,
        "p99.9": good.quantile(0.999) or 0.0,
        "max": good.maximum or 0.0,
    }


def _phase(window: Window, start: float, second: Second) -> LoadPhase:
    none = Histogram()
    return LoadPhase(
        name=window.name,
        start=start,
        seconds=window.until - start,
        judged=window.judged,
        offered=second.offered,
        succeeded=second.succeeded,
        failed=second.failed,
        throttled=second.throttled,
        unfinished=second.unfinished,
        p50=of_histogram(second.good, none, 50.0).value,
        p99=of_histogram(second.good, none, 99.0).value,
    )


def _bars(histogram: Histogram) -> tuple[tuple[float, int], ...]:
    counts: Counter[int] = Counter()
    for low, high, count in histogram.items():
        middle = max((low + high) / 2, _SHORTEST)
        counts[math.ceil(_STEPS * math.log2(middle / _ANCHOR) - 1e-9)] += count
    return tuple(
        (_ANCHOR * 2 ** (step / _STEPS), counts[step])
        for step in range(min(counts, default=0), max(counts, default=-1) + 1)
    )


def _length(seconds: dict[int, Second]) -> int:
    return max(seconds, default=-1) + 1
