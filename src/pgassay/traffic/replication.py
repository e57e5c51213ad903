"""CDC scaling under load (ClickHouse Cloud OpenAPI, operations 2 and 3).

A legal pair is 1000 k millicores with 4 k GB for k = 1 to 32. The setting belongs to a ClickHouse
service that is not ours: it is journalled before its first change and put back at the end.
"""

from collections.abc import Mapping

from pgassay.exchange import Exchange, Json
from pgassay.ownership import Setting
from pgassay.target.model import Family
from pgassay.traffic.adapter import Condition
from pgassay.traffic.clickhouse import ClickhouseAdapter
from pgassay.traffic.lifecycle import Arrival
from pgassay.traffic.session import value_of

_LARGEST = 32


class ReplicationScaling:
    """The CDC scaling of the target file's ClickHouse service, stepped up and down."""

    def __init__(self, arrival: Arrival) -> None:
        """Read the pair as it is; without one (no service, no ClickPipe) nothing is stepped."""
        # There is one for all workers: two that change it would put back each other's values.
        first = arrival.traffic.plan.worker == 0
        adapter = arrival.traffic.adapter if first else None
        self._path = adapter.scaling_path() if isinstance(adapter, ClickhouseAdapter) else ""
        self._original = _pair(arrival.call("cdc_read", "GET", self._path)) if self._path else None
        self._now = self._original
        self._busy = False
        if self._original is not None:
            setting = Setting(Family.CLICKHOUSE, self._path, "PATCH", self._original)
            arrival.traffic.session.remember(setting)

    @property
    def free(self) -> bool:
        """Tell whether there is a scaling that no other arrival is stepping now."""
        return self._original is not None and not self._busy

    def step(self, arrival: Arrival) -> None:
        """Step to the neighbouring pair and back, and wait until the target shows it."""
        if self._original is not None:
            home = self._now == self._original
            self._apply(arrival, _neighbour(self._original) if home else self._original)

    def restore(self, arrival: Arrival) -> None:
        """Put the original pair back, and wait until it shows."""
        if self._original is not None and self._now != self._original:
            self._apply(arrival, self._original)

    def _apply(self, arrival: Arrival, pair: Mapping[str, Json]) -> None:
        self._busy = True
        try:
            # From here on the setting may have changed, whatever the answer says.
            self._now = pair
            exchange = arrival.call("cdc_scale", "PATCH", self._path, pair)
            if not exchange.succeeded:
                return
            arrival.watch(
                "time_to_cdc_scaled",
                arrival.start(exchange),
                lambda: arrival.call("cdc_poll", "GET", self._path),
                lambda seen: Condition.REACHED if _pair(seen) == pair else Condition.PENDING,
                arrival.traffic.plan.target.timing.cdc,
            )
        finally:
            self._busy = False


def _neighbour(pair: Mapping[str, Json]) -> Mapping[str, Json]:
    step = int(pair["replicaCpuMillicores"]) // 1000
    other = step + 1 if step < _LARGEST else step - 1
    return {"replicaCpuMillicores": 1000 * other, "replicaMemoryGb": 4 * other}


def _pair(exchange: Exchange) -> Mapping[str, Json] | None:
    body = value_of(exchange) if exchange.succeeded else None
    found = body.get("result") if isinstance(body, dict) else None
    if not isinstance(found, dict):
        return None
    names = ("replicaCpuMillicores", "replicaMemoryGb")
    return {name: found[name] for name in names} if all(name in found for name in names) else None
