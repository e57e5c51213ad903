"""Samples as comma-separated values, one line for each."""

import csv
from pathlib import Path
from typing import Final

from pgassay.traffic.exports.source import Load

#: Names carry their units; times are seconds from the start of the load.
COLUMNS: Final = (
    "worker",
    "operation",
    "phase",
    "intended_seconds",
    "lag_seconds",
    "latency_seconds",
    "outcome",
    "status",
    "sent_bytes",
    "received_bytes",
    "error",
)


def write(load: Load, path: Path) -> None:
    """Write all samples of `load`; raises `OSError`."""
    with path.open("w", encoding="utf-8", newline="", errors="backslashreplace") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(COLUMNS)
        lines.writerows(
            (
                worker,
                sample.operation,
                sample.phase,
                f"{sample.intended:.6f}",
                f"{sample.lag:.6f}",
                f"{sample.latency:.6f}",
                sample.outcome,
                sample.status or "",
                sample.sent_bytes,
                sample.received_bytes,
                sample.error,
            )
            for worker, sample in load.samples()
        )
