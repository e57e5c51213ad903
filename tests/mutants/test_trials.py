"""Mutants on trial: in this process, on a clock that leaps."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from pgassay.assessment import Reach, observe
from pgassay.cli import command
from pgassay.cli.trial import CORRECT, Trial, mounted
from pgassay.verdict import Verdict

TRIAL = Trial(Reach({}, {}))


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("ShrinkAccepted", id="a wrong answer"),
        pytest.param("ServiceStuck", id="a state that does not come"),
        pytest.param("AnswerCutShort", id="bytes that only a connection shows"),
    ],
)
def test_a_fault_is_found_and_named(name: str) -> None:
    fate = TRIAL.of(name)
    assert fate.unnoticed == (), dict(fate.verdicts)
    assert fate.killed


def test_a_server_in_process_is_judged_as_over_the_network() -> None:
    with mounted(CORRECT) as subject:
        results = observe(subject, ["HTTP-HEAD", "HTTP-PIPELINE", "CH-SVC-MODEL"])
    assert {row.verdict for row in results.requirements} == {Verdict.PASS}


def test_a_survivor_fails_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    harmless = replace(CORRECT, name="ShrinkAccepted", breaks=("DB-INST-DISK-NO-SHRINK",))
    monkeypatch.setattr("pgassay.cli.trial.find_mutant", lambda _name: harmless)
    shown = CliRunner().invoke(command, ["mutants", "run", "ShrinkAccepted"])
    assert shown.exit_code == 1
    assert "survived" in shown.output


def test_the_matrix_is_written_for_programs_and_people(tmp_path: Path) -> None:
    arguments = ["mutants", "run", "ShrinkAccepted", "--matrix", "--output", str(tmp_path)]
    shown = CliRunner().invoke(command, arguments)
    assert shown.exit_code == 0, shown.output
    matrix = json.loads((tmp_path / "kill-matrix.json").read_text(encoding="utf-8"))
    [row] = matrix["mutants"]
    assert row["killed"]
    assert "DB-INST-DISK-NO-SHRINK" in row["requirements"]
    assert all("ShrinkAccepted" in mutants for mutants in matrix["checks"].values())
    assert "ShrinkAccepted" in (tmp_path / "kill-matrix.md").read_text(encoding="utf-8")
    assert "ShrinkAccepted" in (tmp_path / "kill-matrix.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("share", ["3", "1/0", "a/b", "/4"])
def test_a_share_that_is_none_is_refused(share: str) -> None:
    shown = CliRunner().invoke(command, ["mutants", "run", "--share", share])
    assert shown.exit_code == 2
    assert "is no share such as 3/10" in shown.output
