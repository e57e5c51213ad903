"""Charts of what a target can bear: its capacity, how it scales, and how its latencies grow."""

import math
import re
from collections.abc import Iterable
from typing import Final

from markupsafe import Markup

from pgassay.reporting import limits
from pgassay.reporting.axes import ACROSS, BOTTOM, UPWARDS, Frame, Key, fitting, linear, logarithmic
from pgassay.reporting.drawing import area, text
from pgassay.reporting.units import figure, seconds
from pgassay.results import CapacityResult, GrowthPoint, GrowthResult, TrialResult, UslFit

#: An objective on a latency, such as `create p95 <= 0.5 s`; several are separated by commas.
_LIMIT: Final = re.compile(r"(p[0-9.]+)\s*<=\s*([0-9.]+)\s*s\b")
#: Points by which a curve is drawn.
_CURVE: Final = 60


def capacity(result: CapacityResult) -> Markup:
    """The p99 of each trial over its rate, and the bracket in which the capacity lies."""
    shown = [(trial, trial.p99) for trial in result.trials if trial.p99]
    if not shown:
        return Markup()
    levels = [(name, float(limit)) for name, limit in _LIMIT.findall(result.objective)]
    values = [p99 for _, p99 in shown] + [limit for _, limit in levels]
    frame = Frame(
        linear(max(trial.rate for trial in result.trials), ACROSS, figure, "arrivals per second"),
        fitting(values, UPWARDS, seconds, "p99"),
    )
    return frame.markup(
        f"Capacity of {result.family} under {result.scenario}",
        "p99 latency of each trial over its rate; the shaded strip reaches from the highest rate "
        "that was kept to the lowest that was not.",
        [
            *_bracket(result, frame),
            *(frame.level(limit, "limit") for limit in dict.fromkeys(limit for _, limit in levels)),
            *(_trial(frame, trial, p99) for trial, p99 in shown),
        ],
        (
            *([Key(f"limit of {_percentiles(levels)}", "limit")] if levels else []),
            Key("kept", "kept", surface=True),
            Key("not kept", "lost", surface=True),
        ),
    )


def scalability(result: CapacityResult) -> Markup:
    """Throughput over the number of requests in flight, with the law that was fitted to it.

    Trials that were not kept are not steady: the law does not hold for them, and was not fitted to
    them.
    """
    measured = [
        (trial.concurrency, trial.throughput, trial)
        for trial in result.trials
        if trial.kept and trial.concurrency is not None and trial.throughput is not None
    ]
    law = result.usl
    if law is None or not measured:
        return Markup()
    peak = law.peak_concurrency.value
    reach = max(concurrency for concurrency, *_ in measured)
    end = min(max(reach, (peak or 0) * 1.2), reach * 4)
    curve = [(n, _usl(law, n)) for n in (end * step / _CURVE for step in range(_CURVE + 1))]
    top = max(*(y for _, y in curve), *(throughput for _, throughput, _ in measured))
    frame = Frame(
        linear(end, ACROSS, figure, "requests in flight"),
        linear(top, UPWARDS, figure, "good answers per second"),
    )
    return frame.markup(
        f"Scalability of {result.family} under {result.scenario}",
        "Good answers per second over the mean number of requests in flight, and the Universal "
        "Scalability Law fitted to them.",
        [
            *_peak(law, frame),
            frame.line(curve, "fit"),
            *(frame.dot(n, rate, "kept", _about(trial)) for n, rate, trial in measured),
        ],
        (Key("fitted law", "fit"), Key("trials that were kept", "kept", surface=True)),
    )


