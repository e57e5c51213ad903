"""Latencies as an HdrHistogram interval log, which its plotters and analysers read.

Format 1.3: https://github.com/HdrHistogram/HdrHistogram, `HistogramLogWriter`. Each operation has
its tag; what did not succeed has the tag of its operation, a full stop and the outcome. Values are
microseconds from the intended send time, in all phases; the column Interval_Max is milliseconds.
"""

from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from pgassay.traffic.exports.hdr_histogram import HdrHistogram
from pgassay.traffic.exports.source import Load
from pgassay.traffic.outcome import Outcome

#: Seconds of one line.
_INTERVAL: Final = 1
_COLUMNS: Final = (
    '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"'
)


def write(load: Load, path: Path) -> None:
    """Write the log of `load`; raises `OSError`."""
    intervals: defaultdict[tuple[int, str], HdrHistogram] = defaultdict(HdrHistogram)
    for _, sample in load.samples():
        good = sample.outcome is Outcome.SUCCEEDED
        tag = sample.operation if good else f"{sample.operation}.{sample.outcome}"
        moment = int(sample.intended // _INTERVAL) * _INTERVAL
        intervals[moment, tag].record(sample.latency)
    origin = load.origin
    began = datetime.fromtimestamp(origin, UTC).isoformat(timespec="milliseconds")
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(
            f"#[pgassay: {load.scenario} on {load.family}; values are microseconds]\n"
            "#[Histogram log format version 1.3]\n"
            f"#[BaseTime: {origin:.3f} (seconds since epoch)]\n"
            f"#[StartTime: {origin:.3f} (seconds since epoch), {began}]\n"
            f"{_COLUMNS}\n"
        )
        for (moment, tag), histogram in sorted(intervals.items(), key=lambda item: item[0]):
            largest = histogram.maximum / 1000
            file.write(
                f"Tag={_safe(tag)},{moment:.3f},{_INTERVAL:.3f},{largest:.3f},"
                f"{histogram.encode()}\n"
            )


def _safe(tag: str) -> str:
    """A tag ends at a comma, a blank or the end of the line."""
    return "".join("_" if mark in ", \r\n" else mark for mark in tag)
