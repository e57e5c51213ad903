"""The search finds the knee of servers whose knee is known, and blames nobody wrongly."""

import heapq
import math

import numpy as np
import pytest

from pgassay.results import LoadOperation, LoadScenario, Percentile, SloResult
from pgassay.statistics.trend import trend
from pgassay.target.model import Family
from pgassay.traffic import capacity
from pgassay.traffic.plan_file import CapacityPlan
from pgassay.traffic.search import Answer, Attempt, Bounds, Found, Outcome, Purpose, Search
from pgassay.verdict import Verdict

SERVERS, SERVICE, LIMIT = 4, 0.1, 0.6  # seconds; up to 40 requests a second are served


class Queue:
    """Four servers with exponential service and one queue; a trial is kept at p95 <= 0.6 s."""

    def __init__(self, seed: int, generator: float = math.inf) -> None:
        self._numbers = np.random.default_rng(seed)
        self._generator = generator

    def __call__(self, rate: float, seconds: float) -> Outcome:
        if rate > self._generator:
            return Outcome(Answer.GENERATOR, note="the generator was late")
        count = int(rate * seconds)
        arrivals = np.sort(self._numbers.random(count) * seconds)
        works = self._numbers.exponential(SERVICE, count)
        free = [0.0] * SERVERS
        ends = []
        for arrival, work in zip(arrivals, works, strict=True):
            end = max(float(arrival), heapq.heappop(free)) + float(work)
            heapq.heappush(free, end)
            ends.append(end)
        return self._judged(arrivals, np.array(ends), rate, seconds)

    def _judged(
        self,
        arrivals: "np.ndarray[tuple[int], np.dtype[np.float64]]",
        ends: "np.ndarray[tuple[int], np.dtype[np.float64]]",
        rate: float,
        seconds: float,
    ) -> Outcome:
        judged = arrivals > seconds / 5
        p95 = float(np.quantile((ends - arrivals)[judged], 0.95))
        moments = np.arange(seconds / 5, seconds)
        backlog = [float(((arrivals <= m) & (ends > m)).sum()) for m in moments]
        slope = trend(list(moments), backlog).slope
        kept = p95 <= LIMIT and not capacity.grows(slope, rate)
        concurrency = float((ends - arrivals)[judged].mean()) * rate
        return Outcome(
            Answer.KEPT if kept else Answer.BROKEN,
            achieved=rate,
            backlog_slope=slope.value,
            concurrency=concurrency,
            throughput=rate,
        )


def knee() -> float:
    """The rate at which the p95 of M/M/4 is exactly the limit (Erlang C; Gross and Harris, 2.3)."""

    def beyond(rate: float) -> float:
        load = rate * SERVICE
        terms = [load**n / math.factorial(n) for n in range(SERVERS)]
        last = load**SERVERS / math.factorial(SERVERS) * SERVERS / (SERVERS - load)
        waits = last / (sum(terms) + last)
        rest = SERVERS - 1 - load
        tail = 1 + waits * (1 - math.exp(-LIMIT / SERVICE * rest)) / rest
        return math.exp(-LIMIT / SERVICE) * tail

    low, high = 1.0, SERVERS / SERVICE - 1e-6
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if beyond(middle) < 0.05 else (low, middle)
    return low


@pytest.mark.parametrize("seed", range(6))
def test_the_knee_of_a_queue_is_found(seed: int) -> None:
    """M/M/4: what is sustained lies within 10 % of the true knee, and the bracket is narrow."""
    found = Search(Bounds(2, 400, 60, hold=120), Queue(seed)).run()
    assert found.sustained == pytest.approx(knee(), rel=0.1)
    assert found.lowest_bad is not None
    assert found.sustained is not None
    assert 1 < found.lowest_bad / found.sustained <= 1.06
    assert found.limited == "" == found.note


