"""What is judged about two sides of runs, and how often it is wrong."""

from collections.abc import Callable
from typing import TypeAlias

import pytest

from pgassay.comparison import Comparisons, Relation, Run, Terms, judge
from pgassay.verdict import ExitStatus

Maker: TypeAlias = Callable[..., list[Run]]


TERMS = Terms()
Compared: TypeAlias = Callable[..., Comparisons]


@pytest.fixture
def compared(side: Maker) -> Compared:
    """Compare 5 runs with 5 others of the same scatter: `compared(seed, growth, terms)`."""

    def compare(seed: int, growth: dict[str, float], terms: Terms = TERMS) -> Comparisons:
        return judge(side(2 * seed), side(2 * seed + 1, growth), terms)

    return compare


def test_runs_of_one_thing_raise_an_alarm_in_at_most_5_percent(compared: Compared) -> None:
    """A against A, 200 repeats of 5 and 5 runs, 6 figures each: at most 10 with any alarm."""
    alarms = sum(compared(seed, {}).status is ExitStatus.FAILED for seed in range(200))
    assert alarms <= 10


def test_a_regression_of_one_operation_is_the_only_one_found(compared: Compared) -> None:
    """A list that takes twice as long is found; the others, unchanged, are not."""
    found = compared(1, {"list": 2.0})
    assert {row.key.operation for row in found.regressions} == {"list"}
    assert found.status is ExitStatus.FAILED
    assert all(row.relation is Relation.SLOWER for row in found.regressions)


def test_growth_within_the_margin_is_no_regression(compared: Compared) -> None:
    """A list that takes twice as long is slower, and allowed to be by a margin of 150 %."""
    found = compared(1, {"list": 2.0}, Terms(margin=1.5))
    assert Relation.SLOWER in {row.relation for row in found.rows}
    assert found.status is ExitStatus.CONFORMS


def test_an_improvement_is_told(compared: Compared) -> None:
    """A list in half the time is faster, and no regression."""
    found = compared(1, {"list": 0.5})
    assert {row.key.operation for row in found.rows if row.relation is Relation.FASTER} == {"list"}
    assert found.status is ExitStatus.CONFORMS


def test_runs_that_scatter_little_are_the_same(side: Maker) -> None:
    """At 0.5 % from run to run, equal sides are within 5 % for sure."""
    found = judge(side(1, scatter=0.005), side(2, scatter=0.005), Terms())
    assert {row.relation for row in found.rows} == {Relation.SAME}


def test_runs_that_scatter_much_are_undecided_and_say_how_many_are_needed(
    compared: Compared,
) -> None:
    """At 10 % from run to run 5 runs cannot exclude 5 %; each row tells what it would find."""
    found = compared(3, {})
    assert Relation.UNDECIDED in {row.relation for row in found.rows}
    assert all(row.detectable > 0.1 and row.needed > 5 for row in found.rows)


def test_fewer_figures_find_more(compared: Compared) -> None:
    """The smallest effect that is found shrinks when only one figure is judged."""
    alone = compared(3, {}, Terms(percentiles=(50.0,), operations=("list",)))
    [row] = alone.rows
    assert row.detectable < min(
        other.detectable for other in compared(3, {}).rows if other.key == row.key
    )


def test_too_few_runs_say_nothing(side: Maker) -> None:
    """Two runs on one side are inconclusive, and the note says how many are needed."""
    found = judge(side(1, runs=2), side(2), Terms())
    assert found.status is ExitStatus.INCONCLUSIVE
    assert "at least 3 on each side" in found.notes[0]


def test_other_loads_are_not_compared(compared: Compared, side: Maker, other: Maker) -> None:
    """A scenario at another rate is another experiment."""
    found = judge(side(1), other("list", rate=40.0), Terms())
    assert found.status is ExitStatus.INCONCLUSIVE
    assert "different rates" in found.notes[0]


def test_sides_without_a_common_figure_say_so(side: Maker, other: Maker) -> None:
    """Where the operations differ altogether nothing can be compared."""
    found = judge(side(1), other("scale"), Terms())
    assert found.notes == ("the two sides have no figure in common",)


def test_errors_that_rise_are_told(side: Maker, other: Maker) -> None:
    """Latencies that stay while answers fail are shown with the errors."""
    [row, _] = judge(side(1), other("list", failed=100), Terms()).rows
    assert row.note == "errors rose from 0.0% to 10.0%"


@pytest.mark.parametrize("scenario", ["crud_lifecycle", "scaling"])
def test_a_scenario_can_be_chosen(scenario: str, compared: Compared) -> None:
    """Only the named scenarios are judged."""
    found = compared(1, {}, Terms(scenarios=(scenario,)))
    assert bool(found.rows) is (scenario == "crud_lifecycle")
