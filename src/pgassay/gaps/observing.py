"""How observers are declared: pure functions from what was seen to a branch."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from pgassay.gaps.seen import Seen

#: Names the branch that an exchange shows; None where it shows none.
Observe: TypeAlias = Callable[[Seen], str | None]


@dataclass(frozen=True, slots=True)
class Observer:
    """Looks at the exchanges of some operations for one gap; no operations mean all exchanges."""

    gap: str
    operations: frozenset[str]
    observe: Observe


class Observers:
    """The observers of one module, in the order in which it declares them."""

    def __init__(self) -> None:
        """Start without any."""
        self._observers: list[Observer] = []

    def of(self, gap: str, *operations: str) -> Callable[[Observe], Observe]:
        """Declare a function as the observer of `gap` on the exchanges of `operations`."""

        def declare(observe: Observe) -> Observe:
            self._observers.append(Observer(gap, frozenset(operations), observe))
            return observe

        return declare

    def __iter__(self) -> Iterator[Observer]:
        """Yield the observers."""
        return iter(self._observers)
