"""`check`, `certify`, `load`, `report` and `sweep` around a run that is replaced."""

import os
import shlex
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from pgassay import results as results_module
from pgassay.cli import certify, check, command, load, sweep
from pgassay.cli.options import Selection
from pgassay.errors import TargetUnreachable
from pgassay.reporting import write_reports
from pgassay.results import Cleanup, ResourceRecord, Results, RunInfo, TargetInfo
from pgassay.run.options import RunOptions
from pgassay.target.model import Family, Target
from pgassay.traffic import Found, Watched
from pgassay.verdict import Verdict

TARGET = '[target]\nname = "staging"\nbase_url = "http://a.test"\nfamilies = ["dbaas"]\n'
CERTIFICATION = Selection("certify", families=(Family.DBAAS,), profile="full", seed=7)

Invoke = Callable[..., Result]


def found(**changes: Any) -> Results:
    """Return the results of a run that found nothing."""
    run = RunInfo("id", "nonce", "", "", 1.0, 1, "quick", "pgassay check", "0", "3", "sha")
    target = TargetInfo("staging", "http://a.test", ("dbaas",), False, {})
    empty = Results(run, target, Verdict.PASS, 0, {}, (), (), ())
    return replace(empty, **changes)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Target, RunOptions]]:
    """Replace network and run; gives what the run was called with."""
    seen: list[tuple[Target, RunOptions]] = []

    def examine(target: Target, options: RunOptions, _: object) -> Results:
        seen.append((target, options))
        return found()

    monkeypatch.setattr("pgassay.cli.examination.preflight", lambda _: ())
    monkeypatch.setattr(check, "examine", examine)
    monkeypatch.setattr(certify, "examine", examine)
    return seen


