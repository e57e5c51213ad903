"""How long resources stay in each state, read off the traffic."""

from collections.abc import Iterator
from dataclasses import dataclass

from pgassay.exchange import Exchange
from pgassay.monitors.judgement import Judgement
from pgassay.monitors.sightings import Sighting, lists, sightings
from pgassay.monitors.stopwatch import Stopwatch, ended
from pgassay.specification import Operation


@dataclass(slots=True)
class _Stay:
    """A state that a resource was seen in: what showed it first, and what showed it last.

    `sure` tells that it was not in that state before `first`: it was created, or seen in another.
    """

    sighting: Sighting
    first: Exchange
    last: Exchange
    sure: bool


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
        if stay is None:
            created = exchange.request.method == "POST"
            self._stays[sighting.path] = _Stay(sighting, exchange, exchange, created)
        elif exchange.sent_at >= ended(stay.last):  # overlapping exchanges have no order
            if sighting.state != stay.sighting.state:
                self._move(stay, str(sighting.state), exchange)
                self._stays[sighting.path] = _Stay(sighting, exchange, exchange, sure=True)
            else:
                stay.last = exchange

    def _miss(self, exchange: Exchange) -> None:
        path = exchange.request.path.split("?")[0].rstrip("/")
        stay = self._stays.get(path)
        if stay is not None and stay.sighting.state == "deleting":
            self._move(stay, "gone", exchange)
            del self._stays[path]

    def _move(self, stay: _Stay, state: str, exchange: Exchange) -> None:
        if stay.sure:
            sighting = stay.sighting
            name = f"{sighting.kind} {sighting.state} to {state}"
            self._stopwatch.take(sighting.family, name, stay.first, stay.last, exchange)