def test_the_rate_found_was_confirmed_and_held() -> None:
    """The last trials are those of the rate found: two confirmations and the long one, all kept."""
    found = Search(Bounds(2, 400, 30, confirmations=2, hold=60), Queue(1)).run()
    last = found.attempts[-3:]
    assert [attempt.purpose for attempt in last] == [Purpose.CONFIRM, Purpose.CONFIRM, Purpose.HOLD]
    assert {attempt.rate for attempt in last} == {found.sustained}
    assert all(attempt.outcome.answer is Answer.KEPT for attempt in last)
    assert last[-1].seconds == 60


def test_a_generator_that_is_the_limit_leaves_a_lower_bound() -> None:
    """Rates that could not be applied say nothing about the server: no rate is called bad."""
    found = Search(Bounds(2, 400, 30), Queue(1, generator=20)).run()
    assert found.lowest_bad is None
    assert found.sustained == pytest.approx(20, rel=0.06)
    assert "the generator could not apply" in found.limited
    assert capacity.result("s", Family.DBAAS, found, "").verdict is Verdict.INCONCLUSIVE


def test_a_server_that_keeps_everything_is_limited_by_the_plan() -> None:
    """Up to the highest rate all was kept: a lower bound, and nothing was left undone."""
    found = Search(Bounds(2, 16, 30), Queue(1)).run()
    assert found.sustained == 16
    assert "the highest rate of the plan" in found.limited
    assert capacity.result("s", Family.DBAAS, found, "").verdict is Verdict.PASS


def test_a_server_that_keeps_nothing_has_no_capacity() -> None:
    """The lowest rate is tried twice, and its failure is the result."""
    found = Search(Bounds(100, 400, 30), Queue(1)).run()
    assert (found.sustained, found.lowest_bad) == (None, 100)
    assert len(found.attempts) == 2
    assert capacity.result("s", Family.DBAAS, found, "").verdict is Verdict.FAIL


class Scripted:
    """A server that keeps rates up to 10, but for the trials (from 1) that are told otherwise."""

    def __init__(self, **answers: Answer) -> None:
        self._answers = {int(number[1:]): answer for number, answer in answers.items()}
        self._trials = 0

    def __call__(self, rate: float, seconds: float) -> Outcome:
        self._trials += 1
        usual = Answer.KEPT if rate <= 10 else Answer.BROKEN
        return Outcome(self._answers.get(self._trials, usual), note=f"trial {self._trials}")


def test_one_hiccup_does_not_end_the_bracket() -> None:
    """A low rate that fails once by chance is asked again, and does not become the bound."""
    found = Search(Bounds(1, 100, 10), Scripted(_2=Answer.BROKEN)).run()
    assert found.sustained == pytest.approx(10, rel=0.06)


@pytest.mark.parametrize("first", [1, 4])
def test_a_machine_that_stands_still_for_two_trials_does_not_end_the_search(first: int) -> None:
    """That says nothing about the server, nor of what the generator can do."""
    whole = Search(Bounds(1, 100, 10, hold=60), Scripted()).run()
    late = {f"_{number}": Answer.GENERATOR for number in (first, first + 1)}
    found = Search(Bounds(1, 100, 10, hold=60), Scripted(**late)).run()
    assert (found.sustained, found.lowest_bad) == (whole.sustained, whole.lowest_bad)
    assert len(found.attempts) == len(whole.attempts) + 2
    assert not found.limited


@pytest.mark.parametrize("late", [1, 2, 3])
def test_a_hold_is_tried_three_times_where_the_generator_is_late(late: int) -> None:
    whole = Search(Bounds(1, 100, 10, hold=60), Scripted()).run()
    last = len(whole.attempts)
    held = {f"_{number}": Answer.GENERATOR for number in range(last, last + late)}
    found = Search(Bounds(1, 100, 10, hold=60), Scripted(**held)).run()
    assert found.sustained == whole.sustained
    assert found.complete == (late < 3)


