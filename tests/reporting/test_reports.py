"""All reports of a run are written whole, and can be written again."""

from dataclasses import replace
from pathlib import Path

import pytest

from pgassay import results
from pgassay.reporting import write_reports

from .sample import sample


def test_all_reports_are_written_and_the_results_read_back(tmp_path: Path) -> None:
    written = write_reports(sample(), tmp_path / "new")
    assert list(written) == ["results.json", "junit.xml", "summary.md", "report.html",
                             "load.openmetrics.txt"]  # fmt: skip
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == sorted(written)
    assert results.read(written["results.json"]) == sample()


def test_reports_are_the_same_each_time(tmp_path: Path) -> None:
    first = {name: path.read_bytes() for name, path in write_reports(sample(), tmp_path).items()}
    again = {name: path.read_bytes() for name, path in write_reports(sample(), tmp_path).items()}
    assert first == again


def test_each_report_ends_with_one_line_end(tmp_path: Path) -> None:
    """They are texts as `cat`, `diff` and version control expect them."""
    for name, path in write_reports(sample(), tmp_path).items():
        assert path.read_bytes().rstrip(b"\n") + b"\n" == path.read_bytes(), name


def test_text_that_no_encoding_holds_is_written_as_escapes(tmp_path: Path) -> None:
    finding = replace(sample().findings[0], actual="\ud800")
    whole = replace(sample(), findings=(finding, *sample().findings[1:]))
    written = write_reports(whole, tmp_path)
    assert results.read(written["results.json"]).findings[0].actual == r"\ud800"


def test_a_report_that_fails_leaves_the_old_one_and_no_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "results.json").write_text("old")

    def refuse(*_: object, **__: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr("os.fdopen", refuse)
    with pytest.raises(OSError, match="no space"):
        write_reports(sample(), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["results.json"]
    assert (tmp_path / "results.json").read_text() == "old"
