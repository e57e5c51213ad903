"""What a load process leaves behind for its judge: raw samples, counts, findings."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import msgspec

from pgassay.results import LoadFinding
from pgassay.traffic.samples import OperationRecord


@dataclass(slots=True)
class LoadRecord:
    """The outcome of one plan, before any judgement.

    Arrivals: offered = sent + dropped; `drops` says why. `requests` counts every request by
    operation, those of setup and cleanup included: it is what the target's own counter must show.
    `lags` are the seconds by which arrivals and polls left late, `cpu` is the generator's share of
    one processor (0 to 1) while load was applied. `obstacle` says why no load could be applied,
    `crash` how the generator broke. `lost` has a sentence for each worker whose figures are missing
    or incomplete: such a run proves no objective.
    """

    offered: int = 0
    sent: int = 0
    dropped: int = 0
    drops: dict[str, int] = field(default_factory=dict)
    operations: list[OperationRecord] = field(default_factory=list)
    lifecycle: list[OperationRecord] = field(default_factory=list)
    requests: dict[str, int] = field(default_factory=dict)
    lags: list[float] = field(default_factory=list)
    cpu: float = 0.0
    duration: float = 0.0
    findings: tuple[LoadFinding, ...] = ()
    settled: int = 0
    created: int = 0
    removed: int = 0
    left: tuple[str, ...] = ()
    interrupted: bool = False
    obstacle: str = ""
    crash: str = ""
    lost: tuple[str, ...] = ()

    @classmethod
    def merge(cls, records: Sequence["LoadRecord"]) -> "LoadRecord":
        """Put the records of several workers together: counts are summed, samples joined.

        `cpu` is that of the busiest worker, `duration` that of the longest.
        """
        return cls(
            offered=sum(record.offered for record in records),
            sent=sum(record.sent for record in records),
            dropped=sum(record.dropped for record in records),
            drops=_summed(record.drops for record in records),
            operations=_joined(record.operations for record in records),
            lifecycle=_joined(record.lifecycle for record in records),
            requests=_summed(record.requests for record in records),
            lags=[lag for record in records for lag in record.lags],
            cpu=max((record.cpu for record in records), default=0.0),
            duration=max((record.duration for record in records), default=0.0),
            findings=tuple(finding for record in records for finding in record.findings),
            settled=sum(record.settled for record in records),
            created=sum(record.created for record in records),
            removed=sum(record.removed for record in records),
            left=tuple(name for record in records for name in record.left),
            interrupted=any(record.interrupted for record in records),
            obstacle="; ".join(dict.fromkeys(r.obstacle for r in records if r.obstacle)),
            crash=next((record.crash for record in records if record.crash), ""),
            lost=tuple(sentence for record in records for sentence in record.lost),
        )


def _summed(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for part in counts:
        total.update(part)
    return dict(total)


def _joined(parts: Iterable[Iterable[OperationRecord]]) -> list[OperationRecord]:
    joined: dict[str, OperationRecord] = {}
    for record in chain.from_iterable(parts):
        whole = joined.setdefault(record.name, OperationRecord(record.name))
        whole.offered += record.offered
        whole.sent += record.sent
        whole.dropped += record.dropped
        whole.samples += record.samples
    return list(joined.values())


def write(record: LoadRecord, path: Path) -> None:
    """Write the record in one step, so that a reader finds all of it or nothing."""
    partial = path.with_suffix(path.suffix + ".partial")
    partial.write_bytes(msgspec.json.encode(record) + b"\n")
    partial.replace(path)


def read(path: Path) -> LoadRecord | None:
    """Read a record, or return None where the load process left none."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=LoadRecord)
    except (OSError, msgspec.DecodeError):
        return None
