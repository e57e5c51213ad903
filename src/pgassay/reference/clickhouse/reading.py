"""The figures of a service at one moment: measured where there are databases, else made up."""

from dataclasses import dataclass
from typing import Any

from pgassay.reference.clickhouse.sizes import Size
from pgassay.reference.store import Document

_GIB = 1024**3

#: States on the way to the first time that a service runs.
BEFORE_RUNNING = frozenset(("creating", "restoring_backup", "replaying_wal", "finalizing_restore"))
#: The member of a service that failed on that way, and has not run since.
FAILED_BEFORE = "neverRan"

#: Shares of the busy CPU time.
MODES = {"user": 0.7, "system": 0.15, "iowait": 0.08, "softirq": 0.04, "steal": 0.02, "irq": 0.01}

#: Events a second at full load, for each counter.
RATES = {
    "disk_reads": 120,
    "disk_writes": 90,
    "received_bytes": 40_000,
    "transmitted_bytes": 90_000,
    "tuples_fetched": 900,
    "tuples_inserted": 60,
    "tuples_updated": 45,
    "tuples_deleted": 8,
    "commits": 75,
    "rollbacks": 0.5,
    "deadlocks": 0.001,
}


def never_ran(document: Document) -> bool:
    """Tell whether a service has not run yet: nothing is measured, and it has no certificates."""
    return document["state"] in BEFORE_RUNNING or document.get(FAILED_BEFORE, False)


@dataclass(frozen=True, slots=True)
class Reading:
    """What the figures of one service follow from: its hardware, its age in seconds, its load.

    `load` is a share from 0.1 to 0.6. Where it belongs to the service for good, counters grow with
    the clock and never fall. `figures` is what the data plane measured: an empty document while it
    has measured nothing, None when there is no data plane.
    """

    document: Document
    size: Size
    age: float
    load: float
    figures: Document | None = None

    def rate(self, name: str) -> float:
        """Return how many events a second happen."""
        return RATES[name] * self.load

    def count(self, name: str) -> int:
        """Return how many events have happened since the service started."""
        if self.figures is not None and name in MEASURED:
            return int(self.figures.get(name, 0))
        return int(self.age * self.rate(name))

    def percent(self, full: float) -> float:
        """Return a percentage that reaches `full` at full load."""
        return round(full * self.load, 2)

    def cpu_seconds(self) -> dict[str, float]:
        """Return the CPU time that went by in each mode, on machines of other sizes too."""
        total = self.age * self.size.cpus + self.document.get("cpuOffset", 0)
        busy = {mode: total * self.load * share for mode, share in MODES.items()}
        return {**busy, "nice": 0.0, "idle": total * (1 - self.load)}

    def connections(self) -> dict[str, int]:
        """Return the number of connections in each state."""
        active = 1 + int(8 * self.load)
        none = {"active": 0, "idle": 0, "idle in transaction": 0}
        return {**none, **self._measured("connections", {"active": active, "idle": 2 * active})}

    def cache_hit_ratio(self) -> float:
        """Return the percentage of blocks that were found in the cache."""
        ratio: float = self._measured("cache_hit_ratio", 99.9 - 5 * self.load)
        return round(ratio, 2)

    def database_sizes(self) -> dict[str, int]:
        """Return the size of each database in bytes."""
        made_up = {"postgres": int(self.size.storage * _GIB * self.load / 2)}
        sizes: dict[str, int] = self._measured("databases", made_up)
        return sizes

    def _measured(self, name: str, otherwise: Any) -> Any:
        return (self.figures or {}).get(name, otherwise)


#: Counters that a data plane measures.
MEASURED = frozenset(
    """tuples_fetched tuples_inserted tuples_updated tuples_deleted commits rollbacks
    deadlocks""".split()
)
