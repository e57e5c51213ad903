"""Rule 6: each status of each operation is another one, which no document allows there.

A success is told as 202, as if the work were still to come, or as 500; a refusal as 500, or as a
success. They take turns from operation to operation.
"""

from collections.abc import Iterator
from functools import partial
from typing import Final

from starlette.types import ASGIApp

from pgassay.mutants.answer import Answer, Bending
from pgassay.mutants.derived.faults import around
from pgassay.mutants.derived.operations import Operation, operation_of, operations
from pgassay.mutants.derived.specimens import specimens
from pgassay.mutants.mutant import Mutant

NAME: Final = "status"


class StatusBending(Bending):
    """Tells one status of one operation as another."""

    def __init__(self, app: ASGIApp, operation: str, right: int, wrong: int) -> None:
        super().__init__(app)
        self._operation = operation
        self._right = right
        self._wrong = wrong

    def bend(self, answer: Answer) -> Answer:
        """Return the answer with the wrong status where it has the right one."""
        if answer.status != self._right:
            return answer
        mine = operation_of(answer.method, answer.path) == self._operation
        return answer.with_status(self._wrong) if mine else answer


def derive() -> Iterator[Mutant]:
    """Yield the mutants."""
    for position, one in enumerate(operations().values()):
        good = specimens()[one.id].status
        yield _mutant(one, good, (202, 500)[position % 2])
        for index, refusal in enumerate(_refusals(one)):
            yield _mutant(one, refusal, (500, 200)[(position + index) % 2])


def _refusals(one: Operation) -> Iterator[int]:
    """Yield the statuses of refusals that every operation of this form has."""
    yield 401
    if one.changes:
        yield 403
    if one.parameters:
        yield 404
    if one.has_body:
        yield from (400, 413, 415)


def _mutant(one: Operation, right: int, wrong: int) -> Mutant:
    bending = partial(StatusBending, operation=one.id, right=right, wrong=wrong)
    does = f"answers {wrong} where {right} is right"
    return around(NAME, one, f"{right}-as-{wrong}", does, bending)
