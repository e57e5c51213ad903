"""What a load process leaves behind for its judge: measurements, counts, findings."""

import base64
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import msgspec

from pgassay.resource import ResourceRecord
from pgassay.results import LoadFinding
from pgassay.traffic import whole_file
from pgassay.traffic.births import Birth, with_shared
from pgassay.traffic.census import Changes
from pgassay.traffic.histogram import Histogram
from pgassay.traffic.recorder import Heartbeat
from pgassay.traffic.samples import FigureRecord, OperationRecord, add_counts
from pgassay.traffic.watching import Watched


@dataclass(slots=True)
class Throttling:
    """What 429 did to a load: `answers` of it, and what was done about them.

    `unannounced` of the answers named no time after which to come again. `held` requests waited
    for such a time, `held_seconds` all together; their latency counts from its end.
    """

    answers: int = 0
    unannounced: int = 0
    held: int = 0
    held_seconds: float = 0.0

    def merge(self, other: "Throttling") -> None:
        """Add another worker's."""
        self.answers += other.answers
        self.unannounced += other.unannounced
        self.held += other.held
        self.held_seconds += other.held_seconds


#: Why an arrival was dropped where the target had not answered so many of the earlier ones.
CROWDED: Final = "{} arrivals were in flight"


@dataclass(slots=True)
class LoadRecord:
    """The outcome of one plan, before any judgement.

    Arrivals: offered = sent + dropped; `drops` says why. `requests` counts every request by
    operation, those of setup and cleanup included: it is what the target's own counter must show.
    `lags` are the seconds by which arrivals and polls of judged phases left late, `heartbeats` show
    the generator second by second, `cpu` is its share of one processor (0 to 1) while load was
    applied, without `judging`, which it does when it has nothing else to do. `ended` names the
    objective whose certain loss ended the arrivals early. `obstacle` says why no load could be
    applied, `crash` how the generator broke. `lost` has a sentence for each worker whose figures
    are missing or incomplete: such a run proves no objective. `samples` are the files of raw
    samples. `births` is empty where one worker carries the whole load. `states` are the changes
    that the census saw.
    """

    offered: int = 0
    sent: int = 0
    dropped: int = 0
    drops: dict[str, int] = field(default_factory=dict)
    operations: list[OperationRecord] = field(default_factory=list)
    lifecycle: list[FigureRecord] = field(default_factory=list)
    requests: dict[str, int] = field(default_factory=dict)
    lags: Histogram = field(default_factory=Histogram)
    heartbeats: dict[int, Heartbeat] = field(default_factory=dict)
    throttling: Throttling = field(default_factory=Throttling)
    cpu: float = 0.0
    judging: float = 0.0
    duration: float = 0.0
    findings: tuple[LoadFinding, ...] = ()
    settled: int = 0
    created: int = 0
    removed: int = 0
    left: tuple[ResourceRecord, ...] = ()
    interrupted: bool = False
    obstacle: str = ""
    crash: str = ""
    lost: tuple[str, ...] = ()
    ended: str = ""
    workers: int = 1
    watched: Watched = field(default_factory=Watched)
    samples: tuple[str, ...] = ()
    births: tuple[Birth, ...] = ()
    states: Changes = field(default_factory=dict)

    @classmethod
    def merge(cls, records: Iterable["LoadRecord"]) -> "LoadRecord":
        """Return the record of a whole load from those of its workers, in whatever order they come.

        Counts are added and histograms merged exactly, so that it does not matter how the load was
        split. Of durations and shares of a processor the largest counts. An identifier that two
        workers were given is a finding.
        """
        merged = cls(workers=0)
        born: list[Birth] = []
        for record in records:
            _add(merged, record)
            born += record.births
        merged.births = tuple(sorted(born))
        merged.findings = tuple(sorted(with_shared(merged.findings, born), key=_order))
        return merged


def _add(own: LoadRecord, other: LoadRecord) -> None:
    for name in ("offered", "sent", "dropped", "settled", "created", "removed", "workers"):
        setattr(own, name, getattr(own, name) + getattr(other, name))
    for name in ("left", "lost", "samples"):
        setattr(own, name, tuple(sorted(getattr(own, name) + getattr(other, name))))
    for name in ("ended", "obstacle", "crash"):
        setattr(
            own, name, min(filter(None, (getattr(own, name), getattr(other, name))), default="")
        )
    own.findings = tuple(sorted(own.findings + other.findings, key=_order))
    own.watched.merge(other.watched)
    own.interrupted = own.interrupted or other.interrupted
    for name in ("cpu", "judging", "duration"):
        setattr(own, name, max(getattr(own, name), getattr(other, name)))
    add_counts(own.drops, other.drops)
    add_counts(own.requests, other.requests)
    own.lags.merge(other.lags)
    own.throttling.merge(other.throttling)
    for second, heartbeat in other.heartbeats.items():
        own.heartbeats.setdefault(second, Heartbeat()).merge(heartbeat)
    for second, row in other.states.items():
        add_counts(own.states.setdefault(second, {}), row)
    operations = {record.name: record for record in own.operations}
    for operation in other.operations:
        operations.setdefault(operation.name, OperationRecord(operation.name)).merge(operation)
    own.operations = list(operations.values())
    figures = {record.name: record for record in own.lifecycle}
    for figure in other.lifecycle:
        figures.setdefault(figure.name, FigureRecord(figure.name)).merge(figure)
    own.lifecycle = list(figures.values())


def _order(finding: LoadFinding) -> tuple[str, str, str]:
    return finding.kind, finding.subject, finding.text


def encode(record: LoadRecord) -> bytes:
    """Return the record as JSON; histograms in it are base64 of `Histogram.encode`."""
    return msgspec.json.encode(record, enc_hook=_encoded)


def decode(encoded: bytes) -> LoadRecord:
    """Return the record that `encode` wrote; raises `msgspec.DecodeError`."""
    return msgspec.json.decode(encoded, type=LoadRecord, dec_hook=_decoded)


def write(record: LoadRecord, path: Path) -> None:
    """Write the record in one step, so that a reader finds all of it or nothing."""
    whole_file.write(path, encode(record) + b"\n")


def read(path: Path) -> LoadRecord | None:
    """Read a record, or return None where the load process left none."""
    try:
        return decode(path.read_bytes())
    except (OSError, msgspec.DecodeError):
        return None


def _encoded(value: Any) -> str:
    if isinstance(value, Histogram):
        return base64.b64encode(value.encode()).decode()
    raise NotImplementedError(f"{type(value).__name__} has no form in a record")


def _decoded(kind: type, value: Any) -> Histogram:
    if kind is Histogram and isinstance(value, str):
        return Histogram.decode(base64.b64decode(value))
    raise NotImplementedError(f"{kind.__name__} has no form in a record")
