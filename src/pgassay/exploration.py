"""Judge drawn values or sequences of steps, and stop at the first deviation.

Hypothesis draws; this module keeps its own habits away from a remote target: no shrinking and no
example database, because each replay costs requests and the target's state is not reset, and no
report of its own, because the session renders the deviation.
"""

from collections.abc import Callable
from typing import Final, TypeVar, cast

import hypothesis
from hypothesis import HealthCheck, Phase, Verbosity, given
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test
from hypothesis.strategies import SearchStrategy

T = TypeVar("T")
_ALL_CHECKS: Final = tuple(HealthCheck)


def explore(
    strategy: SearchStrategy[T], judge: Callable[[T], object], *, seed: int, examples: int
) -> None:
    """Call `judge` with at most `examples` values of `strategy`; raise what it raises first."""
    first = First()

    def once(value: T) -> None:
        with first:
            judge(value)

    test = given(strategy)(once)
    first.run(hypothesis.seed(seed)(_settings(examples)(test)))


def explore_steps(
    machine: Callable[["First"], RuleBasedStateMachine], *, seed: int, scenarios: int, steps: int
) -> None:
    """Run at most `scenarios` of up to `steps` rules each; raise the first deviation.

    `machine` makes a fresh machine for each scenario; its rules judge inside `with first:`.
    """
    first = First()

    def fresh() -> RuleBasedStateMachine:
        return machine(first)

    settings = hypothesis.settings(_settings(scenarios), stateful_step_count=steps)
    seeded = cast("type[RuleBasedStateMachine]", hypothesis.seed(seed)(fresh))
    first.run(lambda: run_state_machine_as_test(seeded, settings=settings))


class First:
    """Keep the first exception of a block; from then on every block raises it at once.

    Hypothesis repeats a failing example before it reports; nothing is sent in that repetition.
    """

    def __init__(self) -> None:
        """Start without any."""
        self.found: Exception | None = None

    def __enter__(self) -> None:
        """Raise what was found, if anything."""
        if self.found is not None:
            raise self.found

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Keep the block's exception."""
        if isinstance(error, Exception) and self.found is None:
            self.found = error

    def run(self, test: Callable[[], object]) -> None:
        """Run `test`; raise what was found instead of what Hypothesis makes of it."""
        try:
            test()
        except Exception:
            if self.found is None:
                raise
        if self.found is not None:
            raise self.found


def _settings(examples: int) -> hypothesis.settings:
    return hypothesis.settings(
        max_examples=examples,
        database=None,
        deadline=None,
        derandomize=False,
        phases=(Phase.generate,),
        print_blob=False,
        report_multiple_bugs=False,
        suppress_health_check=_ALL_CHECKS,
        verbosity=Verbosity.quiet,
    )
