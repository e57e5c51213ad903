"""Realistic results of load: a stall, a search for the capacity, and growth."""

import math
import random
from collections import Counter, defaultdict
from dataclasses import replace

from pgassay.results import (
    CapacityResult,
    Estimate,
    GrowthPoint,
    GrowthResult,
    LikelyTimes,
    LoadOperation,
    LoadPhase,
    LoadScenario,
    LoadTrend,
    Monitored,
    Percentile,
    Results,
    TrialResult,
    UslFit,
)
from pgassay.verdict import Verdict

from .sample import only_load, scenario

_WARM_UP, _SECONDS, _STALL = 15, 135, range(75, 87)


def spread(name: str, middle: float, samples: int, failed: int = 0) -> LoadOperation:
    """Latencies spread log-normally around `middle` seconds, in fine buckets."""
    drawn = random.Random(name)
    values = sorted(middle * math.exp(drawn.gauss(0, 0.5)) for _ in range(samples))
    # Eight buckets for each doubling, as the reports of a run have them.
    buckets = Counter(math.ceil(math.log2(value / 0.001) * 8) for value in values)
    histogram = tuple(
        (0.001 * 2 ** (step / 8), buckets[step]) for step in range(min(buckets), max(buckets) + 1)
    )

    def at(share: float) -> float:
        return values[min(int(share * samples), samples - 1)]

    def point(q: float) -> Percentile:
        carried = samples * (1 - q / 100) >= 1
        lower, upper = at(max(q / 100 - 0.02, 0)), at(q / 100 + 0.02) if q < 98 else None
        return Percentile(q, at(q / 100) if carried else None, lower, upper)

    return LoadOperation(
        name, samples + 3, samples + failed + 2, 1, samples, failed, 2, 0,
        {"200": samples, "503": failed}, {"status 503": failed} if failed else {},
        tuple(map(point, (50.0, 75.0, 90.0, 95.0, 99.0, 99.9))),
        values[-1], sum(values) / samples, histogram,
    )  # fmt: skip


def lifecycle(samples: int = 420) -> LoadOperation:
    """A time to active that was looked for every half second, and never came for some."""
    drawn = random.Random(samples)
    truth = sorted(1.2 + drawn.expovariate(1.4) for _ in range(samples))
    times = [index * 0.05 for index in range(120)]
    curve = tuple(
        (
            moment,
            sum(value + 0.35 <= moment for value in truth) / (samples + 6),
            sum(value - 0.35 <= moment for value in truth) / (samples + 6),
        )
        for moment in times
    )
    cells = [(truth[n], truth[n + 41], 42 / (samples + 6)) for n in range(0, samples - 41, 42)]
    likely = LikelyTimes((truth[210], truth[251]), (1.8, None), (*cells, (6.0, None, 0.014)), 200)
    return replace(spread("time_to_active", 1.7, samples), curve=curve, unfinished=6, likely=likely)


def loaded(family: str = "clickhouse") -> LoadScenario:
    """Two minutes of load with a warm-up before and a stall in the middle."""
    noise = random.Random(family)
    timeline, beats = [], []
    backlog: list[int] = []
    states: dict[str, list[int]] = defaultdict(list)
    for second in range(_SECONDS):
        stalled = second in _STALL
        offered = 20.0 * min((second + 1) / _WARM_UP, 1)
        slow = 1.4 - 0.1 * (second - _STALL.start) if stalled else 0.0
        middle = 0.02 * (1 + noise.random() / 2) + slow
        lost = 4.0 if stalled else float(noise.random() < 0.05)
        waved = 3.0 if 100 <= second < 108 else 0.0
        timeline.append({
            "t": float(second), "offered": offered, "completed": max(offered - lost - waved, 0.0),
            "failed": lost, "throttled": waved,
            "p50": middle, "p95": middle * 2.4, "p99": middle * 3,
            "max": middle * (3 + noise.random()),
        })  # fmt: skip
        beats.append({
            "t": float(second), "cpu": 0.3 + noise.random() / 10, "lag_p50": 0.0002,
            "lag_p99": 0.0015 + noise.random() / 1000, "lag_max": 0.006, "in_flight": 8.0,
        })  # fmt: skip
        last = backlog[-1] if backlog else 0
        for name, count in (
            ("running", 60 + second % 3), ("creating", 9 if stalled else 4),
            ("requested", 3 if stalled else 0), ("deleting", 5), ("restarting", second % 2),
        ):  # fmt: skip
            states[name].append(count)
        backlog.append(max(int(last + (9 if stalled else -3) + noise.random() * 4), 20))
    return replace(
        scenario(family),
        duration=float(_SECONDS),
        operations=(
            spread("create", 0.031, 800, 52), spread("read", 0.012, 900),
            spread("list", 0.048, 400), spread("delete", 0.022, 87),
        ),
        timeline=tuple(timeline), heartbeats=tuple(beats), backlog=tuple(backlog),
        states={name: tuple(line) for name, line in states.items()},
        trends=(
            LoadTrend("read", "steady", 120.0, 900, 0.012, 8.1e-5, 7.2e-5, 9.0e-5, slowing=True),
            LoadTrend("list", "steady", 120.0, 400, 0.048, -1.0e-6, None, None),
        ),
        lifecycle=(lifecycle(),), late=4, workers=2, monitored=Monitored(12_345, 400, 20),
        phases=(
            LoadPhase("warm-up", 0.0, 15.0, False, 150, 150, 0, 0, 0, 0.02, 0.06),
            LoadPhase("steady", 15.0, 120.0, True, 2400, 2320, 52, 24, 12, 0.03, 0.9),
        ),
    )  # fmt: skip


