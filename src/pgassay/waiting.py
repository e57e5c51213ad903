"""Wait for asynchronous outcomes by looking, with back-off, within a named budget."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from pgassay.clock import clock

T = TypeVar("T")

#: Each pause is this much longer than the one before, up to ten times the first.
_BACK_OFF = 1.3
_LONGEST = 10.0


@dataclass(frozen=True, slots=True)
class Waited(Generic[T]):
    """The outcome of a wait.

    What was waited for happened between `lower` and `upper` seconds after its start: after the
    last look that did not see it, before the first that did. `seen` are the looks, in order.
    """

    value: T
    reached: bool
    lower: float
    upper: float
    seen: tuple[T, ...]


def wait_until(
    look: Callable[[], T],
    reached: Callable[[T], bool],
    *,
    budget: float,
    poll: float,
) -> Waited[T]:
    """Look until `reached` holds or `budget` seconds are over; the last look is at their end."""
    start = clock().now()
    seen: list[T] = []
    lower, pause = 0.0, poll
    while True:
        looked_at = clock().now() - start
        value = look()
        seen.append(value)
        if reached(value):
            return Waited(
                value, reached=True, lower=lower, upper=clock().now() - start, seen=tuple(seen)
            )
        lower = looked_at
        left = budget - looked_at
        if left <= 0:
            return Waited(
                value, reached=False, lower=lower, upper=clock().now() - start, seen=tuple(seen)
            )
        # The last look is at the end of the budget, however long the pauses have become: what
        # happens within it is seen.
        clock().sleep(min(pause, left))
        pause = min(pause * _BACK_OFF, poll * _LONGEST)
