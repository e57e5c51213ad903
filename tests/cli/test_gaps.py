"""`pgassay gaps` lists and explains what the documents leave open."""

import json

import pytest
from click.testing import CliRunner

from pgassay.cli import gaps as command
from pgassay.errors import UsageError
from pgassay.gaps import gaps


def run(*arguments: str) -> str:
    """Return what the command prints; it must succeed."""
    result = CliRunner().invoke(command.command, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_the_list_has_one_line_per_gap() -> None:
    lines = run().splitlines()
    assert [line.split()[0] for line in lines[1:-1]] == list(gaps())


def test_a_family_is_listed_alone() -> None:
    assert "GAP-CH-" not in run("--family", "dbaas")


def test_one_gap_is_explained() -> None:
    told = run("GAP-CH-QUERY-TIMES")
    for part in ("milliseconds", "No document says so", "clickhouse.timestamps", "excuses"):
        assert part in told


def test_an_unobservable_gap_says_why() -> None:
    assert "days" in run("GAP-CH-BACKUPS")


def test_json_has_every_member() -> None:
    [gap] = json.loads(run("GAP-DB-LISTS", "--json"))
    assert gap["branches"][0].keys() == {"name", "about", "documented"}


def test_an_unknown_gap_names_a_similar_one() -> None:
    with pytest.raises(UsageError, match="GAP-DB-LISTS"):
        run("GAP-DB-LIST")
