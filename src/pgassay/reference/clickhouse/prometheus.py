"""Service metrics in the Prometheus text format (documentation: metrics reference, 22 metrics).

Written here because prometheus_client would rename the counters: it appends `_total` to every
counter, and these end in `_Total`.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from pgassay.reference.clickhouse.backend import Backend, steady_number
from pgassay.reference.clickhouse.sizes import Size
from pgassay.reference.store import Document

_GIB = 1024**3

Sample = tuple[dict[str, str], float]


@dataclass(frozen=True, slots=True)
class Reading:
    """What the figures of one service follow from: its hardware, its age in seconds, its load.

    `load` is a share from 0.1 to 0.5 that belongs to the service for good; so counters grow
    with the clock and never fall.
    """

    document: Document
    size: Size
    age: float
    load: float

    def count(self, rate: float) -> list[Sample]:
        """Return a counter that grows by `rate` a second at full load."""
        return [({}, int(self.age * rate * self.load))]

    def percent(self, full: float) -> list[Sample]:
        """Return a gauge from 0 to 100 that reaches `full` at full load."""
        return [({}, round(full * self.load, 2))]


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric family: name without prefix, type, help text, and its samples for a reading."""

    name: str
    kind: str
    help: str
    samples: Callable[[Reading], Iterable[Sample]]


def _info(reading: Reading) -> list[Sample]:
    document = reading.document
    status, version = document["state"], document["postgresVersion"]
    return [({"postgres_status": status, "postgres_version": version}, 1)]


_MODES = {"user": 0.7, "system": 0.15, "iowait": 0.08, "softirq": 0.04, "steal": 0.02, "irq": 0.01}


def _cpu_seconds(reading: Reading) -> list[Sample]:
    total = reading.age * reading.size.cpus
    busy = {mode: total * reading.load * share for mode, share in _MODES.items()}
    times = {**busy, "nice": 0.0, "idle": total * (1 - reading.load)}
    return [({"mode": mode}, round(seconds, 2)) for mode, seconds in times.items()]


def _connections(reading: Reading) -> list[Sample]:
    active = 1 + int(4 * reading.load)
    counts = {"active": active, "idle": 2 * active, "idle in transaction": 0}
    return [({"state": state}, count) for state, count in counts.items()]


def _database_size(reading: Reading) -> list[Sample]:
    return [({"database": "postgres"}, int(reading.size.storage * _GIB * reading.load / 2))]


INFO = Metric("PostgresServiceInfo", "gauge", "State and major version of a service.", _info)

METRICS: tuple[Metric, ...] = tuple(
    Metric(f"PostgresServer_{name}", kind, text, samples)
    for name, kind, text, samples in (
        ("CPUCores", "gauge", "CPU cores on hand.", lambda r: [({}, r.size.cpus)]),
        ("MemoryLimitBytes", "gauge", "Memory on hand.", lambda r: [({}, r.size.memory * _GIB)]),
        ("StorageLimitBytes", "gauge", "Disk on hand.", lambda r: [({}, r.size.storage * _GIB)]),
        ("CPUSeconds_Total", "counter", "CPU time by mode, in seconds.", _cpu_seconds),
        ("MemoryUsedPercent", "gauge", "Memory in use.", lambda r: r.percent(90)),
        ("MemoryCachePercent", "gauge", "Memory used as cache.", lambda r: r.percent(70)),
        ("FilesystemUsedPercent", "gauge", "Disk space in use.", lambda r: r.percent(60)),
        ("DiskReads_Total", "counter", "Disk read operations.", lambda r: r.count(120)),
        ("DiskWrites_Total", "counter", "Disk write operations.", lambda r: r.count(90)),
        ("NetworkReceiveBytes_Total", "counter", "Bytes received.", lambda r: r.count(40_000)),
        ("NetworkTransmitBytes_Total", "counter", "Bytes sent.", lambda r: r.count(90_000)),
        ("TuplesFetched_Total", "counter", "Rows fetched.", lambda r: r.count(900)),
        ("TuplesInserted_Total", "counter", "Rows inserted.", lambda r: r.count(60)),
        ("TuplesUpdated_Total", "counter", "Rows updated.", lambda r: r.count(45)),
        ("TuplesDeleted_Total", "counter", "Rows deleted.", lambda r: r.count(8)),
        ("TransactionsCommitted_Total", "counter", "Commits.", lambda r: r.count(75)),
        ("TransactionsRolledBack_Total", "counter", "Rollbacks.", lambda r: r.count(0.5)),
        ("Deadlocks_Total", "counter", "Deadlocks found.", lambda r: r.count(0.0001)),
        ("ActiveConnections", "gauge", "Connections by what they do.", _connections),
        ("CacheHitRatio", "gauge", "Blocks found in cache, percent.", lambda r: r.percent(100)),
        ("DatabaseSizeBytes", "gauge", "Size of each database.", _database_size),
    )
)


class Monitoring(Backend):
    """The two Prometheus operations (OpenAPI: postgresOrgPrometheusGet, -InstancePrometheusGet)."""

    def organization_metrics(self, organization: Document, documents: Sequence[Document]) -> str:
        """Return the metrics of an organization's services, up to the documented number."""
        return self.exposition(organization, documents[: self.rules.prometheus_services])

    def exposition(self, organization: Document, documents: Sequence[Document]) -> str:
        """Return the text of all metrics of the services; one that never ran has its state only."""
        readings = [self.reading(document) for document in documents]
        working = [reading for reading in readings if reading.document["state"] != "creating"]
        families = [(INFO, readings), *((metric, working) for metric in METRICS)]
        lines: list[str] = []
        for metric, measured in families:
            lines += (f"# HELP {metric.name} {metric.help}", f"# TYPE {metric.name} {metric.kind}")
            for reading in measured:
                common = self.labels(organization, reading.document)
                lines += (
                    f"{metric.name}{{{_labels({**common, **labels})}}} {value}"
                    for labels, value in metric.samples(reading)
                )
        return "\n".join(lines) + "\n"

    def labels(self, organization: Document, document: Document) -> dict[str, str]:
        """Return the labels that every sample of a service carries."""
        return {
            "clickhouse_org": organization["id"],
            "postgres_service": document["id"],
            "postgres_service_name": document["name"],
        }

    def reading(self, document: Document) -> Reading:
        """Measure a service."""
        age = max(0.0, self.clock.now() - document["since"])
        load = 0.1 + steady_number(document["id"], 400) / 1000
        return Reading(document, self.rules.service.sizes[document["size"]], age, load)


def _labels(labels: dict[str, str]) -> str:
    return ",".join(f'{name}="{_escape(value)}"' for name, value in labels.items())


def _escape(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
