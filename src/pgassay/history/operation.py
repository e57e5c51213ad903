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
    at all, and its end is infinite. `words` tell it to people.
    """

    action: Any
    answer: Any
    start: float
    end: float
    words: str = ""

    @property
    def known(self) -> bool:
        """Tell whether the operation surely happened and its answer is known."""
        return self.answer is not None

    def forgotten(self) -> Self:
        """Return the operation as if it might have happened at any time, or never."""
        return replace(self, answer=None, start=-math.inf, end=math.inf)


def seen(exchange: Exchange, action: Any, answer: Any) -> Operation:
    """Make an operation of an exchange; where no answer came, none is known."""
    body = (exchange.request.body or b"").decode("utf-8", "replace")
    words = " ".join(f"{exchange.line} {body}".split())
    if not exchange.answered:
        return Operation(action, None, exchange.started, math.inf, words)
    return Operation(action, answer, exchange.started, exchange.ended, words)


def change(exchange: Exchange, action: Any) -> Operation:
    """Make an operation that was to change something of an exchange.

    A 5xx answer says nothing of what happened, as none does.
    """
    known = exchange.succeeded or exchange.rejected
    changed = seen(exchange, action, ACCEPTED if exchange.succeeded else REFUSED)
    return changed if known else replace(changed, answer=None, end=math.inf)
