"""How long things took, as the traffic shows it."""

from collections import Counter
from typing import Final

from pgassay.exchange import Exchange
from pgassay.results import Duration
from pgassay.target.model import Family

#: So many durations of one name are kept: fuzzing and tables create things by the hundred.
_KEPT: Final = 100


class Stopwatch:
    """Keep measured durations, at most 100 of each name."""

    def __init__(self) -> None:
        """Start without any."""
        self.durations: list[Duration] = []
        self._counts: Counter[str] = Counter()

    def take(
        self, family: Family, name: str, begun: Exchange, last: Exchange | None, seen: Exchange
    ) -> None:
        """Keep how long something took that `begun` caused and `seen` was the first to show.

        `last` is the latest exchange that did not show it yet. Exchanges have a beginning and an
        end, and what is meant happened in between: hence the interval.
        """
        self._counts[name] += 1
        if self._counts[name] <= _KEPT:
            lower = max(0.0, last.sent_at - ended(begun)) if last else 0.0
            self.durations.append(Duration(family, name, lower, ended(seen) - begun.sent_at))


def ended(exchange: Exchange) -> float:
    """When the last byte of an answer was there, in Unix seconds."""
    return exchange.sent_at + exchange.duration
