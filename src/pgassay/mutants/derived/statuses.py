"""Rule 6: each status is another one, which no document allows there.

A success is told as 202, as if the work were still to come, or as 500; a refusal as 500, or as a
success: they take turns from operation to operation. What a family refuses for all its operations
in one place, who asks and how a body is sent, is wrong for all of them in either way.
"""

from collections.abc import Collection, Iterator
from functools import partial
from typing import Final

from starlette.types import ASGIApp

from pgassay.mutants.answer import Answer, Bending
from pgassay.mutants.derived.operations import Operation, operation_of, operations, words
from pgassay.mutants.derived.walk import specimens
from pgassay.mutants.mutant import Mutant

NAME: Final = "status"

#: What may be carried out later, with 202 (RFC 9110, 15.3.3): no document names their statuses.
_LATER: Final = frozenset({"dbaasInstanceCreate", "dbaasInstanceUpdate"})
#: No credentials, no right to change, a body that is too long or of another media type.
_SHARED: Final = (401, 403, 413, 415)


class StatusBending(Bending):
    """Tells one status of some operations as another."""

    def __init__(self, app: ASGIApp, ids: Collection[str], right: int, wrong: int) -> None:
        super().__init__(app)
        self._ids = ids
        self._right = right
        self._wrong = wrong

    def bend(self, answer: Answer) -> Answer:
        """Return the answer with the wrong status where it has the right one."""
        if answer.status != self._right:
            return answer
        meant = operation_of(answer.method, answer.path) in self._ids
        return answer.with_status(self._wrong) if meant else answer


def derive() -> Iterator[Mutant]:
    """Yield the mutants."""
    for position, one in enumerate(operations().values()):
        good = specimens()[one.id].status
        yield _mutant(one.id, [one.id], good, (202, 500)[position % 2 or one.id in _LATER])
        for index, refusal in enumerate(_own_refusals(one)):
            yield _mutant(one.id, [one.id], refusal, (500, 200)[(position + index) % 2])
    for family in ("clickhouse", "dbaas"):
        for refusal in _SHARED:
            ids = [one.id for one in operations().values() if one.dbaas == (family == "dbaas")]
            for wrong in (500, 200):
                yield _mutant(f"Every {family} operation", ids, refusal, wrong)


def _own_refusals(one: Operation) -> Iterator[int]:
    """Yield the statuses of refusals that every operation of this form has for itself."""
    if one.parameters:
        yield 404
    if one.has_body:
        yield 400


def _mutant(who: str, ids: list[str], right: int, wrong: int) -> Mutant:
    return Mutant(
        f"{words(who)}-{right}-as-{wrong}",
        f"{who} answers {wrong} where {right} is right.",
        (),
        bending=partial(StatusBending, ids=ids, right=right, wrong=wrong),
        rule=NAME,
        operations=tuple(ids),
    )
