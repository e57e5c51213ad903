"""Judge drawn values or sequences of steps, and stop at the first deviation.

Hypothesis draws; this module keeps its own habits away from a remote target: no example database,
because the target's state is not reset, no report of its own, because the session renders the
deviation, and no shrinking of its own, which takes hundreds of replays. A scenario that failed is
shortened here instead, as long as that takes seconds: a server that takes minutes for a resource
is not asked for many.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol, TypeVar, cast

import hypothesis
from hypothesis import HealthCheck, Phase, Verbosity, given
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test
from hypothesis.strategies import SearchStrategy

from pgassay.deviation import Deviation, NotJudged

T = TypeVar("T")
S = TypeVar("S")
_ALL_CHECKS: Final = tuple(HealthCheck)
#: Seconds after which no further shortening of a scenario begins.
_SHORTENING: Final = 15.0


class Replayable(Protocol[S]):
    """A machine whose scenario can be carried out again, whole or in part."""

    #: The steps that were taken, the one that deviated last.
    taken: list[S]

    def replay(self, steps: Sequence[S]) -> None:
        """Begin anew and take these steps; raises what the first deviating one raises."""


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
    machine: Callable[["First"], Replayable[S]], *, seed: int, scenarios: int, steps: int
) -> None:
    """Run at most `scenarios` of up to `steps` rules each; raise the first deviation.

    `machine` makes a fresh `RuleBasedStateMachine` for each scenario; its rules judge inside `with
    first:`. The deviation is that of the shortest scenario that deviates in the same way.
    """
    first = First()

    def fresh() -> RuleBasedStateMachine:
        return cast("RuleBasedStateMachine", machine(first))

    settings = hypothesis.settings(_settings(scenarios), stateful_step_count=steps)
    seeded = cast("type[RuleBasedStateMachine]", hypothesis.seed(seed)(fresh))
    try:
        first.run(lambda: run_state_machine_as_test(seeded, settings=settings))
    except Deviation as found:
        raise shortest(lambda: machine(First()), first.steps, found) from None


def shortest(
    machine: Callable[[], Replayable[S]], steps: Sequence[S], found: Deviation
) -> Deviation:
    """Leave out what can be left out of a scenario; return how the shortest one deviates.

    Halves are tried first, then smaller parts. What deviates in another way is another fault.
    """
    deadline, size = time.monotonic() + _SHORTENING, max(len(steps) // 2, 1)
    while size and time.monotonic() < deadline:
        start, before = 0, len(steps)
        while start < len(steps) - 1 and time.monotonic() < deadline:
            replayed = machine()
            deviation = _deviation(replayed, [*steps[:start], *steps[start + size :]])
            if deviation and _alike(deviation, found) and len(replayed.taken) < len(steps):
                steps, found = tuple(replayed.taken), deviation
            else:
                start += size
        # With single steps it goes on until none can be left out.
        size = size // 2 if size > 1 or len(steps) == before else 1
    return found


def _deviation(machine: Replayable[S], steps: Sequence[S]) -> Deviation | None:
    try:
        machine.replay(steps)
    except Deviation as deviation:
        return deviation
    except NotJudged:
        return None
    return None


def _alike(one: Deviation, other: Deviation) -> bool:
    return (one.requirement, one.title) == (other.requirement, other.title)


class First:
    """Keep the first exception of a block; from then on every block raises it at once.

    Hypothesis repeats a failing example before it reports; nothing is sent in that repetition.
    """

    def __init__(self) -> None:
        """Start without any."""
        self.found: Exception | None = None
        #: The steps that led to it, where it was found in a scenario.
        self.steps: tuple[Any, ...] = ()

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
