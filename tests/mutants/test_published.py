"""The published kill matrix is that of the present mutants and checks."""

import json
from pathlib import Path
from typing import Any

import pytest

from pgassay.assessment import Reach
from pgassay.assessment.fate import MONITORS
from pgassay.assessment.matrix import SHARE, arguments
from pgassay.cli.trial import Trial
from pgassay.coverage import check_titles
from pgassay.mutants import DERIVED, MUTANTS

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "reports" / "samples" / "kill-matrix.json"


@pytest.fixture(scope="module")
def published() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(SAMPLE.read_text(encoding="utf-8"))
    return found


def test_every_mutant_is_in_it(published: dict[str, Any]) -> None:
    """`pgassay mutants run --output reports/samples` writes it anew."""
    assert published["complete"]
    assert {row["name"] for row in published["mutants"]} == MUTANTS.keys() | DERIVED.keys()


def test_those_that_nothing_kills_are_the_argued_ones(published: dict[str, Any]) -> None:
    alive = {row["name"] for row in published["mutants"] if not row["killed"]}
    assert alive == published["survivors"].keys() == arguments("survivors.toml").keys()
    assert not alive & MUTANTS.keys()
    assert len(alive) <= (1 - SHARE) * len(DERIVED)


def test_each_mutant_by_hand_is_killed_by_a_requirement_that_it_breaks(
    published: dict[str, Any],
) -> None:
    for row in published["mutants"]:
        if not row["rule"]:
            assert {*row["breaks"]} & {*row["requirements"]}, row["name"]


def test_the_readme_tells_its_figures(published: dict[str, Any]) -> None:
    readme = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    killed = sum(row["killed"] for row in published["mutants"] if row["rule"])
    assert f"pgassay brings {len(MUTANTS)} faulty servers" in readme
    assert f"of {len(DERIVED)} more that follow by rule it finds {killed} and" in readme
    checks = len(published["checks"].keys() - {MONITORS})
    assert f"{checks} of its {checks + len(published['idle_checks'])} checks have" in readme


def test_every_check_kills_a_mutant_or_is_argued(published: dict[str, Any]) -> None:
    """A check that is younger than the matrix is tried here."""
    argued = arguments("idle_checks.toml").keys()
    assert argued == published["idle_checks"].keys()
    trial = Trial(Reach({}, {}))
    for check in check_titles().keys() - published["checks"].keys() - argued:
        assert trial.seek(check)[1], f"{check} kills none of the mutants that it brings to mind"
