"""Every way to end: a message and an exit status, a traceback never."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from pgassay import cli
from pgassay.cli import COMMANDS, command, crash, main
from pgassay.errors import SuiteBroken, TargetUnreachable
from pgassay.redaction import Vault

Replace = Callable[[Callable[[], None]], None]


@pytest.fixture
def replace(monkeypatch: pytest.MonkeyPatch) -> Replace:
    """Return a function that puts another function in the place of the command `init`."""

    def install(function: Callable[[], None]) -> None:
        replaced = click.Command("init", callback=function)
        monkeypatch.setattr(cli.LazyGroup, "get_command", lambda *_: replaced)

    # The handler of the process is none of this test's business.
    monkeypatch.setattr("pgassay.cli.signal.signal", lambda *_: None)
    return install


def test_the_help_names_every_command_without_importing_any() -> None:
    modules = [f"pgassay.cli.{name}" for name in COMMANDS]
    program = (
        "import sys; from pgassay.cli import main; main(['--help']); "
        "print(sorted(n for n in sys.modules if n.split('.')[0] in {'httpx', 'pytest', 'locust', "
        "'rich', 'starlette', 'jsonschema'} or n in sys.argv))"
    )
    shown = subprocess.run(
        [sys.executable, "-c", program, *modules], capture_output=True, text=True, check=True
    ).stdout
    assert all(f"  {name} " in shown for name in COMMANDS)
    assert shown.splitlines()[-1] == "[]"


def test_the_version_is_printed() -> None:
    shown = CliRunner().invoke(command, ["--version"])
    assert shown.output.startswith("pgassay ")
    assert shown.exit_code == 0


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name: str) -> None:
    shown = CliRunner().invoke(command, [name, "--help"])
    assert shown.exit_code == 0, shown.output
    assert shown.output.startswith("Usage: ")


def test_a_misspelt_command_names_the_nearest_one() -> None:
    shown = CliRunner().invoke(command, ["chekc"])
    assert shown.exit_code == 2
    assert "There is no command 'chekc'. Did you mean 'check'?" in shown.output


def test_an_option_that_does_not_exist_is_a_usage_error() -> None:
    assert CliRunner().invoke(command, ["init", "--nonsense"]).exit_code == 2


@pytest.mark.parametrize(("kind", "status"), [(TargetUnreachable, 2), (SuiteBroken, 3)])
def test_an_error_is_its_message_and_its_exit_status(
    replace: Replace,
    capsys: pytest.CaptureFixture[str],
    kind: type[TargetUnreachable] | type[SuiteBroken],
    status: int,
) -> None:
    def fail() -> None:
        raise kind("the connection was refused", "http://a.test")

    replace(fail)
    assert main(["init"]) == status
    assert capsys.readouterr().err == "pgassay: http://a.test: the connection was refused.\n"


def test_an_interruption_is_inconclusive(
    replace: Replace, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    replace(interrupt)
    assert main(["init"]) == 4
    assert "pgassay: interrupted;" in capsys.readouterr().err


def test_a_defect_leaves_a_crash_file_and_no_traceback(
    replace: Replace,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def break_down() -> None:
        vault = Vault()
        vault.learn("a-secret-token")
        click.get_current_context().find_root().obj = vault
        raise RuntimeError("unexpected a-secret-token")

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    replace(break_down)
    assert main(["init"]) == 3
    (path,) = tmp_path.iterdir()
    message = capsys.readouterr().err
    assert "the suite itself broke (RuntimeError)" in message
    assert f"with the file {path}." in message
    assert "Traceback" not in message
    written = path.read_text()
    assert "Traceback" in written
    assert "break_down" in written
    assert "a-secret-token" not in written
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_pipe_that_breaks_inside_a_run_is_never_green(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down() -> None:
        raise BrokenPipeError

    broken = click.Command("check", callback=break_down)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("pgassay.cli.signal.signal", lambda *_: None)
    monkeypatch.setattr(cli.LazyGroup, "get_command", lambda *_: broken)
    assert main(["check"]) == 3
    assert "the suite itself broke (BrokenPipeError)" in capsys.readouterr().err


def test_a_crash_file_can_be_written_before_any_secret_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert "RuntimeError: early" in crash.write(RuntimeError("early"), None).read_text()


def test_python_m_pgassay_is_the_same_program() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "pgassay", "nothing"], capture_output=True, text=True, check=False
    )
    assert shown.returncode == 2
    assert "There is no command 'nothing'." in shown.stderr


@pytest.mark.parametrize(
    "arguments", [["requirements"], ["requirements", "--json"], ["serve", "--list-readings"]]
)
def test_a_reader_that_goes_away_is_no_error(arguments: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    shown = subprocess.run(
        [sys.executable, "-m", "pgassay", *arguments],
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writing)
    assert (shown.returncode, shown.stderr) == (0, b"")
