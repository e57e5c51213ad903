"""What moves a settled resource: requests do, and nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pgassay.exchange import Exchange
from pgassay.monitors.judgement import Judgement, judge
from pgassay.monitors.sightings import Sighting, lists, sightings
from pgassay.specification import Operation

JUDGES = ("CH-SVC-STATE-CAUSE", "DB-INST-STATUS-CAUSE")

_JUDGED: Final = {"service": "CH-SVC-STATE-CAUSE", "instance": "DB-INST-STATUS-CAUSE"}
#: kind -> the settled state, the one that is left for, and how often for each request that changes
#: something: a resize may restart the service for its new machine and for the way there.
_DEPARTURES: Final = {
    "service": ("running", "restarting", 3),
    "instance": ("ACTIVE", "IN_PROGRESS", 1),
}


@dataclass(slots=True)
class _Life:
    """Requests that may have changed a resource, and how often it was seen to leave its state."""

    changes: int = 0
    departures: int = 0
    state: str = ""
    until: float = 0.0


class CauseMonitor:
    """Judge that services and instances leave their settled state when asked to.

    It judges once a resource is settled again: by then requests that were under way have their
    answers. A health check may make a service unavailable at any time, and what happens to a
    primary may move its read replicas: neither is judged.
    """

    def __init__(self) -> None:
        """Start without any resource."""
        self._lives: dict[str, _Life] = {}

    def observe(self, exchange: Exchange, operation: Operation | None) -> Iterator[Judgement]:
        """Judge one exchange."""
        if operation is None:
            return
        path = exchange.request.path.split("?")[0].rstrip("/")
        if exchange.request.method != "GET":
            if not exchange.rejected:
                self._count(path)
        elif exchange.succeeded and not lists(operation):
            for sighting in sightings(exchange, operation):
                if sighting.path == path and sighting.kind in _JUDGED:
                    yield from self._see(sighting, exchange)

    def _count(self, path: str) -> None:
        """Count a request for the resource that it is sent to, and for those above."""
        while path.strip("/"):
            self._lives.setdefault(path, _Life()).changes += 1
            path = path.rpartition("/")[0]

    def _see(self, sighting: Sighting, exchange: Exchange) -> Iterator[Judgement]:
        life, state = self._lives.setdefault(sighting.path, _Life()), str(sighting.state)
        if exchange.sent_at < life.until or sighting.members.get("isPrimary") is False:
            return
        settled, busy, often = _DEPARTURES[sighting.kind]
        life.departures += (life.state, state) == (settled, busy)
        if state == settled:
            yield judge(
                _JUDGED[sighting.kind],
                life.departures <= often * life.changes,
                f"the {sighting.kind} was {busy} more often than it was changed",
                f"{settled} until a request changes something",
                f"{life.departures} times {busy} after {life.changes} changes",
            )
        life.state, life.until = state, exchange.sent_at + exchange.duration
