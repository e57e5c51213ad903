"""Which faults there are, and whom they strike: exactly one in every so many, drawn from a seed."""

import random
from collections import deque
from collections.abc import Iterable, Mapping
from typing import Final

from pgassay.calibration.choice import Choice

#: What is wrong with one instance. No instance has two of these, so that each can be told apart.
RESOURCE_FAULTS: Final = (
    "lost_create",
    "phantom",
    "duplicate_id",
    "hidden_item",
    "repeated_item",
    "resurrected_delete",
    "backward_state",
    "stale_read",
)
#: What is wrong with one answer.
ANSWER_FAULTS: Final = ("throttle", "error", "reset")

#: The keys of each fault. One in `every` is struck. `seconds` of a throttle are its window, which
#: Retry-After names, and in which nothing is let in; with `header` 0 there is neither. A
#: reset request took effect unless `effect` is 0.
FAULTS: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(RESOURCE_FAULTS, ("every",)),
    "throttle": ("every", "seconds", "header"),
    "error": ("every",),
    "reset": ("every", "effect"),
}
_EVERY: Final = 200.0


class Turns:
    """Strikes once in each block of `every` events, at a place drawn from `seed`."""

    def __init__(self, every: int, seed: str) -> None:
        self._every = max(every, 1)
        self._random = random.Random(seed)  # noqa: S311 - repeatable on purpose
        self._left = 0
        self._place = 0

    def strike(self) -> bool:
        """Tell whether this event is struck."""
        if not self._left:
            self._left = self._every
            self._place = self._random.randint(1, self._every)
        self._left -= 1
        return self._left + 1 == self._place


class AnswerFault:
    """A fault of one operation's answers."""

    def __init__(self, choice: Choice, seed: str) -> None:
        self.kind = choice.name
        self._values = choice.values
        self._turns = _turns(choice, seed)

    def strike(self) -> bool:
        """Tell whether the next request is struck."""
        return self._turns.strike()

    def value(self, key: str) -> float:
        """A value of the fault; what was left out is 1."""
        return self._values.get(key, 1.0)


class ResourceFaults:
    """The faults of instances: each creation is given one at most."""

    def __init__(self, choices: Iterable[Choice], seed: str) -> None:
        self._turns = {choice.name: _turns(choice, seed) for choice in choices}
        self._waiting: deque[str] = deque()

    def next(self, *, others: bool) -> str:
        """Return the fault of the next creation, or "" for none.

        A second fault that falls on the same creation strikes the next one. `others` tells whether
        there is an instance without any fault, which a duplicate id needs.
        """
        self._waiting += [kind for kind, turns in self._turns.items() if turns.strike()]
        for kind in self._waiting:
            if others or kind != "duplicate_id":
                self._waiting.remove(kind)
                return kind
        return ""


def answer_faults(choices: Iterable[Choice], seed: str) -> dict[str, list[AnswerFault]]:
    """Return the faults of answers by operation; empty stands for all without one of their own."""
    found: dict[str, list[AnswerFault]] = {}
    for choice in choices:
        if choice.name in ANSWER_FAULTS:
            found.setdefault(choice.operation, []).append(AnswerFault(choice, seed))
    return found


def _turns(choice: Choice, seed: str) -> Turns:
    every = int(choice.values.get("every", _EVERY))
    return Turns(every, f"{seed}/{choice.operation}/{choice.name}")
