"""How many of a load's resources are in which state, as its requests and their answers tell.

States are the target's own words, as its last answer gave them, and two of the load's: `REQUESTED`
while a creation waits for its answer, `DELETING` from the sending of a deletion to its answer, and
for as long as a later listing shows the resource on its way out. What was deleted, lost or refused
is counted no more.
"""

import math
from collections.abc import Callable, Mapping
from typing import Final

REQUESTED: Final = "requested"
DELETING: Final = "deleting"
#: Of a resource whose answer names no state, or one that is no word.
STATELESS: Final = "no state"
OTHER: Final = "other"
#: A target that invents states all the time must not fill the memory; nor by their length.
_WORDS: Final = 16
_LETTERS: Final = 32

#: By second of the load: by how much the number in a state changed. What came before is in -1.
Changes = dict[int, dict[str, int]]
_BEFORE: Final = -1


class Census:
    """The changes of one load process; nothing is kept of a second in which nothing changed."""

    def __init__(self, elapsed: Callable[[], float] = lambda: 0.0) -> None:
        """`elapsed` returns the seconds since the load began."""
        self._elapsed = elapsed
        self._words: set[str] = set()
        self._began = False
        self._closed = False
        self.changes: Changes = {}

    def begin(self) -> None:
        """From now on changes belong to seconds of the load."""
        self._began = True

    def close(self) -> None:
        """Count nothing any more: what comes now is no load."""
        self._closed = True

    def word(self, state: str) -> str:
        """Return under which name a state of the target is counted."""
        if state in self._words:
            return state
        if not state:
            return STATELESS
        if len(self._words) >= _WORDS or len(state) > _LETTERS or not state.isidentifier():
            return OTHER
        self._words.add(state)
        return state

    def move(self, before: str, after: str) -> None:
        """Count one resource under `after` instead of `before`; empty stands for nowhere."""
        if self._closed:
            return
        second = math.floor(self._elapsed()) if self._began else _BEFORE
        row = self.changes.setdefault(second, {})
        if before:
            row[before] = row.get(before, 0) - 1
        if after:
            row[after] = row.get(after, 0) + 1


def levels(changes: Mapping[int, Mapping[str, int]], seconds: int) -> dict[str, tuple[int, ...]]:
    """Return for each state how many resources were in it at the end of each second.

    There are `seconds` of them, or more where something changed later.
    """
    length = max(seconds, max(changes, default=_BEFORE) + 1)
    names = sorted({name for row in changes.values() for name, change in row.items() if change})
    found: dict[str, list[int]] = {name: [] for name in names}
    for name, line in found.items():
        level = changes.get(_BEFORE, {}).get(name, 0)
        for second in range(length):
            level += changes.get(second, {}).get(name, 0)
            line.append(level)
    return {name: tuple(line) for name, line in found.items() if any(line)}
