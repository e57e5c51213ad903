"""Rule 5: each member of each answer is missing, null or of a wrong type; each object has one more.

The members are those that the reference's answers to good requests have. Each name of a member has
one mutant, each kind of object another: the operations that show it, and the faults, take turns.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Final

from starlette.types import ASGIApp

from pgassay.mutants.answer import Answer, Bending
from pgassay.mutants.derived.faults import around
from pgassay.mutants.derived.operations import Operation, operation_of
from pgassay.mutants.derived.values import ITEMS, Change, Place, apply, places, written
from pgassay.mutants.derived.walk import specimens
from pgassay.mutants.mutant import Mutant

NAME: Final = "member"
_EXTRA: Final = "unlisted"
#: Members that answers may lack: OpenAPI requires none of them, PostgreSQL Service API shows no
#: answer that has them.
_UNPROMISED: Final = frozenset({"created_at", "enableCoreDumps", "hostname", "project_id"})
#: A member that no document has at all.
_UNKNOWN: Final = "ipAccessList"


class MemberBending(Bending):
    """Bends one member of the good answers of one operation."""

    def __init__(self, app: ASGIApp, operation: str, place: Place, effect: Change) -> None:
        super().__init__(app)
        self._operation = operation
        self._place = place
        self._effect = effect

    def bend(self, answer: Answer) -> Answer:
        """Return the answer, bent where the place is in it."""
        if not answer.succeeded or operation_of(answer.method, answer.path) != self._operation:
            return answer
        value = answer.value
        apply(value, self._place, self._effect)
        return answer.saying(value)


def derive() -> Iterator[Mutant]:
    """Yield the mutants."""
    for position, spots in enumerate(_spots().values()):
        one, place = spots[position % len(spots)]
        if place[-1] == _UNKNOWN:
            continue
        kind = _kind(position, place)
        effect, what = _FAULTS[kind]
        yield _mutant(one, place, kind, effect, what)
    for one, place in _shapes().values():
        yield _mutant(one, (*place, _EXTRA), "extra", _add, "a member too many,")


def _kind(position: int, place: Place) -> str:
    """Return what becomes of a member: the kinds take turns, but for what documents allow."""
    if place[-1] in _UNPROMISED:
        return "mistyped"
    kinds = list(_FAULTS)
    if "pgConfig" in place:
        kinds.remove("mistyped")  # numbers may be shown as text: the reading config_numbers
    return kinds[position % len(kinds)]


def _spots() -> Mapping[tuple[bool, str], list[tuple[Operation, Place]]]:
    """Return where each member of a family's answers is, by the family and the member's name."""
    found: dict[tuple[bool, str], list[tuple[Operation, Place]]] = {}
    for specimen in specimens().values():
        for place, value in places(specimen.answer):
            if value is not None:
                key = (specimen.operation.dbaas, place[-1])
                found.setdefault(key, []).append((specimen.operation, place))
    return found


def _shapes() -> Mapping[tuple[str, ...], tuple[Operation, Place]]:
    """Return where an object is, of each kind that answers hold: by the names of its members."""
    return {
        tuple(sorted(value)): (specimen.operation, place)
        for specimen in specimens().values()
        for place, value in _objects(specimen.answer)
    }


def _mutant(one: Operation, place: Place, kind: str, effect: Change, what: str) -> Mutant:
    bending = partial(MemberBending, operation=one.id, place=place, effect=effect)
    change, does = "-".join((*place, kind)), f"answers with {what} {written(place)}"
    return around(NAME, one, change, does, bending)


def _objects(answer: Any) -> Iterator[tuple[Place, Any]]:
    """Yield each object in an answer that has members, with its place."""
    for place, value in (((), answer), *places(answer)):
        first = value[0] if isinstance(value, list) and value else value
        if isinstance(first, dict) and first:
            yield (place if first is value else (*place, ITEMS)), first


def _leave_out(owner: dict[str, Any], member: str) -> None:
    owner.pop(member, None)


def _make_null(owner: dict[str, Any], member: str) -> None:
    if member in owner:
        owner[member] = None


def _retype(owner: dict[str, Any], member: str) -> None:
    if member in owner:
        owner[member] = _of_another_type(owner[member])


def _add(owner: dict[str, Any], member: str) -> None:
    owner[member] = "unlisted"


def _of_another_type(value: Any) -> Any:
    """Return what a sloppy server writes: numbers and truth as texts, texts and others wrapped."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, list):
        return {str(index): item for index, item in enumerate(value)}
    return [value]


_FAULTS: Final[dict[str, tuple[Change, str]]] = {
    "missing": (_leave_out, "no"),
    "null": (_make_null, "null as"),
    "mistyped": (_retype, "another type of"),
}