def test_what_is_kept_right_after_a_late_generator_is_kept() -> None:
    """A late generator is no evidence that the next trial has to outweigh."""
    found = Search(Bounds(1, 100, 10), Scripted(_1=Answer.GENERATOR)).run()
    assert [item.rate for item in found.attempts[:3]] == [1, 1, 2]


def test_a_rate_that_is_not_confirmed_is_taken_back() -> None:
    """Two confirmations that fail make the rate the lowest bad one; a lower one is confirmed."""
    whole = Search(Bounds(1, 100, 10), Scripted()).run()
    first = next(n for n, item in enumerate(whole.attempts, 1) if item.purpose is Purpose.CONFIRM)
    # The first two confirm that the upper end is broken.
    failing = {f"_{number}": Answer.BROKEN for number in (first + 2, first + 3)}
    found = Search(Bounds(1, 100, 10), Scripted(**failing)).run()
    assert found.lowest_bad == whole.sustained
    assert found.sustained == pytest.approx((whole.sustained or 0) / 1.05)


def test_a_trial_that_says_nothing_ends_the_search() -> None:
    """Two trials in a row without an answer: the result is inconclusive and says why."""
    found = Search(Bounds(1, 100, 10), Scripted(_3=Answer.UNKNOWN, _4=Answer.UNKNOWN)).run()
    assert found.note == "trial 4"
    assert found.lowest_bad is None
    assert capacity.result("s", Family.DBAAS, found, "").verdict is Verdict.INCONCLUSIVE


def operation(name: str, succeeded: int, mean: float) -> LoadOperation:
    return LoadOperation(
        name, succeeded, succeeded, 0, succeeded, 0, 0, 0, {}, {},
        (Percentile(99.0, mean * 3, None, None),), mean * 4, mean,
    )  # fmt: skip


def scenario(
    value: float | None = 0.2,
    backlog: tuple[int, ...] = (3, 4, 3) * 10,
    saturated: str = "",
    dropped: int = 0,
    crowded: int = 0,
    verdict: Verdict = Verdict.PASS,
) -> LoadScenario:
    slo = SloResult(
        "create-p95", "crud_lifecycle", "create", "p95 <= 0.5 s", 0.5, value, None, None, 500,
        Verdict.INCONCLUSIVE if value is None else Verdict.PASS, "3 samples, 72 are needed",
    )  # fmt: skip
    return LoadScenario(
        "dbaas", "crud_lifecycle", 20.0, 30.0, 1, verdict, "", 600, 600, dropped,
        (operation("create", 400, 0.1), operation("read", 400, 0.05)), (slo,), (),
        {"crowded": crowded},
        lifecycle=(operation("time_to_active", 390, 1.0),),
        backlog=backlog, saturated=saturated, rates={"offered": 40.0, "succeeded": 39.0},
    )  # fmt: skip


def judged(load: LoadScenario) -> Outcome:
    return capacity.outcome(load, ("create-p95",), 20.0, 30.0, warm_up=10.0)


def test_a_run_that_keeps_all_is_kept_with_its_figures() -> None:
    """Concurrency is that of Little's law, creations count per minute to active."""
    said = judged(scenario())
    assert said.answer is Answer.KEPT
    assert said.concurrency == pytest.approx((400 * 0.1 + 400 * 0.05) / 30)
    assert said.throughput == pytest.approx(800 / 30)
    assert said.creates == pytest.approx(390 * 2)
    assert said.p99 == pytest.approx(0.3)
    assert said.achieved == pytest.approx(20 * 39 / 40)


