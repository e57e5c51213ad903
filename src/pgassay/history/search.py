"""The search for a legal order of a history's operations.

Wing and Gong's search (1993) with Lowe's memory of configurations (2017): a set of operations that
were put in order, and the state that they lead to, is looked at once.
"""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from enum import StrEnum
from typing import Any, Final, Protocol

from pgassay.history.operation import Operation

#: The longest history, and how many configurations of it, that are searched.
OPERATIONS: Final = 500
CONFIGURATIONS: Final = 20_000


class Legality(StrEnum):
    """What is known of a history; UNDECIDED when a bound was reached before."""

    LEGAL = "legal"
    ILLEGAL = "illegal"
    UNDECIDED = "undecided"


class Model(Protocol):
    """What holds of operations that happen one after the other."""

    @property
    def initial(self) -> Hashable:
        """The state before the first operation."""

    def apply(self, state: Any, operation: Operation) -> Iterable[Hashable]:
        """Return the states that may follow; none when the answer contradicts the state.

        An operation whose answer is not known leads to the states that it could bring about.
        """


def judge(
    history: Sequence[Operation], model: Model, configurations: int = CONFIGURATIONS
) -> Legality:
    """Tell whether some order of the operations respects their times and the model."""
    if len(history) > OPERATIONS:
        return Legality.UNDECIDED
    operations = sorted(history, key=lambda operation: (operation.end, operation.start))
    needed = sum(1 << number for number, each in enumerate(operations) if each.known)
    waiting: list[tuple[int, Hashable]] = [(0, model.initial)]
    seen = set(waiting)
    while waiting:
        done, state = waiting.pop()
        if done & needed == needed:
            return Legality.LEGAL
        for following in _following(operations, model, done, state):
            if following not in seen:
                if len(seen) >= configurations:
                    return Legality.UNDECIDED
                seen.add(following)
                waiting.append(following)
    return Legality.ILLEGAL


def _following(
    operations: Sequence[Operation], model: Model, done: int, state: Hashable
) -> Iterator[tuple[int, Hashable]]:
    """Yield the configurations one operation on; the one to look at first comes last."""
    found = []
    for number in _next(operations, done):
        after = list(model.apply(state, operations[number]))
        if operations[number].passive and after == [state]:
            # It fits here and sets nothing: of any order with it later there is one with it now.
            yield done | 1 << number, state
            return
        found += [(done | 1 << number, each) for each in after]
    yield from reversed(found)


def _next(operations: Sequence[Operation], done: int) -> Iterator[int]:
    """Yield the operations that may come next: none that is left ended before they started."""
    left = [number for number in range(len(operations)) if not done >> number & 1]
    horizon = operations[left[0]].end if left else 0.0
    for number in left:
        if operations[number].start <= horizon:
            yield number
