"""What rules need to know of an operation: its good requests, its checks, what it begins."""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from pgassay.mutants.derived.operations import Operation
from pgassay.reference.schedule import PENDING, Step
from pgassay.reference.store import Document

#: The members that hold a document's state.
STATES: Final = frozenset(("state", "status"))


@dataclass(frozen=True, slots=True)
class Check:
    """A check that an operation makes: a method of its service, and what it looks at."""

    method: str
    member: str = ""


@dataclass(frozen=True, slots=True)
class Edge:
    """A change of a document that is announced for later.

    Attributes:
        kind: The kind of the document.
        state: Its state when the change is announced; "" where it has none.
        member: The member that changes; "" when the document ends.
        target: The state to come; "" when the change is about something else.
        final: Whether no other state is announced to follow.
    """

    kind: str
    state: str
    member: str = ""
    target: str = ""
    final: bool = field(default=True, compare=False)


@dataclass(slots=True)
class Specimen:
    """The good requests of one operation and what became of them."""

    operation: Operation
    bodies: list[Any] = field(default_factory=list)
    query: str = ""
    status: int = 0
    answer: Any = None
    checks: dict[Check, None] = field(default_factory=dict)
    edges: dict[Edge, None] = field(default_factory=dict)


def checks_of(service: type) -> Iterator[str]:
    """Yield the names of the methods that refuse what is not in order, and do nothing else."""
    for name, method in inspect.getmembers(service, inspect.isfunction):
        if name.startswith("check_") and "raise " in inspect.getsource(method):
            yield name


def check_of(name: str, method: Callable[..., Any], arguments: tuple[Any, ...]) -> Check:
    """Return the check that a call of a method is: some look at one member of many."""
    parameters = list(inspect.signature(method).parameters)
    about = arguments[0] if len(parameters) > 1 and parameters[1] in {"member", "kind"} else ""
    return Check(name, str(about).replace("[0]", "[]"))


def edges_of(kind: str, document: Document, step: Step) -> Iterator[Edge]:
    """Yield the edges that a step of a document stands for: one for each member it changes."""
    state = str(document.get("state", document.get("status", "")))
    if step.get("remove"):
        yield Edge(kind, state)
    for member, value in step.get("set", {}).items():
        is_state = member in STATES
        final = not is_state or not _followed(document, step)
        yield Edge(kind, state, member, value if is_state else "", final)


def _followed(document: Document, step: Step) -> bool:
    """Tell whether another state is announced for after a step."""
    after = [each for each in document[PENDING] if each["at"] > step["at"]]
    return any(not STATES.isdisjoint(each.get("set", ())) for each in after)
