"""Rule 8, the edges of lifecycles: one leads nowhere, back again, or elsewhere.

The edges are the changes that documents announce after good requests, as far as answers show them.
A change that never comes holds up the states that were to follow.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final

from pgassay.mutants.derived.faults import in_service
from pgassay.mutants.derived.operations import words
from pgassay.mutants.derived.specimens import STATES, Edge, edges_of
from pgassay.mutants.derived.values import places
from pgassay.mutants.derived.walk import specimens
from pgassay.mutants.mutant import Mutant
from pgassay.reference.clickhouse.backend import WAREHOUSE
from pgassay.reference.clickhouse.service import ClickhouseService
from pgassay.reference.dbaas import DbaasService
from pgassay.reference.schedule import PENDING, Step
from pgassay.reference.store import Document

NAME: Final = "edge"

#: Documented seconds for which a change holds that goes back.
_HELD: Final = 20
#: An end of time that JSON can write, in epoch seconds.
_NEVER: Final = 1e12
#: Marks the step that takes a change back.
_BACK: Final = "back"

#: What becomes of a step: it gets the document, the step, and seconds for each documented one.
_Bend = Callable[[Document, Step, float], list[Step]]


def derive() -> Iterator[Mutant]:
    """Yield the mutants."""
    shown = {place[-1] for each in specimens().values() for place, _ in places(each.answer)}
    for edge, operations in _edges().items():
        # The pair of a scaling is shown member by member.
        if edge.member in {"", *shown} or edge.kind == WAREHOUSE:
            yield _mutant(edge, "never comes", operations, _held_up(edge))
            # Of states on the way to another one, no document says that they cannot come again.
            if edge.final:
                yield _mutant(edge, "goes back", operations, _taken_back(edge))
            if other := _other_state(edge):
                change = f"leads to {other}"
                yield _mutant(edge, change, operations, _led_astray(edge, other))


def _edges() -> dict[Edge, tuple[str, ...]]:
    """Return every edge with the operations that begin it."""
    found: dict[Edge, tuple[str, ...]] = {}
    for specimen in specimens().values():
        for edge in specimen.edges:
            found[edge] = (*found.get(edge, ()), specimen.operation.id)
    return found


def _other_state(edge: Edge) -> str | None:
    """Return a state of the family that has nothing to do with the edge.

    What comes before it from the same start is passed, and to go on at once to what comes after it
    looks as if nobody had looked in between.
    """
    family = edge.kind.partition(".")[0]
    known = [each for each in _edges() if each.kind.partition(".")[0] == family]
    states = {state for each in known for state in (each.state, each.target)}
    start = [each for each in known if (each.kind, each.state) == (edge.kind, edge.state)]
    visited = {each.target for each in start}
    others = sorted(states - visited - {"", edge.state})
    return others[0] if edge.target and others else None


def _mutant(edge: Edge, change: str, operations: tuple[str, ...], bend: _Bend) -> Mutant:
    service: type[Any] = DbaasService if edge.kind.startswith("dbaas") else ClickhouseService
    kind = edge.kind.replace(".", " ").replace("_", " ")
    to = edge.target or edge.member or "gone"
    when = f"The change of a {kind} from {edge.state}" if edge.state else f"The change of a {kind}"
    mutant = Mutant(
        words(f"{kind} {edge.state} to {to} {change}"),
        f"{when} to {to} {change}.",
        (),
        rule=NAME,
        operations=operations,
    )
    return in_service(mutant, _faulty(service, edge.kind, bend))


def _faulty(service: type[Any], kind: str, bend: _Bend) -> type[Any]:
    """Return a service that reads the steps of one kind of documents otherwise."""

    def present_state(self: Any, asked: str, document: Document | None) -> Document | None:
        if document is not None and asked == kind:
            scale = self.settings.time_scale
            steps = sorted(document.get(PENDING, ()), key=lambda step: step["at"])
            bent = [each for step in steps for each in bend(document, step, scale)]
            document = {**document, PENDING: bent}
        found: Document | None = service.present_state(self, asked, document)
        return found

    return type("Astray", (service,), {"present_state": present_state})


def _held_up(edge: Edge) -> _Bend:
    def bend(document: Document, step: Step, scale: float) -> list[Step]:
        if edge.member not in step.get("set", {"": None}):
            return [step]
        if edge in edges_of(edge.kind, document, step):
            return [_without(step, edge.member)]
        after = edge.member in STATES and any(
            edge in edges_of(edge.kind, document, each) and each["at"] < step["at"]
            for each in document[PENDING]
        )
        return [_without(step, edge.member)] if after else [step]

    return bend


def _without(step: Step, member: str) -> Step:
    """Return a step without one of its changes; one that has no other never comes."""
    rest = {name: value for name, value in step.get("set", {}).items() if name != member}
    return {**step, "set": rest} if rest else {**step, "at": _NEVER}


def _taken_back(edge: Edge) -> _Bend:
    def bend(document: Document, step: Step, scale: float) -> list[Step]:
        if _BACK in step or edge not in edges_of(edge.kind, document, step):
            return [step]
        if step.get("remove"):
            return [{"at": step["at"], "set": {"state": "running"}, _BACK: True}]
        old = {edge.member: document[edge.member]}
        return [step, {"at": step["at"] + _HELD * scale, "set": old, _BACK: True}]

    return bend


def _led_astray(edge: Edge, state: str) -> _Bend:
    def bend(document: Document, step: Step, scale: float) -> list[Step]:
        if edge not in edges_of(edge.kind, document, step):
            return [step]
        return [{**step, "set": {**step["set"], edge.member: state}}]

    return bend
