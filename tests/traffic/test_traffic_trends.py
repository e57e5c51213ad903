"""A slow leak is found, and a steady load is not taken for one."""

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from pgassay.calibration import laws
from pgassay.target.model import Family, Target
from pgassay.traffic import judgement
from pgassay.traffic.phase import Phase
from pgassay.traffic.plan import LoadPlan
from pgassay.traffic.record import LoadRecord
from pgassay.traffic.samples import OperationRecord, Outcome, Second
from pgassay.traffic.slo import Objectives
from pgassay.traffic.trends import slowing, told, trends

_SECONDS = 30
_RATE = 8.0

Latencies = Callable[[random.Random, list[float]], Iterator[float]]


def plan(*phases: Phase) -> LoadPlan:
    """A plan of these phases, or of a single steady one."""
    target = Target("t", "http://127.0.0.1", (Family.DBAAS,))
    made = LoadPlan(
        Family.DBAAS, "s", "", _RATE, _SECONDS, 1.0, 1, 1, 1, "0a", "0ab", target, "", ""
    )
    return replace(made, phases=phases)


def operation(name: str, samples: Iterator[tuple[float, float]]) -> OperationRecord:
    """An operation whose good answers were due at these moments and took so long."""
    record = OperationRecord(name)
    for moment, latency in samples:
        second = record.seconds.setdefault(int(moment), Second())
        second.add(Outcome.SUCCEEDED, latency)
    return record


def loaded(seed: int, *kinds: Latencies) -> LoadRecord:
    """A load with one operation of each kind, whose arrivals are a Poisson process."""
    operations = []
    for number, kind in enumerate(kinds):
        drawn, moments, moment = random.Random(f"{seed}/{number}"), list[float](), 0.0
        while (moment := moment + drawn.expovariate(_RATE)) < _SECONDS:
            moments.append(moment)
        pairs = zip(moments, kind(drawn, moments), strict=True)
        operations.append(operation(f"operation{number}", pairs))
    return LoadRecord(operations=operations, duration=float(_SECONDS))


def scattered(drawn: random.Random, moments: list[float]) -> Iterator[float]:
    """Independent latencies with a long tail."""
    return (0.02 * math.exp(drawn.gauss(0, 0.6)) for _ in moments)


def drifting(drawn: random.Random, moments: list[float]) -> Iterator[float]:
    """A level that wanders: each second resembles the one before."""
    levels, level = [], 0.0
    for _ in range(_SECONDS):
        level = 0.8 * level + drawn.gauss(0, 0.12)
        levels.append(level)
    return (0.02 * math.exp(levels[int(each)] + drawn.gauss(0, 0.4)) for each in moments)


def queued(drawn: random.Random, moments: list[float]) -> Iterator[float]:
    """A single server that is busy for three quarters of the time."""
    law = laws.queue(1, 0.75 / _RATE, str(drawn.random()))
    return (law.finish(each) - each for each in moments)


def stalled(drawn: random.Random, moments: list[float]) -> Iterator[float]:
    """A server that stands still for three seconds, shortly before the end."""
    law = laws.Stall(laws.Exponential(0.03, str(drawn.random())), _SECONDS * 0.8, 3.0)
    return (law.finish(each) - each for each in moments)


def leaking(drawn: random.Random, moments: list[float]) -> Iterator[float]:
    """The calibration server's leak, 20 ms at first and 1 ms more in each second."""
    law = laws.Leak(0.02, 0.001)
    return (law.finish(each) - each for each in moments)


def test_steady_loads_are_hardly_ever_said_to_slow_down() -> None:
    """Of 200 loads of two operations without a leak at most 5 % raise the alarm."""
    kinds = (scattered, drifting, queued, stalled)
    alarms = sum(
        bool(slowing(trends(plan(), loaded(seed, kinds[seed % 4], kinds[(seed // 4) % 4]))))
        for seed in range(200)
    )
    assert alarms <= 0.05 * 200


def test_the_leak_of_the_calibration_server_is_found() -> None:
    """In each of 10 loads, beside an operation that does not leak, with its true slope."""
    for seed in range(10):
        steady, leak = trends(plan(), loaded(seed, scattered, leaking))
        assert (steady.slowing, leak.slowing) == (False, True)
        assert leak.slope == pytest.approx(0.001, rel=0.05)
        assert leak.lower is not None
        assert leak.lower > 0


def test_growth_that_does_not_matter_is_no_finding() -> None:
    """A proven growth by a tenth of the median, or by half a millisecond, is told and no more."""
    for service, growth in ((0.1, 0.0003), (0.0005, 0.00002)):
        law = laws.Leak(service, growth)
        record = operation("read", ((t, law.finish(t) - t) for t in (n / 10 for n in range(300))))
        (found,) = trends(plan(), LoadRecord(operations=[record], duration=30.0))
        assert found.lower is not None
        assert found.lower > 0
        assert not found.slowing


def test_only_judged_phases_of_constant_rate_are_looked_at() -> None:
    """Latencies may grow with a ramp, and nobody judges a warm-up."""
    phases = (
        Phase("warm-up", 10, "constant", 8, 8, measured=False),
        Phase("ramp", 10, "constant", 8, 20),
        Phase("steady", 10, "constant", 20, 20),
    )
    steady = operation("read", ((number / 20, 0.01) for number in range(600)))
    record = LoadRecord(operations=[steady], duration=30.0)
    assert [each.phase for each in trends(plan(*phases), record)] == ["steady"]
    assert trends(replace(plan(*phases), model="closed"), record) == ()


def test_too_few_samples_have_no_trend() -> None:
    """Below eight blocks of twenty good answers nothing is said; nor of a load cut short."""
    few = operation("read", ((number / 5, 0.01) for number in range(150)))
    assert trends(plan(), LoadRecord(operations=[few], duration=30.0)) == ()
    many = operation("read", ((number / 20, 0.01) for number in range(600)))
    assert trends(plan(), LoadRecord(operations=[many], duration=5.0)) == ()


def test_the_finding_is_told_and_no_verdict_changes() -> None:
    """The note of the scenario names operation, growth and interval; the verdict is as without."""
    leak, calm = loaded(1, leaking), loaded(1, scattered)
    found = judgement.judge(plan(), leak, Objectives())
    assert "slowing down: the p50 of operation0 grew by 6" in found.note
    assert "ms/min (95 %" in found.note
    other = judgement.judge(plan(), calm, Objectives())
    assert "slowing" not in other.note
    assert found.verdict is other.verdict
    assert told(found.trends[0]).endswith(")")
