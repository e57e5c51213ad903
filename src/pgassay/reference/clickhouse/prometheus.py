"""Service metrics in the Prometheus text format (documentation: metrics reference, 22 metrics).

Written here because prometheus_client would rename the counters: it appends `_total` to every
counter, and these end in `_Total`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from pgassay.reference.clickhouse.backend import Backend, steady_number
from pgassay.reference.clickhouse.reading import Reading, never_ran
from pgassay.reference.store import Document

_GIB = 1024**3

Sample = tuple[dict[str, str], float]


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


def _one(value: Callable[[Reading], float]) -> Callable[[Reading], list[Sample]]:
    return lambda reading: [({}, value(reading))]


def _each(
    label: str, values: Callable[[Reading], Mapping[str, float]]
) -> Callable[[Reading], list[Sample]]:
    return lambda reading: [({label: name}, value) for name, value in values(reading).items()]


def _count(name: str) -> Callable[[Reading], list[Sample]]:
    return _one(lambda reading: reading.count(name))


INFO = Metric("PostgresServiceInfo", "gauge", "State and major version of a service.", _info)

METRICS: tuple[Metric, ...] = tuple(
    Metric(f"PostgresServer_{name}", kind, text, samples)
    for name, kind, text, samples in (
        ("CPUCores", "gauge", "CPU cores on hand.", _one(lambda r: r.size.cpus)),
        ("MemoryLimitBytes", "gauge", "Memory on hand.", _one(lambda r: r.size.memory * _GIB)),
        ("StorageLimitBytes", "gauge", "Disk on hand.", _one(lambda r: r.size.storage * _GIB)),
        (
            "CPUSeconds_Total",
            "counter",
            "CPU time by mode, in seconds.",
            _each("mode", lambda r: {m: round(time, 2) for m, time in r.cpu_seconds().items()}),
        ),
        ("MemoryUsedPercent", "gauge", "Memory in use, percent.", _one(lambda r: r.percent(90))),
        ("MemoryCachePercent", "gauge", "Memory as cache, percent.", _one(lambda r: r.percent(70))),
        ("FilesystemUsedPercent", "gauge", "Disk in use, percent.", _one(lambda r: r.percent(60))),
        ("DiskReads_Total", "counter", "Disk read operations.", _count("disk_reads")),
        ("DiskWrites_Total", "counter", "Disk write operations.", _count("disk_writes")),
        ("NetworkReceiveBytes_Total", "counter", "Bytes received.", _count("received_bytes")),
        ("NetworkTransmitBytes_Total", "counter", "Bytes sent.", _count("transmitted_bytes")),
        ("TuplesFetched_Total", "counter", "Rows fetched.", _count("tuples_fetched")),
        ("TuplesInserted_Total", "counter", "Rows inserted.", _count("tuples_inserted")),
        ("TuplesUpdated_Total", "counter", "Rows updated.", _count("tuples_updated")),
        ("TuplesDeleted_Total", "counter", "Rows deleted.", _count("tuples_deleted")),
        ("TransactionsCommitted_Total", "counter", "Commits.", _count("commits")),
        ("TransactionsRolledBack_Total", "counter", "Rollbacks.", _count("rollbacks")),
        ("Deadlocks_Total", "counter", "Deadlocks found.", _count("deadlocks")),
        (
            "ActiveConnections",
            "gauge",
            "Connections by what they do.",
            _each("state", Reading.connections),
        ),
        (
            "CacheHitRatio",
            "gauge",
            "Blocks found in cache, percent.",
            _one(Reading.cache_hit_ratio),
        ),
        (
            "DatabaseSizeBytes",
            "gauge",
            "Size of each database.",
            _each("database", Reading.database_sizes),
        ),
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
        working = [reading for reading in readings if not never_ran(reading.document)]
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
        size = self.rules.service.sizes[document["size"]]
        return Reading(document, size, age, load, self.figures(document))

    def figures(self, document: Document) -> Document | None:
        """Return what the data plane measured in a service; None when there is no data plane."""
        return None if self.plane is None else self.plane.figures(document["id"]) or {}


def _labels(labels: dict[str, str]) -> str:
    return ",".join(f'{name}="{_escape(value)}"' for name, value in labels.items())


def _escape(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
