"""`pgassay requirements` lists, explains and shows coverage."""

import json

import pytest
from click.testing import CliRunner

from pgassay.catalogue import Catalogue
from pgassay.cli import requirements
from pgassay.coverage import CheckLocation
from pgassay.errors import UsageError


@pytest.fixture(autouse=True)
def _one_check(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pretend that one requirement has one check, whatever the conformance folder holds."""
    location = CheckLocation("conformance/test_instances.py", 7, "test_cpu")
    monkeypatch.setattr(
        requirements, "checks_by_requirement", lambda: {"DB-INST-CPU-RANGE": (location,)}
    )


def run(*arguments: str) -> str:
    """Return what the command prints; it must succeed."""
    result = CliRunner().invoke(requirements.command, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_the_list_has_one_line_per_requirement() -> None:
    lines = run().splitlines()
    ids = [line.split()[0] for line in lines[1:-1]]
    assert ids == [row.id for row in Catalogue.load()]


def test_a_family_is_listed_with_what_both_share() -> None:
    output = run("--family", "dbaas")
    assert "DB-INST-CREATE" in output
    assert "HTTP-JSON-SYNTAX" in output
    assert "CH-SVC-CREATE" not in output


def test_one_requirement_is_explained_with_its_checks() -> None:
    output = run("DB-INST-CPU-RANGE")
    assert "a violation is a FAIL" in output
    assert "PostgreSQL Service API: Instance Validation" in output
    assert "conformance/test_instances.py:7 test_cpu" in output


def test_coverage_leaves_out_what_is_judged_or_untestable() -> None:
    output = run("--coverage")
    assert "DB-INST-CPU-RANGE" not in output
    assert "DB-INST-FAILOVER" not in output
    assert "DB-INST-RAM-RANGE" in output


def test_json_carries_the_rows_and_their_checks() -> None:
    rows = {row["id"]: row for row in json.loads(run("--json"))}
    assert rows["DB-INST-CPU-RANGE"]["checks"] == [
        {"file": "conformance/test_instances.py", "line": 7, "name": "test_cpu"}
    ]
    assert json.loads(run("--json", "DB-VER-GET"))["may_fail"] is True


def test_an_unknown_id_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match=r"Did you mean DB-VER-GET\?"):
        run("DB-VER-GE")
