"""The list of gaps is whole: each is observed or says why not, and what it names exists."""

import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from pgassay._folders import folder
from pgassay.catalogue import Catalogue
from pgassay.errors import CatalogueError
from pgassay.gaps import gaps
from pgassay.gaps.catalogue import read
from pgassay.gaps.ledger import OBSERVERS
from pgassay.specification import specification
from pgassay.target.model import ClickhouseSettings, DbaasSettings, Limits

from .test_ledger import EXAMPLES

SETTINGS = {"clickhouse": ClickhouseSettings, "dbaas": DbaasSettings, "limits": Limits}


def recorded() -> Iterator[tuple[str, str]]:
    """Every gap and branch that a check names in a call of `gaps.record`."""
    for path in folder("conformance").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "gaps.record":
                gap, branch = node.args[:2]
                assert isinstance(gap, ast.Constant), f"{path}:{node.lineno}"
                for name in ast.walk(branch):
                    if isinstance(name, ast.Constant) and isinstance(name.value, str):
                        yield str(gap.value), name.value


def test_every_gap_has_an_observer_or_a_reason() -> None:
    observed = {observer.gap for observer in OBSERVERS} | {gap for gap, _ in recorded()}
    assert observed == {gap.id for gap in gaps().values() if not gap.unobservable}


def test_every_branch_is_shown_by_an_example_or_recorded_by_a_check() -> None:
    shown = set(EXAMPLES) | set(recorded())
    assert shown == {(gap.id, branch.name) for gap in gaps().values() for branch in gap.branches}


def test_every_gap_belongs_to_the_family_of_its_id() -> None:
    prefixes = {"clickhouse": "GAP-CH-", "dbaas": "GAP-DB-"}
    assert all(gap.id.startswith(prefixes[gap.family]) for gap in gaps().values())


def test_every_requirement_that_a_gap_bears_on_exists() -> None:
    catalogue = Catalogue.load()
    named = {gap.requirement for gap in gaps().values() if gap.requirement}
    excused = {each for gap in gaps().values() for one in gap.excuses.values() for each in one}
    assert [each for each in named | excused if each not in catalogue] == []


def test_every_switch_is_a_key_of_the_target_file() -> None:
    known = {f"{name}.{one.name}" for name, kind in SETTINGS.items() for one in fields(kind)}
    known |= {f"dbaas.auth.{name}.scheme" for name in ("main", "other_tenant")}
    assert {gap.switch for gap in gaps().values() if gap.switch} <= known


def test_every_operation_that_is_observed_exists() -> None:
    known = {operation.id for operation in specification().operations}
    assert {name for observer in OBSERVERS for name in observer.operations} <= known


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[gap]]\nid = 1", "not a list of gaps"),
        ("[[gap", "not a list of gaps"),
    ],
)
def test_a_list_that_is_not_valid_is_refused(tmp_path: Path, text: str, told: str) -> None:
    _spec(tmp_path, text)
    with pytest.raises(CatalogueError, match=told):
        read(tmp_path)


def test_an_id_is_used_once(tmp_path: Path) -> None:
    row = '[[gap]]\nid = "GAP-DB-X"\nfamily = "dbaas"\nquestion = "?"\nsources = ["a"]\n'
    _spec(tmp_path, 2 * f'{row}unobservable = "why"\n')
    with pytest.raises(CatalogueError, match="twice"):
        read(tmp_path)


def test_a_branch_is_found_by_its_name() -> None:
    assert gaps()["GAP-DB-LISTS"].branch("array").about
    with pytest.raises(LookupError, match=re.escape("GAP-DB-LISTS has no branch 'none'")):
        gaps()["GAP-DB-LISTS"].branch("none")


def _spec(path: Path, text: str) -> None:
    (path / "schema").mkdir()
    (path / "gaps.toml").write_text(text, encoding="utf-8")
    schema = (folder("spec") / "schema" / "gaps.schema.json").read_text(encoding="utf-8")
    (path / "schema" / "gaps.schema.json").write_text(schema, encoding="utf-8")
