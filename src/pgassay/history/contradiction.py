"""What contradicts a model in a history, told so that people can follow it."""

import math
from collections.abc import Sequence
from typing import Final

from pgassay.deviation import Deviation, Inconclusive
from pgassay.history.operation import Operation
from pgassay.history.search import Legality, Model, judge

#: Each step of the shrinking is a search, of so many configurations at most.
_CONFIGURATIONS: Final = 3000


def expect_legal(
    history: Sequence[Operation], model: Model, title: str, *, requirement: str = ""
) -> None:
    """Expect that some order explains the history.

    Raises `Deviation` with the operations that contradict each other, and `Inconclusive` where
    the search for an order reached its bound.
    """
    legality = judge(history, model)
    if legality is Legality.ILLEGAL:
        left = shrunk(history, model)
        actual = f"{told(left)}\nwhatever the other {len(history) - len(left)} operations did"
        expected = "answers that some order of the operations explains"
        raise Deviation(title, expected, actual, requirement)
    if legality is Legality.UNDECIDED:
        raise Inconclusive(f"{len(history)} operations have too many possible orders to judge them")


def shrunk(history: Sequence[Operation], model: Model) -> list[Operation]:
    """Return the operations without any of which no contradiction would be left.

    The others are not left out, which would take effects away that answers rest on: what is
    returned contradicts the model whatever they did, and whenever.
    """
    kept = _until_illegal(history, model)
    for number, operation in enumerate(kept):
        kept[number] = operation.forgotten()
        if judge(kept, model, _CONFIGURATIONS) is not Legality.ILLEGAL:
            kept[number] = operation
    return [operation for operation in kept if operation.known]


def _until_illegal(history: Sequence[Operation], model: Model) -> list[Operation]:
    """Return what was known when the first answer came that contradicts the others."""
    for moment in sorted(operation.end for operation in history if operation.known):
        begun = (operation for operation in history if operation.start <= moment)
        known = [each if each.end <= moment else each.unanswered() for each in begun]
        if judge(known, model, _CONFIGURATIONS) is Legality.ILLEGAL:
            return known
    return list(history)


def told(history: Sequence[Operation]) -> str:
    """Render operations, one a line, with start and end in milliseconds since the first one."""
    first = min((operation.start for operation in history), default=0.0)
    ordered = sorted(history, key=lambda operation: operation.start)
    lines = [f"{_span(operation, first)}  {operation.words}" for operation in ordered]
    heading = "answers that no order explains (milliseconds from .. to):"
    return "\n".join([heading, *lines])


def _span(operation: Operation, first: float) -> str:
    end = "  never" if math.isinf(operation.end) else f"{(operation.end - first) * 1000:7.1f}"
    return f"{(operation.start - first) * 1000:7.1f} ..{end}"
