"""The model of one thing with members: a service, an instance, a configuration."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from pgassay.exchange import Json
from pgassay.history.operation import REFUSED, Operation

#: Members and their values in JSON.
Members: TypeAlias = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Write:
    """Set members to other values; those that are not named stay."""

    members: Members


@dataclass(frozen=True, slots=True)
class Removal:
    """Delete the thing."""


@dataclass(frozen=True, slots=True)
class Look:
    """Read the members that the model knows."""


#: The answer to a look at what is not there.
ABSENT: Final = "absent"


@dataclass(frozen=True, slots=True)
class State:
    """The members; whether a delete was accepted, and whether the thing was then seen absent."""

    members: Members
    leaving: bool = False
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """One thing that exists, with `members` at first.

    The answer to a write or removal is ACCEPTED or REFUSED; refusals change nothing, and none is
    held against a server. A look answers with the members or with ABSENT. A deleted thing may
    show for a while; once it is gone it does not come back.
    """

    members: Members = field(default_factory=frozenset)

    @property
    def initial(self) -> State:
        """The thing as it was before the history."""
        return State(self.members)

    def apply(self, state: State, operation: Operation) -> Iterator[State]:
        """Yield the state that follows."""
        action, answer = operation.action, operation.answer
        if answer == REFUSED:
            yield state
        elif isinstance(action, Look):
            yield from _seen(state, answer) if answer is not None else ()
        elif isinstance(action, Removal):
            yield State(state.members, leaving=True, gone=state.gone)
        elif not state.gone:
            yield State(_merged(state.members, action.members), state.leaving)


def members(values: Mapping[str, Json]) -> Members:
    """Return members in the form that the model compares; an array of objects is a set."""
    return frozenset((name, _text(value)) for name, value in values.items())


def _seen(state: State, answer: Members | str) -> Iterator[State]:
    if answer == ABSENT:
        if state.leaving:
            yield State(state.members, leaving=True, gone=True)
    elif answer == state.members and not state.gone:
        yield state


def _merged(old: Members, new: Members) -> Members:
    named = {name for name, _ in new}
    return new | {(name, value) for name, value in old if name not in named}


def _text(value: Json) -> str:
    if isinstance(value, list):
        value = sorted(value, key=lambda item: json.dumps(item, sort_keys=True))
    return json.dumps(value, sort_keys=True)
