"""`pgassay compare` reads runs, prints what it found, and exits accordingly."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pgassay.cli import compare
from pgassay.errors import UsageError

Writer = Callable[..., Path]


def run(*arguments: object) -> Result:
    words = [str(argument) for argument in arguments]
    return CliRunner().invoke(compare.command, words, catch_exceptions=False)


def test_two_folders_of_runs_are_the_two_sides(written: Writer) -> None:
    """A list that became slower is a regression, and the exit status is 1."""
    result = run(written("old", range(5)), written("new", range(5, 10), {"list": 1.5}))
    assert result.exit_code == 1
    assert "Regression: p50 of list in crud_lifecycle (dbaas) takes" in result.output


def test_equal_sides_exit_with_0_and_state_the_detectable_effect(written: Writer) -> None:
    """No regression is never said without what could have been missed."""
    result = run(written("old", range(5)), written("new", range(5, 10)))
    assert result.exit_code == 0
    assert "would have been found in 80 % of cases" in result.output


def test_sides_are_named_with_options_that_take_many_runs(written: Writer) -> None:
    """A shell's list of folders follows the option, and further options follow the list."""
    old, new = written("old", range(4)), written("new", range(4, 8), {"list": 1.5})
    result = run("--base", *old.iterdir(), "--against", *new.iterdir(), "--margin", "10%", "--json")
    document = json.loads(result.output)
    assert result.exit_code == document["exit_status"] == 1
    assert len(document["base"]) == len(document["against"]) == 4
    slower = [row for row in document["rows"] if row["regression"]]
    assert {(row["operation"], row["verdict"]) for row in slower} == {("list", "slower")}


def test_a_list_of_runs_is_halved(written: Writer) -> None:
    """The first half is the base."""
    places = [
        *sorted(written("a", range(3)).iterdir()),
        *sorted(written("b", range(3, 6)).iterdir()),
    ]
    document = json.loads(run(*places, "--json").output)
    assert document["base"] == ["a-0", "a-1", "a-2"]


def test_a_margin_allows_growth(written: Writer) -> None:
    """Half as much again is allowed by a margin of 100 %."""
    result = run(
        written("old", range(5)), written("new", range(5, 10), {"list": 1.5}), "--margin", "100%"
    )
    assert result.exit_code == 0


def test_too_few_runs_exit_with_4(written: Writer) -> None:
    """Two runs on each side say nothing, and how many are needed is told."""
    result = run(written("old", range(2)), written("new", range(2, 4)))
    assert result.exit_code == 4
    assert "at least 3 on each side" in result.output


def test_markdown_has_a_row_for_each_figure(written: Writer) -> None:
    """Three operations with two percentiles are six rows below the heading."""
    shown = run(written("old", range(3)), written("new", range(3, 6)), "--markdown").output
    assert shown.startswith("# Comparison of runs\n")
    assert sum(line.startswith("| crud_lifecycle |") for line in shown.splitlines()) == 6


def test_sides_that_are_not_clear_are_a_usage_error(written: Writer, tmp_path: Path) -> None:
    """An odd list, one side only, no run at all, or one run twice: each says what is expected."""
    runs = sorted(written("old", range(3)).iterdir())
    with pytest.raises(UsageError, match="cannot be halved"):
        run(*runs)
    with pytest.raises(UsageError, match="sides are not clear"):
        run("--base", *runs)
    with pytest.raises(UsageError, match="there is no run"):
        run(tmp_path / "nothing", runs[0])
    with pytest.raises(UsageError, match="on both sides"):
        run(runs[0], runs[0])
    with pytest.raises(UsageError, match="named twice"):
        run("--base", runs[0], runs[0], "--against", runs[1])


def test_a_file_that_holds_no_results_is_a_usage_error(tmp_path: Path) -> None:
    """The message names the file."""
    broken = tmp_path / "results.json"
    broken.write_text("{}", encoding="utf-8")
    with pytest.raises(UsageError, match="does not hold the results of a run"):
        run(broken, written_nowhere(tmp_path))


def written_nowhere(folder: Path) -> Path:
    other = folder / "other.json"
    other.write_text("{}", encoding="utf-8")
    return other


@pytest.mark.parametrize("margin", ["ten", "-1%", "2000%"])
def test_a_margin_that_is_none_is_refused(margin: str, written: Writer) -> None:
    """What is no share is named in the message."""
    result = run(written("old", [1]), written("new", [2]), "--margin", margin)
    assert result.exit_code == 2
    assert margin in result.output
