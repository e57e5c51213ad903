"""`pgassay init` writes a file that can be read, and never destroys one."""

from pathlib import Path

from click.testing import CliRunner

from pgassay.cli import command
from pgassay.target.model import Family
from pgassay.target.overrides import Overrides
from pgassay.target.reading import read_target
from pgassay.target.template import VARIABLES


def test_the_written_file_is_a_target_file(tmp_path: Path) -> None:
    path = tmp_path / "staging.toml"
    shown = CliRunner().invoke(command, ["init", str(path)])
    assert shown.exit_code == 0
    assert f"pgassay check --target {path}" in shown.output
    target = read_target(path, dict.fromkeys(VARIABLES, "a-value"), Overrides())
    assert target.families == tuple(Family)


def test_one_family_needs_only_its_own_variables(tmp_path: Path) -> None:
    path = tmp_path / "staging.toml"
    shown = CliRunner().invoke(command, ["init", str(path), "--family", "dbaas"])
    assert "set PG_TOKEN, then" in shown.output
    assert read_target(path, {"PG_TOKEN": "a"}, Overrides()).families == (Family.DBAAS,)


def test_an_existing_file_is_kept_unless_forced(tmp_path: Path) -> None:
    path = tmp_path / "staging.toml"
    path.write_text("mine")
    refused = CliRunner().invoke(command, ["init", str(path)])
    assert refused.exit_code == 2
    assert "the file exists already. Use --force to overwrite it." in refused.output
    assert path.read_text() == "mine"
    assert CliRunner().invoke(command, ["init", str(path), "--force"]).exit_code == 0
    assert path.read_text() != "mine"


def test_a_folder_that_does_not_exist_is_named(tmp_path: Path) -> None:
    shown = CliRunner().invoke(command, ["init", str(tmp_path / "none" / "staging.toml")])
    assert shown.exit_code == 2
    assert "the file cannot be written: No such file or directory." in shown.output
