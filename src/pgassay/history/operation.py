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

    def forgotten(self) -> Self:
        """Return the operation as if it might have happened at any time, or never."""
        return replace(self, answer=None, start=-math.inf, end=math.inf)


def seen(exchange: Exchange, action: Any, answer: Any) -> Operation:
    """Make an operation of an exchange that read something; with `answer` None it tells nothing."""
    answer = answer if exchange.answered else None
    end = math.inf if answer is None else exchange.ended
    return Operation(action, answer, exchange.started, end, _words(exchange), passive=True)


def change(exchange: Exchange, action: Any) -> Operation:
    """Make an operation of an exchange that was to change something.

    A 5xx answer says as little of what happened as none does.
    """
    start, words = exchange.started, _words(exchange)
    if exchange.succeeded:
        return Operation(action, ACCEPTED, start, exchange.ended, words)
    if exchange.rejected:
        return Operation(action, REFUSED, start, exchange.ended, words, passive=True)
    return Operation(action, None, start, math.inf, words)


def _words(exchange: Exchange) -> str:
    body = (exchange.request.body or b"").decode("utf-8", "replace")
    return " ".join(f"{exchange.line} {body}".split())
