"""Samples as an Apache Parquet file; needs `pgassay[parquet]`, which brings pyarrow."""

import importlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

from pgassay.errors import UsageError
from pgassay.traffic.exports.csv_file import COLUMNS
from pgassay.traffic.exports.source import Load

#: Samples that are held in memory at a time; each such piece becomes a row group.
_PIECE: Final = 65_536
_TYPES: Final = {
    "worker": "int32",
    "intended_seconds": "float64",
    "lag_seconds": "float32",
    "latency_seconds": "float32",
    "status": "int16",
    "sent_bytes": "int64",
    "received_bytes": "int64",
}


def library() -> Any:
    """Return pyarrow; raises `UsageError` where it is not installed."""
    try:
        importlib.import_module("pyarrow.parquet")
        return importlib.import_module("pyarrow")
    except ImportError as error:
        raise UsageError(
            "Parquet files need pyarrow, which is not installed",
            "--samples parquet",
            "the extra 'parquet'",
            "Install it with: pip install 'pgassay[parquet]'; or take --samples csv.",
        ) from error


def write(load: Load, path: Path) -> None:
    """Write all samples of `load`; raises `OSError`, and `UsageError` without pyarrow."""
    arrow = library()
    text = arrow.dictionary(arrow.int32(), arrow.string())
    kinds = {name: getattr(arrow, kind)() for name, kind in _TYPES.items()}
    fields = [(name, kinds.get(name, text)) for name in COLUMNS]
    schema = arrow.schema(fields, {"family": load.family, "scenario": load.scenario})
    rows = _rows(load)
    with arrow.parquet.ParquetWriter(path, schema) as writer:
        while piece := list(islice(rows, _PIECE)):
            columns = zip(*piece, strict=True)
            arrays = [
                arrow.array(column, kind) for column, (_, kind) in zip(columns, fields, strict=True)
            ]
            writer.write_table(arrow.Table.from_arrays(arrays, schema=schema))


def _rows(load: Load) -> Iterator[tuple[object, ...]]:
    for worker, sample in load.samples():
        yield (
            worker,
            sample.operation,
            sample.phase,
            sample.intended,
            sample.lag,
            sample.latency,
            str(sample.outcome),
            sample.status or None,
            sample.sent_bytes,
            sample.received_bytes,
            sample.error,
        )
