"""One operation of a history."""

import math
from dataclasses import dataclass, replace
from typing import Any, Final, Self

from pgassay.exchange import Exchange

#: The answers to operations that change something.
ACCEPTED: Final = "accepted"
REFUSED: Final = "refused"


@dataclass(frozen=True, slots=True)
class Operation:
    """What was asked and answered, and when: monotonic seconds between which it took effect.

    `action` and `answer` are values of the model that judges the history. An `answer` of None means
    that nothing is known: the operation may have taken effect at any time since its start, or not
    at all, and its end is infinite. A `passive` one sets nothing: a read, or a refused change.
    `words` tell it to people.
    """

    action: Any
    answer: Any
    start: float
    end: float
    words: str = ""
    passive: bool = False

    @property
    def known(self) -> bool:
        """Tell whether the operation surely happened and its answer is known."""
        return self.answer is not None

    def unanswered(self) -> Self:
        """Return the operation as it was known before its answer came."""
        return replace(self, answer=None, end=math.inf)

    def forgotten(self) -> Self:
        """Return the operation as if it might have happened at any time, or never."""
        return replace(self.unanswered(), start=-math.inf)


def seen(exchange: Exchange, action: Any, answer: Any, text: str = "") -> Operation:
    """Make an operation of an exchange that read something; with `answer` None it tells nothing.

    `text` says what was read.
    """
    answer = answer if exchange.answered else None
    end = math.inf if answer is None else exchange.ended
    words = f"{exchange.line} {text}".strip()
    return Operation(action, answer, exchange.started, end, words, passive=True)


def change(exchange: Exchange, action: Any, text: str = "") -> Operation:
    """Make an operation of an exchange that was to change something; `text` says what.

    A 5xx answer says as little of what happened as none does.
    """
    start, words = exchange.started, f"{exchange.line} {text}".strip()
    if exchange.succeeded:
        return Operation(action, ACCEPTED, start, exchange.ended, words)
    if exchange.rejected:
        return Operation(action, REFUSED, start, exchange.ended, words, passive=True)
    return Operation(action, None, start, math.inf, words)