@pytest.mark.parametrize(
    ("load", "answer", "note"),
    [
        (scenario(value=0.6), Answer.BROKEN, "create-p95: 0.6 instead of p95 <= 0.5 s"),
        (scenario(backlog=tuple(range(0, 60, 2))), Answer.BROKEN, "the backlog grew by 2"),
        (scenario(value=0.6, saturated="late"), Answer.GENERATOR, "late"),
        (scenario(dropped=3), Answer.GENERATOR, "3 arrivals were dropped"),
        (
            scenario(dropped=3, crowded=3),
            Answer.BROKEN,
            "3 arrivals met too many that were not answered yet",
        ),
        (
            scenario(dropped=3, crowded=3, saturated="the generator was late"),
            Answer.GENERATOR,
            "the generator was late",
        ),
        (scenario(value=None), Answer.UNKNOWN, "72 are needed"),
        (scenario(verdict=Verdict.ERROR), Answer.UNKNOWN, "no objective"),
    ],
)
def test_a_run_that_is_not_kept_says_why(load: LoadScenario, answer: Answer, note: str) -> None:
    """Latency and backlog speak against the server; lag, drops and few samples do not."""
    said = judged(load)
    assert said.answer is answer
    assert note in said.note


def test_the_law_of_scalability_is_fitted_over_the_steady_trials() -> None:
    """Trials below the knee are kept and give a fit; the rate of a single request is right."""
    found = Search(Bounds(2, 400, 90), Queue(3)).run()
    fit = capacity.law(found.attempts)
    assert fit is not None
    assert fit.gamma.value == pytest.approx(1 / SERVICE, rel=0.15)


def test_few_trials_give_no_law() -> None:
    """Three points are as many as there are parameters."""
    points = [
        Attempt(1.0, 1.0, Purpose.BRACKET, Outcome(Answer.KEPT, concurrency=n, throughput=n))
        for n in (1.0, 2.0, 3.0)
    ]
    assert capacity.law(points) is None
    assert capacity.result("s", Family.DBAAS, Found((), None, None), "").usl is None


def test_a_trial_that_the_limits_forbid_says_nothing() -> None:
    """Where the target's limits let no trial run, the search ends and says which limit it was."""

    def load(family: Family, rate: float, seconds: float, number: int) -> LoadScenario:
        raise capacity.Refused("the target allows 10 resources in all")

    plan = CapacityPlan("crud_lifecycle", 2, 40, 30)
    found = capacity.measure(plan, Family.DBAAS, load, lambda text: None)
    assert found.verdict is Verdict.INCONCLUSIVE
    assert found.note == "the target allows 10 resources in all"


def test_the_creations_at_the_capacity_are_those_of_the_trials_that_kept_it() -> None:
    """Each counts by its time; in a trial of the same rate that was broken fewer became active."""
    said = [
        (10.0, 30.0, Answer.KEPT, 590.0),
        (10.0, 30.0, Answer.BROKEN, 200.0),
        (10.0, 60.0, Answer.KEPT, 605.0),
        (12.0, 30.0, Answer.BROKEN, 100.0),
    ]
    attempts = tuple(
        Attempt(rate, seconds, Purpose.CONFIRM, Outcome(answer, creates=creates))
        for rate, seconds, answer, creates in said
    )
    found = capacity.result("s", Family.DBAAS, Found(attempts, 10.0, 12.0), "")
    assert found.creates_per_minute == 600


def test_the_plan_is_carried_out_on_a_family() -> None:
    """Every trial is a run of the scenario, told as it ends; the result names what was kept."""
    told: list[str] = []
    runs: list[tuple[float, float, int]] = []

    def load(family: Family, rate: float, seconds: float, number: int) -> LoadScenario:
        runs.append((rate, seconds, number))
        return scenario(value=0.2 if rate <= 10 else 0.9)

    plan = CapacityPlan("crud_lifecycle", 2, 40, 30, ("create-p95",), warm_up=10, hold=60)
    found = capacity.measure(plan, Family.DBAAS, load, told.append)
    assert found.sustained == pytest.approx(10, rel=0.06)
    assert found.objective == "create p95 <= 0.5 s"
    assert found.creates_per_minute is not None
    assert found.verdict is Verdict.PASS
    assert [number for *_, number in runs] == list(range(1, len(runs) + 1))
    assert len(told) == len(runs) == len(found.trials)
    assert "dbaas capacity: bracket 2/s for 30 s: kept" in told[0]
