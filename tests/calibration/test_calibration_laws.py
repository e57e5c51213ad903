"""The laws of the calibration server do what theory says of them; in virtual time."""

import math
from collections.abc import Callable, Sequence

import pytest

from pgassay.calibration.choice import LAWS, Choice, law, read
from pgassay.calibration.theory import (
    Queue,
    exponential_quantile,
    nearest_rank,
    poisson,
    responses,
    scatter,
    stalled_quantile,
)
from pgassay.errors import UsageError

SHARES = (0.5, 0.9, 0.99)
LONG = 4000.0  # seconds of virtual time


def chosen(text: str) -> Choice:
    return read(text, "--law", LAWS)


def times(text: str, rate: float, duration: float = LONG, seed: str = "1") -> list[float]:
    return responses(law(chosen(text), seed), poisson(rate, duration, seed))


def agrees(found: Sequence[float], expected: Callable[[float], float], within: float) -> None:
    for share in SHARES:
        assert nearest_rank(found, share) == pytest.approx(expected(share), rel=within)


def test_constant_takes_the_same_for_every_request() -> None:
    """A constant law adds its time, however dense the arrivals."""
    assert set(responses(law(chosen("constant:service=0.25"), "1"), (0.0, 0.0, 8.0))) == {0.25}


def test_exponential_has_the_quantiles_of_the_law() -> None:
    """The sampled percentiles of the exponential law are those of theory."""
    agrees(
        times("exponential:mean=0.04", 40.0),
        lambda share: exponential_quantile(0.04, share),
        0.03,
    )


@pytest.mark.parametrize(("servers", "mean"), [(1, 0.0125), (3, 0.05), (8, 0.15)])
def test_a_queue_has_the_quantiles_of_the_law(servers: int, mean: float) -> None:
    """The sampled percentiles and mean of M/M/c are those of theory."""
    theory = Queue(40.0, servers, mean)
    found = times(f"queue:servers={servers},mean={mean}", 40.0)
    agrees(found, theory.quantile, 0.03)
    assert math.fsum(found) / len(found) == pytest.approx(theory.average, rel=0.03)


def test_one_server_is_the_textbook_law() -> None:
    """For one server the response is exponential with the rate that is left."""
    theory = Queue(30.0, 1, 0.02)
    for share in SHARES:
        assert theory.quantile(share) == pytest.approx(-math.log(1 - share) / 20.0)


def test_erlang_c_agrees_with_a_table() -> None:
    """The share that waits is that of published tables: 2 Erlang on 3 servers, 8 on 10."""
    assert Queue(2.0, 3, 1.0).waiting == pytest.approx(0.4444, abs=1e-4)
    assert Queue(8.0, 10, 1.0).waiting == pytest.approx(0.4092, abs=1e-4)


def test_equal_rates_of_wait_and_service_are_no_division_by_zero() -> None:
    """Where waiting and service have the same rate, the law is that of their sum."""
    theory = Queue(1.0, 2, 1.0)
    neighbour = Queue(1.0 + 1e-4, 2, 1.0)
    assert theory.beyond(2.0) == pytest.approx(neighbour.beyond(2.0), rel=1e-3)


def test_a_queue_that_cannot_keep_up_has_no_law() -> None:
    """Theory refuses a load that the servers cannot carry."""
    with pytest.raises(ValueError, match="cannot keep up"):
        Queue(100.0, 2, 0.02)


def test_capacity_is_the_number_of_workers_over_their_time() -> None:
    """Below capacity nobody waits long; above it the line grows by what is too much."""
    below = times("capacity:servers=4,service=0.05", 40.0, 60.0)
    above = times("capacity:servers=4,service=0.05", 100.0, 60.0)
    assert nearest_rank(below, 0.99) < 0.2
    assert max(above) == pytest.approx(60.0 * (100.0 / 80.0 - 1), rel=0.1)


def test_a_stall_holds_every_answer_that_is_due_in_it() -> None:
    """What is due while the server stalls leaves at its end, and nothing else is late."""
    stalled = law(chosen("stall:service=0.01,at=4,seconds=2"), "1")
    assert responses(stalled, (100.0, 103.98, 104.5, 105.9, 106.1)) == pytest.approx(
        [0.01, 0.01, 1.5, 0.1, 0.01]
    )


def test_a_stall_shows_in_the_percentiles_as_theory_says() -> None:
    """Evenly spread arrivals see the share of the stall that theory gives them."""
    arrivals = [number / 1000 for number in range(10_000)]
    found = responses(law(chosen("stall:service=0.01,at=4,seconds=2"), "1"), arrivals)
    for share in (0.5, 0.81, *SHARES):
        expected = stalled_quantile(0.01, 2.0, 10.0, share)
        assert nearest_rank(found, share) == pytest.approx(expected, abs=0.002)


def test_a_leak_grows_with_time() -> None:
    """A leaking server takes longer by the same for each second since its first request."""
    leaking = law(chosen("leak:service=0.01,growth=0.002"), "1")
    assert responses(leaking, (50.0, 60.0, 70.0)) == pytest.approx([0.01, 0.03, 0.05])


def test_a_law_repeats_itself_from_its_seed() -> None:
    """The same seed gives the same times, another one gives others."""
    text = "queue:servers=2,mean=0.03"
    assert times(text, 40.0, 5.0, "7") == times(text, 40.0, 5.0, "7")
    assert times(text, 40.0, 5.0, "7") != times(text, 40.0, 5.0, "8")


def test_the_scatter_encloses_theory_and_narrows_with_the_samples() -> None:
    """Repeated short runs lie around the law; longer ones lie closer to it."""
    choice = chosen("queue:servers=1,mean=0.0125")

    def width(duration: float) -> float:
        low, high = scatter(lambda seed: law(choice, seed), 40.0, duration, (0.9,), 60)[0.9]
        assert low < Queue(40.0, 1, 0.0125).quantile(0.9) < high
        return high - low

    assert width(5.0) > 2 * width(80.0)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("quue", "queue"),
        ("reed=constant", "list"),
        ("queue:size=1", "servers"),
        ("leak:x", "growth"),
    ],
)
def test_a_law_that_does_not_exist_is_refused_by_name(text: str, word: str) -> None:
    """A misspelt law, operation or key names what exists."""
    with pytest.raises(UsageError, match=word):
        read(text, "--law", LAWS)


def test_a_value_that_is_no_number_is_refused() -> None:
    """Negative, infinite and missing numbers are no times."""
    for text in ("constant:service=-1", "constant:service=inf", "constant:service=abc"):
        with pytest.raises(UsageError, match="no number"):
            read(text, "--law", LAWS)
