"""Scenarios: operations in a drawn order on a few resources, told in words when they fail.

A machine knows a table of operations. Hypothesis draws which one comes next and what it is about;
what it is about is a number, so that a repeated scenario may meet other names and identifiers. The
simplest draw goes through the table from its beginning: the first scenario leaves nothing out.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Final, TypeAlias

from hypothesis.stateful import RuleBasedStateMachine, rule
from hypothesis.strategies import integers

from pgassay.client import Client
from pgassay.deviation import Deviation, NotTestable
from pgassay.exchange import Exchange
from pgassay.exploration import First
from pgassay.families.pool import Pool

#: What a machine can do: it is given itself and two numbers that choose what it is about.
Operation: TypeAlias = Callable[[Any, int, int], None]
#: How many resources a replayed scenario may create.
_REPLAYED: Final = 3
#: How much of a request's body a told step shows.
_SHOWN: Final = 160


@dataclass(frozen=True, slots=True)
class Step:
    """One operation, and the two numbers that choose what it is about."""

    operation: Operation
    at: int
    pick: int


@dataclass(slots=True)
class Creations:
    """How many resources scenarios may still create: a server may take minutes for each."""

    left: int

    def permitted(self, pool: Pool) -> bool:
        """Tell whether one more may be created, also by the limits of the target, and count it."""
        self.left -= 1
        if self.left < 0:
            return False
        try:
            pool.permit()
        except NotTestable:
            return False
        return True


@dataclass(slots=True)
class _Told:
    words: str
    requests: list[str] = field(default_factory=list)


class Scenario(RuleBasedStateMachine):
    """A scenario of one family; subclasses bring the operations and the model."""

    #: Every operation, in an order in which each finds something to act on.
    OPERATIONS: ClassVar[Sequence[Operation]] = ()

    def __init__(self, client: Client, creations: Creations, first: First) -> None:
        """All scenarios share their `creations`; `first` keeps the first deviation of all."""
        super().__init__()
        self.first, self.creations = first, creations
        self.taken: list[Step] = []
        self._client = client
        self._story: list[_Told] = []

    @rule(skip=integers(0, 63), at=integers(0, 7), pick=integers(0, 7))
    def step(self, skip: int, at: int, pick: int) -> None:
        """Take the next operation of the table, or a later one."""
        operation = self.OPERATIONS[(len(self.taken) + skip) % len(self.OPERATIONS)]
        with self.first:
            self.take(Step(operation, at, pick))

    def begin(self) -> None:
        """Bring the model in line with the target; what it finds wrong is a deviation too."""

    def take(self, step: Step) -> None:
        """Carry a step out; a deviation tells the whole story."""
        self.taken.append(step)
        with self._client.watched_by(self):
            try:
                step.operation(self, step.at, step.pick)
            except Deviation as deviation:
                self.first.steps = tuple(self.taken)
                raise self._telling(deviation) from None

    def replay(self, steps: Sequence[Step]) -> None:
        """Begin anew and take these steps; raises the first deviation."""
        self.creations = Creations(_REPLAYED)
        self.begin()
        for step in steps:
            self.take(step)

    def say(self, words: str) -> None:
        """Tell what a step is about to do; one that does nothing is not told."""
        self._story.append(_Told(words))

    def observe(self, redacted: Exchange) -> None:
        """Take note of a request that may change something, for the story."""
        if redacted.request.method != "GET" and self._story:
            body = (redacted.request.body or b"").decode(errors="replace")
            shown = body if len(body) <= _SHOWN else f"{body[:_SHOWN]}..."
            line = f"{redacted.request.method} {redacted.request.path} {shown}"
            self._story[-1].requests.append(f"{line.strip()} -> {redacted.status}")

    def _telling(self, deviation: Deviation) -> Deviation:
        told = (f"{told.words}: {'; '.join(told.requests) or 'reads'}" for told in self._story)
        return replace(deviation, steps=tuple(told))


def nth(things: Sequence[str], pick: int) -> str | None:
    """One of the things; None where there is none."""
    return things[pick % len(things)] if things else None