def growth(result: GrowthResult) -> Markup:
    """Latency over the number of resources, both logarithmic, with the fitted slope."""
    known = [point for point in result.points if point.p50 and point.resources]
    if not known:
        return Markup()
    values = [value for point in known for value in (point.p50, point.p99) if value]
    numbers = [point.resources for point in known]
    frame = Frame(
        logarithmic(min(numbers), max(numbers), ACROSS, _number, "resources"),
        logarithmic(min(values), max(values), UPWARDS, seconds, "latency"),
    )
    kept = [point for point in known if not point.deleted]
    gone = any(point.deleted for point in known)
    return frame.markup(
        f"Growth of {result.operation} on {result.family}",
        "p50 and p99 over the number of existing resources; the line is the fitted growth of the "
        "p50, the strip its 95 % interval.",
        [*_slope(result, kept, frame), *_points(frame, known)],
        (
            *([Key("after deleting", "gone", surface=True)] if gone else []),
            *([Key("p99", "low", surface=True)] if any(point.p99 for point in known) else []),
            Key("p50", "high", surface=True),
            *([Key("fit", "fit")] if result.exponent is not None else []),
        ),
    )


def _bracket(result: CapacityResult, frame: Frame) -> Iterable[str]:
    if result.sustained is None:
        return
    if result.lowest_bad is not None:
        yield frame.strip(result.sustained, result.lowest_bad, "bracket")
    yield frame.upright(result.sustained, "mark")
    x = frame.across(result.sustained)
    # Near its limit a trial is slow: dots are above.
    yield text(x - 5, BOTTOM - 6, limits.rate(result.sustained), "value", "end")


def _trial(frame: Frame, trial: TrialResult, p99: float) -> str:
    return frame.dot(trial.rate, p99, "kept" if trial.kept else "lost", _about(trial))


def _about(trial: TrialResult) -> str:
    kept = "kept" if trial.kept else "not kept"
    offered = f"{limits.rate(trial.rate)} for {seconds(trial.seconds)}"
    return f"{trial.purpose} at {offered}: {kept}, p99 {seconds(trial.p99)}"


def _peak(law: UslFit, frame: Frame) -> Iterable[str]:
    peak = law.peak_concurrency
    if peak.value is None:
        return
    if peak.lower is not None and peak.upper is not None:
        yield frame.strip(peak.lower, peak.upper, "bracket")
    yield frame.upright(peak.value, "mark")


def _usl(law: UslFit, n: float) -> float:
    gamma, alpha, beta = (part.value or 0.0 for part in (law.gamma, law.alpha, law.beta))
    return gamma * n / max(1 + alpha * (n - 1) + beta * n * (n - 1), 1e-9)


def _slope(result: GrowthResult, kept: list[GrowthPoint], frame: Frame) -> Iterable[str]:
    """The fitted power through the middle of the points, and those at the ends of its interval."""
    if result.exponent is None or len(kept) < 2:
        return
    x = math.fsum(math.log(point.resources) for point in kept) / len(kept)
    y = math.fsum(math.log(point.p50 or 1) for point in kept) / len(kept)
    ends = [point.resources for point in kept]
    numbers = [min(ends) * (max(ends) / min(ends)) ** (step / 20) for step in range(21)]

    def drawn(exponent: float) -> list[tuple[float, float | None]]:
        return [(n, math.exp(y + exponent * (math.log(n) - x))) for n in numbers]

    if result.lower is not None and result.upper is not None:
        low, high = (frame.places(drawn(end)) for end in (result.lower, result.upper))
        yield area(high, low, "area band")
    yield frame.line(drawn(result.exponent), "fit")


def _points(frame: Frame, points: list[GrowthPoint]) -> Iterable[str]:
    for point in points:
        state = " after deleting" if point.deleted else ""
        for name, value, class_ in (("p99", point.p99, "low"), ("p50", point.p50, "high")):
            if value:
                tip = f"{name} {seconds(value)} at {point.resources:,} resources{state}"
                yield frame.dot(point.resources, value, "gone" if point.deleted else class_, tip)


def _percentiles(levels: Iterable[tuple[str, float]]) -> str:
    """Whose limits are drawn; the dots are p99, whatever the objectives are about."""
    return ", ".join(sorted({name for name, _ in levels}))


def _number(value: float) -> str:
    return f"{value:,.0f}"
