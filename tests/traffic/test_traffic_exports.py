"""Files of a load run: other tools read them, and find in them exactly what was measured."""

import csv
import math
import random
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType

import pyarrow.parquet
import pytest
from hdrh.histogram import HdrHistogram as Reader
from hdrh.log import HistogramLogReader

from pgassay.errors import UsageError
from pgassay.traffic.exports import check, export_samples
from pgassay.traffic.exports.hdr_histogram import HdrHistogram
from pgassay.traffic.outcome import Outcome
from pgassay.traffic.samples_file import SampleWriter

BEGAN = 1_700_000_000.25
STEM = "load-dbaas-crud_lifecycle"


def latencies(count: int = 2000) -> list[float]:
    drawn = random.Random(11)
    return [drawn.lognormvariate(-4, 1) for _ in range(count)]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run's folder with the samples of two workers; every fiftieth request failed."""
    for worker in range(2):
        with SampleWriter(tmp_path / f"{STEM}.w{worker}.samples", worker) as file:
            file.begin(BEGAN + worker / 100)
            phase, fine, refused = map(file.number, ("steady", "", "status 503"))
            operations = [file.number(name) for name in ("create", "read")]
            for number, latency in list(enumerate(latencies()))[worker::2]:
                failed = number % 50 == 0
                file.write(
                    operations[number // 2 % 2],
                    phase,
                    Outcome.FAILED if failed else Outcome.SUCCEEDED,
                    503 if failed else 200,
                    (number / 500, 0.0005, latency),
                    (80, 170),
                    refused if failed else fine,
                )
    return tmp_path


def test_each_sample_is_one_line_of_the_csv_file(run: Path) -> None:
    written = export_samples(run, ["csv"])
    with written[f"{STEM}.csv"].open(newline="", encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == 2000
    assert {line["worker"] for line in lines} == {"0", "1"}
    assert sum(line["outcome"] == "failed" for line in lines) == 40
    assert {line["error"] for line in lines} == {"", "status 503"}
    total = math.fsum(float(line["latency_seconds"]) for line in lines)
    assert total == pytest.approx(math.fsum(latencies()), rel=1e-4)
    assert lines[0]["phase"] == "steady"


def test_the_parquet_file_has_the_same_rows_and_types_of_its_own(run: Path) -> None:
    written = export_samples(run, ["parquet"])
    table = pyarrow.parquet.read_table(written[f"{STEM}.parquet"])
    assert table.num_rows == 2000
    assert str(table.schema.field("intended_seconds").type) == "double"
    assert table.schema.metadata[b"scenario"] == b"crud_lifecycle"
    assert sorted(set(table["operation"].to_pylist())) == ["create", "read"]
    assert table["received_bytes"].to_pylist() == [170] * 2000


def test_without_pyarrow_the_user_is_told_what_to_install(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing: dict[str, ModuleType | None] = {"pyarrow": None, "pyarrow.parquet": None}
    for name, module in nothing.items():
        monkeypatch.setitem(sys.modules, name, module)
    with pytest.raises(UsageError, match=r"pip install 'pgassay\[parquet\]'"):
        check(["csv", "parquet"])
    check(["csv", "hlog"])


def test_files_of_a_worker_whose_journal_has_its_number_belong_to_the_load(run: Path) -> None:
    for path in run.glob("*.samples"):
        path.rename(path.with_name(path.name.replace(".w", ".w0").replace(".s", ".w7.s")))
    assert list(export_samples(run, ["csv"], run / "..")) == [f"{STEM}.csv"]


def test_a_folder_without_samples_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no samples of a load"):
        export_samples(tmp_path, ["csv"])
    assert export_samples(tmp_path, []) == {}


def test_the_interval_log_gives_its_readers_the_same_percentiles(run: Path) -> None:
    written = export_samples(run, ["hlog"])
    total = Reader(1, 3_600_000_000, 3)
    reader = HistogramLogReader(str(written[f"{STEM}.hlog"]), total)
    tags: Counter[str] = Counter()
    while (interval := reader.get_next_interval_histogram()) is not None:
        tags[interval.get_tag()] += interval.get_total_count()
        total.add(interval)
    reader.close()
    assert reader.get_start_time_sec() == BEGAN
    assert tags == {"create": 980, "read": 980, "create.failed": 20, "read.failed": 20}
    ordered = sorted(latencies())
    for q in (50, 90, 99, 99.9, 100):
        truth = ordered[round(q * len(ordered) / 100) - 1]
        # The reader resolves one part in a thousand, the file of samples a microsecond.
        assert total.get_value_at_percentile(q) / 1e6 == pytest.approx(truth, rel=2e-3, abs=2e-6)


def test_a_histogram_survives_its_ends() -> None:
    histogram = HdrHistogram()
    for seconds in (0.0, -1.0, 1e-6, 5000.0):
        histogram.record(seconds)
    decoded = Reader.decode(histogram.encode())
    assert decoded.get_total_count() == 4
    assert decoded.get_value_at_percentile(1) == 0
    assert decoded.get_max_value() == pytest.approx(3600e6, rel=1e-3)
