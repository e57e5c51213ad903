"""Arrival schedules are fixed in advance, repeatable, and the same however they are shared out."""

from itertools import pairwise

import pytest

from pgassay.traffic.arrivals import schedule
from pgassay.traffic.phase import Phase, Process


def steady(process: Process, rate: float, seconds: float) -> tuple[Phase, ...]:
    return (Phase("steady", seconds, process, rate, rate),)


def spike(process: Process) -> tuple[Phase, ...]:
    """Two seconds of calm, a ramp, a spike, and calm again."""
    return (
        Phase("calm", 2.0, process, 10.0, 10.0),
        Phase("ramp", 4.0, process, 10.0, 50.0),
        Phase("spike", 1.0, process, 200.0, 200.0),
        Phase("silence", 1.0, process, 0.0, 0.0),
        Phase("calm-again", 2.0, process, 10.0, 10.0),
    )


def between(times: list[float], start: float, end: float) -> int:
    return sum(start <= time < end for time in times)


@pytest.mark.parametrize("process", ["poisson", "constant"])
def test_offers_exactly_the_planned_number_in_order_within_the_window(process: Process) -> None:
    times = list(schedule(steady(process, 20.0, 4.0), seed=3))
    assert len(times) == 80
    assert times == sorted(times)
    assert 0 <= times[0] <= times[-1] < 4.0


@pytest.mark.parametrize("process", ["poisson", "constant"])
def test_each_phase_gets_the_arrivals_of_its_rate(process: Process) -> None:
    times = list(schedule(spike(process), seed=3))
    assert times == sorted(times)
    limits = (0.0, 2.0, 6.0, 7.0, 8.0, 10.0)
    assert [between(times, *ends) for ends in pairwise(limits)] == [20, 120, 200, 0, 20]
    # A ramp from 10 to 50 a second has had 10 * 2 + 5 * 2 ** 2 = 40 arrivals after half its time.
    assert between(times, 2.0, 4.0) == pytest.approx(40, abs=15 if process == "poisson" else 1)


def test_the_same_seed_gives_the_same_arrivals_and_another_seed_others() -> None:
    first, again, other = (list(schedule(spike("poisson"), seed)) for seed in (1, 1, 2))
    assert first == again != other


def test_constant_arrivals_are_evenly_spaced_also_across_phases() -> None:
    phases = [Phase(name, 0.5, "constant", 4.0, 4.0) for name in ("one", "two")]
    assert list(schedule(phases, 0)) == [0.0, 0.25, 0.5, 0.75]
    # 2.5 arrivals fit into the first phase: the third comes half a gap before its end.
    uneven = [Phase("one", 1.0, "constant", 2.5, 2.5), Phase("two", 1.0, "constant", 2.5, 2.5)]
    assert list(schedule(uneven, 0)) == pytest.approx([0.0, 0.4, 0.8, 1.2, 1.6])


def test_constant_arrivals_on_a_ramp_follow_the_integral_of_the_rate() -> None:
    ramp = Phase("ramp", 10.0, "constant", 0.0, 10.0)
    times = list(schedule([ramp], 0))
    assert [time**2 / 2 for time in times] == pytest.approx(range(50))


@pytest.mark.parametrize("workers", [2, 3, 7])
def test_workers_share_constant_arrivals_without_a_gap_or_a_repeat(workers: int) -> None:
    whole = list(schedule(spike("constant"), 5))
    shares = [list(schedule(spike("constant"), 5, worker, workers)) for worker in range(workers)]
    assert sorted(time for share in shares for time in share) == pytest.approx(whole)
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


def test_workers_share_poisson_arrivals_to_the_unit_and_draw_their_own() -> None:
    shares = [list(schedule(spike("poisson"), 5, worker, 3)) for worker in range(3)]
    assert sum(map(len, shares)) == len(list(schedule(spike("poisson"), 5)))
    assert len({time for share in shares for time in share}) == sum(map(len, shares))


@pytest.mark.parametrize("workers", [1, 4])
def test_poisson_gaps_vary_as_an_exponential_distribution_does(workers: int) -> None:
    phases = steady("poisson", 100.0, 100.0)
    times = sorted(
        time for worker in range(workers) for time in schedule(phases, 5, worker, workers)
    )
    gaps = [later - earlier for earlier, later in pairwise(times)]
    mean = sum(gaps) / len(gaps)
    deviation = (sum((gap - mean) ** 2 for gap in gaps) / len(gaps)) ** 0.5
    assert 0.95 < deviation / mean < 1.05


def test_poisson_arrivals_on_a_ramp_are_uniform_in_the_integral_of_the_rate() -> None:
    ramp = Phase("ramp", 100.0, "poisson", 0.0, 40.0)
    shares = [(time / 100.0) ** 2 for time in schedule([ramp], 11)]
    steps = [(number + 0.5) / len(shares) for number in range(len(shares))]
    distance = max(abs(share - step) for share, step in zip(shares, steps, strict=True))
    # Kolmogorov and Smirnov: 1.63 / sqrt(n) is exceeded in one of a hundred.
    assert distance < 1.63 / len(shares) ** 0.5


@pytest.mark.parametrize("process", ["poisson", "constant"])
def test_the_first_arrival_of_a_long_phase_is_there_at_once(process: Process) -> None:
    """A generator that drew all arrivals beforehand would be late, and would fill the memory."""
    assert next(schedule(steady(process, 1e6, 1e9), seed=3)) < 1.0


def test_poisson_arrivals_are_spread_evenly_over_their_phase() -> None:
    times = sorted(schedule(steady("poisson", 100.0, 100.0), seed=7))
    distance = max(abs(time / 100.0 - rank / len(times)) for rank, time in enumerate(times))
    # Kolmogorov and Smirnov: one of a thousand seeds is farther from uniform than this.
    assert distance < 1.95 / len(times) ** 0.5