@pytest.fixture
def invoke(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Invoke:
    """Return a function that runs a command in an empty folder with `staging.toml` in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "staging.toml").write_text(TARGET)

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(command, list(arguments))

    return run


def test_a_check_examines_the_target_and_writes_its_reports(
    invoke: Invoke, calls: list[tuple[Target, RunOptions]], tmp_path: Path
) -> None:
    shown = invoke("check", "--target", "staging.toml", "--seed", "7", "--output", "out")
    assert shown.exit_code == 0, shown.output
    ((target, options),) = calls
    assert target.name == "staging"
    assert (options.seed, options.profile, options.output) == (7, "quick", Path("out"))
    assert options.command == "pgassay check --target staging.toml --profile quick --seed 7"
    assert (tmp_path / "out" / "results.json").is_file()


def test_nobody_interrupts_the_writing_of_reports(
    invoke: Invoke,
    calls: list[tuple[Target, RunOptions]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """As where a cancelled job is sent SIGTERM some seconds after Ctrl-C."""
    del calls

    def cancelled(results: Results, folder: Path) -> dict[str, Path]:
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGTERM)
        return write_reports(results, folder)

    monkeypatch.setattr("pgassay.cli.examination.write_reports", cancelled)
    handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    shown = invoke("check", "--target", "staging.toml", "--output", "out")
    assert shown.exit_code == 0, shown.output
    assert (tmp_path / "out" / "results.json").is_file()
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == handlers


def test_runs_get_a_folder_of_their_own(
    invoke: Invoke, calls: list[tuple[Target, RunOptions]]
) -> None:
    invoke("check", "--target", "staging.toml")
    invoke("check", "--target", "staging.toml")
    first, second = (options.output for _, options in calls)
    assert first.parent == second.parent == Path("reports/runs")
    assert first != second


def test_the_target_file_may_come_from_the_environment(
    invoke: Invoke, calls: list[tuple[Target, RunOptions]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGASSAY_TARGET", "staging.toml")
    monkeypatch.setenv("PGASSAY_BASE_URL", "http://b.test")
    assert invoke("check", "--base-url", "http://c.test").exit_code == 0
    assert calls[0][0].base_url == "http://c.test"


@pytest.mark.parametrize("status", [0, 1, 3, 4, 5])
@pytest.mark.usefixtures("calls")
def test_the_exit_status_is_that_of_the_run(
    invoke: Invoke, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    monkeypatch.setattr(check, "examine", lambda *_: found(exit_status=status))
    assert invoke("check", "--target", "staging.toml").exit_code == status


@pytest.mark.parametrize("reason", [BrokenPipeError(), SystemExit(1)])
@pytest.mark.usefixtures("calls")
def test_a_reader_that_goes_away_does_not_change_the_exit_status(
    invoke: Invoke, monkeypatch: pytest.MonkeyPatch, reason: BaseException
) -> None:
    def fail(*_: object) -> None:
        raise reason

    monkeypatch.setattr("pgassay.cli.examination.render", fail)
    monkeypatch.setattr(check, "examine", lambda *_: found(exit_status=5))
    assert invoke("check", "--target", "staging.toml").exit_code == 5


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--target", "none.toml"], "none.toml: the target file cannot be read"),
        (["--target", "staging.toml", "--family", "clickhouse"], "--family clickhouse: the target"),
        (["--target", "staging.toml", "--requirement", "DB-NONE"], "no requirement 'DB-NONE'"),
        (["--target", "staging.toml", "--output", "."], "--output .: the folder is not empty."),
        (["--base-url", "http://a.test"], "a base URL alone does not describe a target."),
        (["--target", "staging.toml", "--data-plane", "postgres"], "--target or --data-plane"),
        (["--profile", "fast"], "'fast' is not one of 'quick', 'full'"),
        (["--seed", "-1"], "is not in the range"),
    ],
)
@pytest.mark.usefixtures("calls")
def test_a_choice_that_cannot_be_is_explained(
    invoke: Invoke, arguments: list[str], message: str
) -> None:
    shown = invoke("check", *arguments)
    assert shown.exit_code == 2
    assert message in " ".join(shown.output.split())


@pytest.mark.usefixtures("calls")
def test_an_unreachable_target_stops_before_the_run(
    invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Target) -> tuple[str, ...]:
        raise TargetUnreachable("the connection was refused", "http://a.test")

    monkeypatch.setattr("pgassay.cli.examination.preflight", refuse)
    shown = invoke("check", "--target", "staging.toml")
    assert shown.exit_code == 2
    assert "pgassay: http://a.test: the connection was refused." in shown.output


@pytest.mark.usefixtures("calls")
def test_a_warning_before_the_run_is_shown(invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pgassay.cli.examination.preflight", lambda _: ("The clocks differ.",))
    shown = invoke("check", "--target", "staging.toml")
    assert shown.exit_code == 0
    assert "pgassay: The clocks differ." in shown.output


def test_certify_examines_fully_and_measures(
    invoke: Invoke, calls: list[tuple[Target, RunOptions]], monkeypatch: pytest.MonkeyPatch
) -> None:
    measured: list[Selection] = []

    def measure(
        _: object, selection: Selection, *, plan: str, nonce: str, watched: Watched
    ) -> Found:
        assert (plan, nonce) == ("smoke", found().run.nonce)
        measured.append(selection)
        return Found()

    monkeypatch.setattr(certify, "measure", measure)
    monkeypatch.setattr(certify, "with_measured", lambda *_: found(exit_status=1))
    shown = invoke("certify", "--target", "staging.toml", "--family", "dbaas", "--seed", "7")
    assert shown.exit_code == 1, shown.output
    assert calls[0][1].profile == "full"
    assert measured == [replace(CERTIFICATION, target_file=Path("staging.toml"))]


@pytest.mark.usefixtures("calls")
def test_certify_does_not_measure_after_an_interruption(
    invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_off = found(exit_status=4, run=replace(found().run, interrupted=True))
    monkeypatch.setattr(certify, "examine", lambda *_: cut_off)
    assert invoke("certify", "--target", "staging.toml").exit_code == 4


@pytest.mark.usefixtures("calls")
def test_load_that_judged_nothing_is_never_green(
    invoke: Invoke, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(load, "measure", lambda *_, **__: Found())
    arguments = ["--target", "staging.toml", "--output", "out", "--rate", "5", "--duration", "2"]
    assert invoke("load", *arguments).exit_code == 4
    written = results_module.read(tmp_path / "out" / "results.json")
    assert {row.plane for row in written.requirements} == {"load"}
    assert written.run.command == (
        "pgassay load --target staging.toml --rate 5.0 --duration 2.0 --profile quick --seed 1"
    )


def test_the_command_of_a_run_repeats_every_choice() -> None:
    selection = replace(
        CERTIFICATION, requirements=("DB-A", "DB-B"), target_file=Path("my target.toml")
    )
    assert shlex.split(replace(selection, fail_fast=True).command)[2:] == [
        *("--target", "my target.toml", "--family", "dbaas"),
        *("--requirement", "DB-A", "--requirement", "DB-B"),
        *("--profile", "full", "--seed", "7", "--fail-fast"),
    ]


def test_reports_are_rendered_again_from_the_results(invoke: Invoke, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    results_module.write(found(exit_status=1), tmp_path / "run" / "results.json")
    assert invoke("report", "run", "--output", "again").exit_code == 0
    assert results_module.read(tmp_path / "again" / "results.json") == found(exit_status=1)


def test_reports_that_cannot_be_written_are_explained(invoke: Invoke, tmp_path: Path) -> None:
    results_module.write(found(), tmp_path / "results.json")
    shown = invoke("report", ".", "--output", "staging.toml/again")
    assert shown.exit_code == 2
    assert "staging.toml/again: the reports cannot be written: Not a directory." in shown.output


def test_results_that_cannot_be_read_are_named(invoke: Invoke, tmp_path: Path) -> None:
    (tmp_path / "results.json").write_text("{}")
    damaged, missing = invoke("report", "."), invoke("report", "none")
    assert damaged.exit_code == missing.exit_code == 2
    assert "results.json: the file does not hold the results of a run: " in damaged.output
    assert "none: the results cannot be read: No such file or directory." in missing.output


@pytest.mark.parametrize(("left", "status"), [(0, 0), (1, 5)])
def test_sweep_tells_what_is_left(
    invoke: Invoke, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, left: int, status: int
) -> None:
    record = ResourceRecord("dbaas", "instance", "1", "mine", "/v1/postgres/instances/1", "busy")
    seen: list[tuple[Path, bool]] = []

    def remove(place: Path, _: Target, *, dry_run: bool) -> Cleanup:
        seen.append((place, dry_run))
        return Cleanup(created=2, removed=2 - left, left=(record,) * left)

    monkeypatch.setattr(sweep, "preflight", lambda _: ())
    monkeypatch.setattr(sweep, "sweep", remove)
    (tmp_path / "run").mkdir()
    shown = invoke("sweep", "run", "--target", "staging.toml", "--dry-run")
    assert shown.exit_code == status
    assert seen == [(Path("run"), True)]
    assert ("dbaas instance mine /v1/postgres/instances/1: busy" in shown.output) == bool(left)
    assert f"{2 - left} removed, {left} would be removed" in shown.output


def test_sweep_needs_a_target_file(invoke: Invoke) -> None:
    shown = invoke("sweep", ".")
    assert shown.exit_code == 2
    assert "Missing option '--target'" in shown.output


@pytest.mark.usefixtures("calls")
def test_certify_with_fail_fast_does_not_measure_after_a_failure(
    invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(certify, "examine", lambda *_: found(exit_status=1))
    arguments = ("certify", "--target", "staging.toml", "--fail-fast")
    assert invoke(*arguments).exit_code == 1


@pytest.mark.usefixtures("calls")
def test_certify_of_a_requirement_without_load_does_not_measure(
    invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(certify, "examine", lambda *_: found(exit_status=0))
    arguments = ("certify", "--target", "staging.toml", "--requirement", "DB-INST-GET")
    assert invoke(*arguments).exit_code == 0


@pytest.mark.usefixtures("calls")
def test_load_refuses_requirements_that_checks_judge(invoke: Invoke) -> None:
    shown = invoke("load", "--target", "staging.toml", "--requirement", "DB-INST-GET")
    assert shown.exit_code == 2
    assert "load judges none of these requirements" in shown.output
