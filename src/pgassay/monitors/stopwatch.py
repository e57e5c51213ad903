"""How long things took, as the traffic shows it."""

from collections import Counter
from dataclasses import dataclass
from typing import Final, Self

from pgassay.exchange import Exchange
from pgassay.results import Duration
from pgassay.target.model import Family

#: So many durations of one name are kept: fuzzing and tables create things by the hundred.
_KEPT: Final = 100


@dataclass(frozen=True, slots=True)
class Span:
    """When an exchange was sent and when its last byte was there, in Unix seconds.

    It is all that is kept of an exchange to measure by: a load has millions of them.
    """

    begun: float
    ended: float

    @classmethod
    def of(cls, exchange: Exchange) -> Self:
        """The span of an exchange."""
        return cls(exchange.sent_at, ended(exchange))


class Stopwatch:
    """Keep measured durations, at most 100 of each name."""

    def __init__(self) -> None:
        """Start without any."""
        self.durations: list[Duration] = []
        self._counts: Counter[str] = Counter()

    def take(self, family: Family, name: str, cause: Span, last: Span | None, seen: Span) -> None:
        """Keep how long something took that `cause` began and `seen` was the first to show.

        `last` is the latest exchange that did not show it yet. Exchanges have a beginning and an
        end, and what is meant happened in between: hence the interval.
        """
        self._counts[name] += 1
        if self._counts[name] <= _KEPT:
            lower = max(0.0, last.begun - cause.ended) if last else 0.0
            self.durations.append(Duration(family, name, lower, seen.ended - cause.begun))


def ended(exchange: Exchange) -> float:
    """When the last byte of an answer was there, in Unix seconds."""
    return exchange.sent_at + exchange.duration