def capacity() -> CapacityResult:
    """A search that found a capacity near 140 arrivals per second."""
    trials = []
    for rate, purpose in ((25, "bracket"), (50, "bracket"), (100, "bracket"), (200, "bracket"),
                          (150, "bisect"), (125, "bisect"), (137.5, "bisect"), (143.75, "bisect"),
                          (137.5, "confirm"), (137.5, "hold")):  # fmt: skip
        kept = rate < 140
        flight = 0.9 + rate / 25 if kept else 14 + (rate - 140) / 4
        achieved = 31 * flight / (1 + 0.04 * (flight - 1) + 0.006 * flight * (flight - 1))
        p99 = 0.04 / max(1 - rate / 155, 0.02)
        trials.append(TrialResult(
            rate, 300.0 if purpose == "hold" else 20.0, min(rate, achieved), p99,
            0.01 if kept else 1.3, kept, purpose, "" if kept else "p99 and the backlog", flight,
            achieved,
        ))  # fmt: skip
    law = UslFit(Estimate(31.0, 28.2, 34.1), Estimate(0.04, 0.02, 0.06),
                 Estimate(0.006, 0.004, 0.008), Estimate(12.6, 10.8, 15.0),
                 Estimate(165.0, 158.0, 174.0))  # fmt: skip
    return CapacityResult("crud_lifecycle", "dbaas", "p99 <= 0.5 s", tuple(trials), 137.5, 143.75,
                          1980.0, Verdict.PASS, "", law)  # fmt: skip


def growth(operation: str, exponent: float, verdict: Verdict, allowed: str) -> GrowthResult:
    """Latencies at 100 to 100 000 resources, and after most were deleted."""
    law = "constant" if exponent < 0.1 else "n"
    points = tuple(
        GrowthPoint(number, 4e-3 * scale, 11e-3 * scale, 400)
        for number in (100, 1_000, 10_000, 100_000)
        for scale in [(number / 100) ** exponent * (1 + 0.1 * math.sin(number))]
    )
    after = GrowthPoint(100, 0.0046, None, 60, deleted=True)
    note = "" if verdict is Verdict.PASS else "it grows faster than log n"
    return GrowthResult("dbaas", operation, (*points, after), law, exponent,
                        exponent - 0.08, exponent + 0.08, allowed, verdict, note)  # fmt: skip


def doubtful() -> LoadScenario:
    """A closed-model load whose generator could not keep up."""
    return replace(
        loaded("dbaas"), verdict=Verdict.INCONCLUSIVE, model="closed", users=25, slos=(), ledger=(),
        note="the generator could not keep up: its p99 lag was 41 ms, at most 5 ms are believed",
    )  # fmt: skip


def examined() -> Results:
    """A run with load, capacity and growth."""
    return replace(
        only_load(),
        load=(loaded(), doubtful()),
        capacity=(capacity(),),
        growth=(growth("read", 0.05, Verdict.PASS, "constant"),
                growth("list", 0.97, Verdict.FAIL, "log n")),
    )  # fmt: skip
