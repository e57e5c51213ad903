"""Scenarios that fail are told step by step, as short as they can be."""

from collections.abc import Sequence

import pytest
from hypothesis.stateful import RuleBasedStateMachine, rule
from hypothesis.strategies import integers

from pgassay.deviation import Deviation, NotTestable
from pgassay.exploration import First, explore_steps, shortest


class Lamp(RuleBasedStateMachine):
    """A lamp that breaks when it is switched on (1) and turned (2) and then pulled (3)."""

    def __init__(self, first: First, title: str = "the lamp is broken") -> None:
        super().__init__()
        self.first, self.title = first, title
        self.taken: list[int] = []

    @rule(act=integers(0, 3))
    def step(self, act: int) -> None:
        with self.first:
            self.take(act)

    def take(self, act: int) -> None:
        self.taken.append(act)
        rest = iter(self.taken)
        if act == 3 and all(part in rest for part in (1, 2, 3)):
            self.first.steps = tuple(self.taken)
            raise Deviation(self.title, "light", "dark", steps=tuple(map(str, self.taken)))

    def replay(self, steps: Sequence[int]) -> None:
        for act in steps:
            self.take(act)


class Missing(Lamp):
    """One that needs what is not there."""

    def replay(self, steps: Sequence[int]) -> None:
        raise NotTestable("there is no lamp")


BROKEN = Deviation("the lamp is broken", "light", "dark", steps=("a", "story"))
LONG = (0, 1, 0, 3, 2, 0, 2, 1, 3)


def test_the_deviation_is_that_of_the_shortest_scenario() -> None:
    found = shortest(lambda: Lamp(First()), LONG, BROKEN)
    assert found.steps == ("1", "2", "3")


def test_another_deviation_is_no_shorter_one() -> None:
    assert shortest(lambda: Lamp(First(), "another fault"), LONG, BROKEN) is BROKEN


def test_a_scenario_that_cannot_be_repeated_stays_as_it_is() -> None:
    assert shortest(lambda: Missing(First()), LONG, BROKEN) is BROKEN


def test_drawn_scenarios_end_with_the_shortest_one() -> None:
    with pytest.raises(Deviation) as caught:
        explore_steps(Lamp, seed=3, scenarios=20, steps=40)
    assert caught.value.steps == ("1", "2", "3")


def test_scenarios_without_a_deviation_end_quietly() -> None:
    explore_steps(Lamp, seed=3, scenarios=3, steps=2)
