"""Samples of a load run for other tools: as CSV, Parquet and HdrHistogram log.

Samples are read from the binary files that the workers left in the run's folder, so they can be
written at any later time as well.
"""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

from pgassay.errors import UsageError
from pgassay.traffic.exports import csv_file, hdr_log, parquet_file
from pgassay.traffic.exports.source import Load, loads

__all__ = ["FORMATS", "check", "export_samples"]

_WRITERS: Final[Mapping[str, Callable[[Load, Path], None]]] = {
    "csv": csv_file.write,
    "parquet": parquet_file.write,
    "hlog": hdr_log.write,
}
#: The formats in which samples can be written; each is the suffix of its files.
FORMATS: Final = tuple(_WRITERS)


def check(formats: Iterable[str]) -> None:
    """Raise `UsageError` where a format needs something that is not installed."""
    if "parquet" in formats:
        parquet_file.library()


def export_samples(
    run_folder: Path, formats: Iterable[str], into: Path | None = None
) -> dict[str, Path]:
    """Write the samples of each load in a run's folder in each format; return files by name.

    The files go to `into`, or beside the samples.

    Raises `UsageError` where the folder holds no samples, a file of them is damaged, or a format
    needs something that is not installed, and `OSError` where a file cannot be written.
    """
    chosen = tuple(dict.fromkeys(formats))
    check(chosen)
    found = loads(run_folder)
    if chosen and not found:
        raise UsageError(
            "the folder holds no samples of a load",
            str(run_folder),
            "files such as load-dbaas-crud_lifecycle.w0.samples",
            "`pgassay load` leaves them in its run's folder.",
        )
    written: dict[str, Path] = {}
    for load in found:
        for name in chosen:
            path = (into or run_folder) / f"{load.stem}.{name}"
            _WRITERS[name](load, path)
            written[path.name] = path
    return written
