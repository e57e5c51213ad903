"""How long resources stay in each state, read off the traffic."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from pgassay.exchange import Exchange
from pgassay.monitors.judgement import Judgement
from pgassay.monitors.sightings import Sighting, lists, sightings
from pgassay.monitors.stopwatch import Span, Stopwatch
from pgassay.specification import Operation
from pgassay.target.model import Family


@dataclass(slots=True)
class _Stay:
    """A state that a resource was seen in: when it was shown first, and when last.

    `sure` tells that it was not in that state before `first`: it was created, or seen in another.
    """

    family: Family
    kind: str
    state: str
    first: Span
    last: Span
    sure: bool

    @classmethod
    def begun(cls, sighting: Sighting, span: Span, *, sure: bool) -> Self:
        """A state that `sighting` shows for the first time."""
        return cls(sighting.family, sighting.kind, str(sighting.state), span, span, sure)


class TransitionMonitor:
    """Measure the time from each state to the next; judge nothing."""

    def __init__(self, stopwatch: Stopwatch) -> None:
        """Give what is measured to `stopwatch`."""
        self._stopwatch = stopwatch
        self._stays: dict[str, _Stay] = {}

    def observe(self, exchange: Exchange, operation: Operation | None) -> Iterator[Judgement]:
        """Take note of the states that one exchange shows."""
        if operation is not None and exchange.succeeded and not lists(operation):
            for sighting in sightings(exchange, operation):
                self._see(sighting, exchange)
        if exchange.request.method == "GET" and exchange.status in {404, 410}:
            self._miss(exchange)
        yield from ()

    def _see(self, sighting: Sighting, exchange: Exchange) -> None:
        stay = self._stays.get(sighting.path)
        if not isinstance(sighting.state, str):
            return
        span = Span.of(exchange)
        if stay is None:
            created = exchange.request.method == "POST"
            self._stays[sighting.path] = _Stay.begun(sighting, span, sure=created)
        elif span.begun >= stay.last.ended:  # overlapping exchanges have no order
            if sighting.state != stay.state:
                self._move(stay, sighting.state, span)
                self._stays[sighting.path] = _Stay.begun(sighting, span, sure=True)
            else:
                stay.last = span

    def _miss(self, exchange: Exchange) -> None:
        path = exchange.request.path.split("?")[0].rstrip("/")
        stay = self._stays.get(path)
        if stay is not None and stay.state == "deleting":
            self._move(stay, "gone", Span.of(exchange))
            del self._stays[path]

    def _move(self, stay: _Stay, state: str, span: Span) -> None:
        if stay.sure:
            name = f"{stay.kind} {stay.state} to {state}"
            self._stopwatch.take(stay.family, name, stay.first, stay.last, span)
