"""Metrics of the clickhouse family in the Prometheus text exposition format.

prometheus-client parses; what it is lax about (repeated and scattered families) is kept as a list.
Source of the format: prometheus.io, "Exposition formats". Names, types and labels are those of
the ClickHouse Cloud documentation, "Managed Postgres", metrics reference.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from prometheus_client.parser import text_string_to_metric_families

from pgassay.deviation import Deviation
from pgassay.exchange import Exchange
from pgassay.expectation import expect_status

_DECLARED = re.compile(r"^#\s+(HELP|TYPE)\s+(\S+)", re.MULTILINE)
_TYPED = re.compile(r"^#\s+TYPE\s+(\S+)\s+(\S+)\s*$", re.MULTILINE)

_NAMED = re.compile(r"([A-Za-z_:][A-Za-z0-9_:]*)")

#: The documented metrics and their types.
DOCUMENTED: Final[Mapping[str, str]] = {
    "PostgresServiceInfo": "gauge",
    "PostgresServer_CPUCores": "gauge",
    "PostgresServer_MemoryLimitBytes": "gauge",
    "PostgresServer_StorageLimitBytes": "gauge",
    "PostgresServer_CPUSeconds_Total": "counter",
    "PostgresServer_MemoryUsedPercent": "gauge",
    "PostgresServer_MemoryCachePercent": "gauge",
    "PostgresServer_FilesystemUsedPercent": "gauge",
    "PostgresServer_DiskReads_Total": "counter",
    "PostgresServer_DiskWrites_Total": "counter",
    "PostgresServer_NetworkReceiveBytes_Total": "counter",
    "PostgresServer_NetworkTransmitBytes_Total": "counter",
    "PostgresServer_TuplesFetched_Total": "counter",
    "PostgresServer_TuplesInserted_Total": "counter",
    "PostgresServer_TuplesUpdated_Total": "counter",
    "PostgresServer_TuplesDeleted_Total": "counter",
    "PostgresServer_TransactionsCommitted_Total": "counter",
    "PostgresServer_TransactionsRolledBack_Total": "counter",
    "PostgresServer_Deadlocks_Total": "counter",
    "PostgresServer_ActiveConnections": "gauge",
    "PostgresServer_CacheHitRatio": "gauge",
    "PostgresServer_DatabaseSizeBytes": "gauge",
}

PERCENTAGES: Final = tuple(name for name in DOCUMENTED if name.endswith(("Percent", "Ratio")))
CAPACITIES: Final = tuple(name for name in DOCUMENTED if name.endswith("Cores") or "Limit" in name)
#: What the CPU time is divided into.
CPU_MODES: Final = ("user", "system", "iowait", "softirq", "steal", "irq", "nice", "idle")
#: What the guide says that metrics cover, and a part of the names by which that is recognised.
TOPICS: Final[Mapping[str, str]] = {
    "CPU": "cpu",
    "memory": "memory",
    "input and output": "disk|network|io",
    "connections": "connection",
    "transactions": "transaction",
}


@dataclass(frozen=True, slots=True)
class Measured:
    """One sample: the metric's name as it was sent, its labels and its value."""

    name: str
    labels: Mapping[str, str]
    value: float

    @property
    def series(self) -> tuple[str, tuple[tuple[str, str], ...]]:
        """What identifies the time series."""
        return self.name, tuple(sorted(self.labels.items()))


@dataclass(frozen=True, slots=True)
class Exposition:
    """The samples of one scrape, the declared types, and what is untidy about it."""

    samples: tuple[Measured, ...]
    types: Mapping[str, str]
    untidy: tuple[str, ...]
    #: The metrics that have samples and lack a HELP or a TYPE line before them.
    undeclared: tuple[str, ...]

    def named(self, name: str) -> list[Measured]:
        """The samples of one metric."""
        return [sample for sample in self.samples if sample.name == name]

    @property
    def services(self) -> set[str]:
        """The ids of the services that the samples are of."""
        labels = (sample.labels.get("postgres_service") for sample in self.samples)
        return {label for label in labels if label is not None}


def expose(exchange: Exchange) -> Exposition:
    """Parse a scrape; raises `Deviation` when it is refused or does not parse."""
    expect_status(exchange, 200, title="a scrape is refused", requirement="CH-PROM-FORMAT")
    text = exchange.text
    try:
        families = list(text_string_to_metric_families(text))
    except (ValueError, IndexError, KeyError) as error:
        raise Deviation(
            "the metrics do not parse",
            "the Prometheus text exposition format",
            f"{type(error).__name__}: {error}",
            "CH-PROM-FORMAT",
            exchange,
        ) from None
    types = dict(_TYPED.findall(text))
    samples = tuple(
        Measured(_sent_name(sample.name, family.type, types), sample.labels, float(sample.value))
        for family in families
        for sample in family.samples
    )
    return Exposition(samples, types, tuple(_untidy(text, samples)), tuple(_undeclared(text)))


def information(scrape: Exposition) -> list[tuple[float, str | None, str | None]]:
    """Value, state and major version of each PostgresServiceInfo sample."""
    return [
        (sample.value, sample.labels.get("postgres_status"), sample.labels.get("postgres_version"))
        for sample in scrape.named("PostgresServiceInfo")
    ]


def _sent_name(name: str, kind: str, types: Mapping[str, str]) -> str:
    """Undo the parser's OpenMetrics naming, which appends `_total` to counters without it."""
    bare = name.removesuffix("_total")
    return bare if kind == "counter" and name not in types and bare in types else name


def _undeclared(text: str) -> list[str]:
    declared: set[tuple[str, str]] = set()
    missing: dict[str, None] = {}
    for line in text.splitlines():
        if found := _DECLARED.match(line):
            declared.add((found[1], found[2]))
            continue
        found = _NAMED.match(line)
        if found and not {("HELP", found[1]), ("TYPE", found[1])} <= declared:
            missing[found[1]] = None
    return list(missing)


def _untidy(text: str, samples: tuple[Measured, ...]) -> list[str]:
    declared = Counter(_DECLARED.findall(text))
    repeated = [
        f"{word} {name} is repeated" for (word, name), count in declared.items() if count > 1
    ]
    runs = Counter(
        sample.name
        for position, sample in enumerate(samples)
        if position == 0 or samples[position - 1].name != sample.name
    )
    scattered = [f"samples of {name} stand apart" for name, count in runs.items() if count > 1]
    series = Counter(sample.series for sample in samples)
    double = [f"a series of {name} is repeated" for (name, _), count in series.items() if count > 1]
    return repeated + scattered + double
