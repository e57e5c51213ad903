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
from prometheus_client import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from pgassay.errors import UsageError
from pgassay.load_results import LoadOperation, LoadScenario, Percentile, SloResult
from pgassay.traffic.exports import check, export_samples, openmetrics
from pgassay.traffic.exports.hdr_histogram import HdrHistogram
from pgassay.traffic.outcome import Outcome
from pgassay.traffic.samples_file import SampleWriter
from pgassay.verdict import Verdict

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


def scenario() -> LoadScenario:
    values = sorted(latencies())
    bounds = Counter(math.ceil(math.log2(value / 0.001)) for value in values)
    histogram = tuple((0.001 * 2**step, count) for step, count in sorted(bounds.items()))
    create = LoadOperation(
        "create", 2050, 2040, 10, 2000, 30, 10, 0, {"201": 2000, "429": 10}, {'a "b"\nc\\': 30},
        (Percentile(50.0, 0.018, 0.017, 0.019), Percentile(99.9, None, None, None)),
        values[-1], math.fsum(values) / len(values), histogram, bytes_sent=160_000,
    )  # fmt: skip
    slos = (
        SloResult("fast", "churn", "create", "p95 <= 1 s", 1, 0.2, 0.1, 0.3, 9, Verdict.PASS),
        SloResult("tail", "churn", "create", "p99.9 <= 1 s", 1, None, None, None, 9,
                  Verdict.INCONCLUSIVE),
    )  # fmt: skip
    generator = {"lag_p50": 0.0001, "lag_p99": 0.002, "lag_max": 0.004, "cpu": 0.4}
    return LoadScenario(
        "dbaas", "churn", 20.0, 60.0, 1, Verdict.PASS, "", 2050, 2040, 10, (create,), slos, (),
        generator, lifecycle=(),
    )  # fmt: skip


def families(text: str) -> dict[str, Metric]:
    # The library has no types for its parser.
    found = text_string_to_metric_families(text)  # type: ignore[no-untyped-call]
    return {family.name: family for family in found}


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


def test_the_openmetrics_file_is_what_its_parser_expects(tmp_path: Path) -> None:
    path = openmetrics.write([scenario()], tmp_path / "load.openmetrics.txt")
    text = path.read_text(encoding="utf-8")
    assert text.endswith("# EOF\n")
    found = families(text)
    for family in found.values():
        assert family.documentation
        assert not family.unit or family.name.endswith(f"_{family.unit}")
    assert found["pgassay_load_requests"].type == "counter"
    assert found["pgassay_load_latency_seconds"].type == "histogram"
    assert found["pgassay_load_generator_lag_seconds"].type == "gauge"


def test_metrics_add_up_to_what_was_measured() -> None:
    found = families(openmetrics.render((scenario(),)))
    requests = {s.labels["outcome"]: s.value for s in found["pgassay_load_requests"].samples}
    assert requests == {"succeeded": 2000, "failed": 30, "throttled": 10, "unfinished": 0}
    latency = found["pgassay_load_latency_seconds"].samples
    values = {sample.name.rpartition("_")[2]: sample.value for sample in latency}
    assert values["count"] == 2000
    assert values["sum"] == pytest.approx(math.fsum(latencies()))
    assert [s.value for s in latency if s.labels.get("le") == "+Inf"] == [2000]
    (error,) = found["pgassay_load_errors"].samples
    assert error.labels["error"] == 'a "b"\nc\\'


def test_what_samples_do_not_carry_is_no_metric() -> None:
    text = openmetrics.render((scenario(),))
    assert 'quantile="0.5"' in text
    assert 'quantile="0.999"' not in text
    assert 'objective="fast"' in text
    assert 'objective="tail"' not in text
