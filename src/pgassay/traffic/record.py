"""What a load process leaves behind for its judge: raw samples, counts, findings."""

from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from pgassay.traffic.samples import OperationRecord


@dataclass(slots=True)
class LoadRecord:
    """The outcome of one plan, before any judgement.

    Arrivals: offered = sent + dropped; `drops` says why. `requests` counts every request by
    operation, those of setup and cleanup included: it is what the target's own counter must show.
    `lags` are the seconds by which arrivals and polls left late, `cpu` is the generator's share of
    one processor (0 to 1) while load was applied. `obstacle` says why no load could be applied,
    `crash` how the generator broke.
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
    findings: tuple[str, ...] = ()
    settled: int = 0
    created: int = 0
    removed: int = 0
    left: tuple[str, ...] = ()
    interrupted: bool = False
    obstacle: str = ""
    crash: str = ""


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
