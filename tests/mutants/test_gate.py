"""The gate as a user runs it: a faulty server, a target file, exit status 1, the right name."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from pgassay.cli import command

BUDGET = 60.0


@contextmanager
def served(mutant: str, target: Path) -> Iterator[None]:
    """Serve a mutant as a process of its own that writes a target file."""
    arguments = ["serve", "--port", "0", "--mutant", mutant, "--write-target", str(target)]
    process = subprocess.Popen(
        [sys.executable, "-m", "pgassay", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    try:
        assert process.stdout.readline().startswith("http://127.0.0.1:")
        yield
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(
    ("mutant", "violated", "examined"),
    [
        pytest.param("ShrinkAccepted", "DB-INST-DISK-NO-SHRINK", "", id="dbaas"),
        pytest.param("TagsAppended", "CH-SVC-TAGS-REPLACE", "", id="clickhouse"),
        pytest.param("ErrorWithoutText", "CH-ENVELOPE-ERROR", "CH-SVC-NAME-TYPE", id="envelope"),
    ],
)
def test_a_faulty_server_does_not_pass_the_gate(
    mutant: str, violated: str, examined: str, tmp_path: Path
) -> None:
    wanted = [f"--requirement={identifier}" for identifier in (violated, examined) if identifier]
    output = tmp_path / "run"
    arguments = ["--target", str(tmp_path / "mutant.toml"), "--output", str(output), *wanted]
    with served(mutant, tmp_path / "mutant.toml"):
        checked = subprocess.run(
            [sys.executable, "-m", "pgassay", "check", *arguments],
            capture_output=True,
            text=True,
            timeout=BUDGET,
            check=False,
            cwd=tmp_path,
        )
    assert checked.returncode == 1, checked.stdout + checked.stderr
    results = json.loads(next(output.rglob("results.json")).read_text(encoding="utf-8"))
    failed = [row["id"] for row in results["requirements"] if row["verdict"] == "FAIL"]
    assert failed == [violated]
    assert violated in checked.stdout


def test_a_misspelt_mutant_names_the_nearest_one() -> None:
    shown = CliRunner().invoke(command, ["serve", "--mutant", "ShrinkAcepted"])
    assert shown.exit_code == 2
    assert "there is no mutant 'ShrinkAcepted'. Did you mean ShrinkAccepted?" in shown.output


def test_mutants_are_listed_and_explained() -> None:
    listed = CliRunner().invoke(command, ["mutants", "list"])
    assert "ShrinkAccepted" in listed.output
    shown = CliRunner().invoke(command, ["mutants", "show", "ShrinkAccepted"])
    assert shown.exit_code == 0
    assert "A disk can be made smaller" in shown.output
    assert "pgassay serve --mutant ShrinkAccepted" in shown.output


def test_a_killed_mutant_is_shown_with_the_check_that_killed_it() -> None:
    shown = CliRunner().invoke(command, ["mutants", "run", "VersionsWithoutImage"])
    assert shown.exit_code == 0, shown.output
    assert "killed" in shown.output
    assert "test_dbaas_versions::" in shown.output
    assert "1 of 1 mutants written by hand are killed (100.0%)" in shown.output
