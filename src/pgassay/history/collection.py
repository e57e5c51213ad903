"""The model of a collection, as far as it is about one name or one identifier."""

from collections.abc import Iterator
from dataclasses import dataclass

from pgassay.history.operation import REFUSED, Operation


@dataclass(frozen=True, slots=True)
class Creation:
    """Create something of the name; `identifier` is what it got, empty where nobody knows."""

    identifier: str = ""


@dataclass(frozen=True, slots=True)
class Deletion:
    """Delete what has the identifier."""

    identifier: str


@dataclass(frozen=True, slots=True)
class Listing:
    """List the collection; the answer is a tuple of the identifiers of this name."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Read what has the identifier; the answer is a tuple of it, or an empty one."""

    identifier: str


@dataclass(frozen=True, slots=True)
class State:
    """The identifiers that exist, those whose deletion was accepted, and those that are gone."""

    present: frozenset[str] = frozenset()
    leaving: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Collection:
    """Things of one name; `unique` forbids two of them at once, `present` exist from the start.

    A creation or deletion is answered with ACCEPTED or REFUSED; a refusal changes nothing and is
    never held against a server. What was deleted may show for a while; once it is gone it does
    not come back. No identifier is given twice.
    """

    unique: bool = False
    present: frozenset[str] = frozenset()

    @property
    def initial(self) -> State:
        """What existed before the history."""
        return State(self.present)

    def apply(self, state: State, operation: Operation) -> Iterator[State]:
        """Yield the state that follows."""
        action, answer = operation.action, operation.answer
        if answer == REFUSED:
            yield state
        elif isinstance(action, Creation):
            yield from self._created(state, action.identifier)
        elif isinstance(action, Deletion):
            gone = frozenset({action.identifier})
            yield State(state.present - gone, state.leaving | (gone & state.present), state.gone)
        elif answer is not None:
            asked = {action.identifier} if isinstance(action, Reading) else None
            yield from _shown(state, answer, asked)

    def _created(self, state: State, identifier: str) -> Iterator[State]:
        used = identifier in state.present | state.leaving | state.gone
        taken = self.unique and state.present
        if not used and not taken:
            yield State(state.present | {identifier}, state.leaving, state.gone)


def _shown(state: State, shown: tuple[str, ...], asked: set[str] | None) -> Iterator[State]:
    """Yield what follows when of all, or of those that were `asked` for, these are `shown`."""
    there = frozenset(shown)
    hidden = (state.present | state.leaving) - there - {""}
    if asked is not None:
        hidden &= asked
    possible = there <= state.present | state.leaving and len(there) == len(shown)
    if possible and not hidden & state.present:
        yield State(state.present, state.leaving - hidden, state.gone | hidden)
