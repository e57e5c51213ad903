"""What cannot be judged again is refused with one sentence and the exit status 2."""

import json
import shutil
from pathlib import Path

import pytest

from pgassay.cli import main

from .conftest import Recording


def refused(run: Path, capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["falsify", str(run)]) == 2
    told = capsys.readouterr().err
    assert "Traceback" not in told
    return told


@pytest.fixture
def run(recording: Recording, tmp_path: Path) -> Path:
    """A copy of the recorded run, to be spoilt."""
    return Path(shutil.copytree(recording.run, tmp_path / "run"))


def test_a_folder_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "no such folder" in refused(tmp_path / "nowhere", capsys)


def test_a_folder_without_a_journal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "there is no journal" in refused(tmp_path, capsys)


def test_a_journal_without_its_header(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    journal = run / "journal.jsonl"
    journal.write_text(journal.read_text("utf-8").split("\n", 1)[1], encoding="utf-8")

    assert "does not begin with the header" in refused(run, capsys)


def test_a_broken_line(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    journal = run / "journal.jsonl"
    journal.write_text("{\n" + journal.read_text("utf-8"), encoding="utf-8")

    assert "is not JSON" in refused(run, capsys)


def test_an_exchange_of_another_form(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (run / "journal.jsonl").open("a", encoding="utf-8") as journal:
        journal.write('{"kind": "exchange", "sequence": "one"}\n')

    assert "this is no journal of a run" in refused(run, capsys)


def test_a_run_of_another_version(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    journal = run / "journal.jsonl"
    header, rest = journal.read_text("utf-8").split("\n", 1)
    older = json.dumps({**json.loads(header), "pgassay": "0.0.1"})
    journal.write_text(f"{older}\n{rest}", encoding="utf-8")

    assert "0.0.1 recorded the run" in refused(run, capsys)


def test_a_run_without_checks(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    journal = run / "journal.jsonl"
    journal.write_text(journal.read_text("utf-8").split("\n", 1)[0] + "\n", encoding="utf-8")

    assert "no check ran" in refused(run, capsys)


def test_a_run_that_did_not_end(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (run / "results.json").unlink()

    assert "did not come to its end" in refused(run, capsys)


def test_where_processes_cannot_fork(
    run: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr("os.fork")

    assert "cannot fork" in refused(run, capsys)
