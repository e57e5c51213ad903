"""Verdicts do not depend on the order of the checks."""

from dataclasses import replace
from pathlib import Path

import pytest

from pgassay.results import CheckResult
from pgassay.run import RunOptions, Silence, examine
from pgassay.target.model import Target
from pgassay.verdict import Verdict

from .conftest import Run

TABLE = """
@requirement("DB-INST-GET")
@pytest.mark.parametrize("case", range(20))
def test_case(dbaas: DbaasApi, case: int) -> None:
    '''Passes.'''
"""


class Order(Silence):
    """The names of the checks, in the order in which they ended."""

    def __init__(self) -> None:
        self.checks: list[str] = []

    def finished(self, result: CheckResult, requests: int) -> None:
        """Keep a name."""
        self.checks.append(result.id)


def order(target: Target, folder: Path, seed: int, name: str) -> list[str]:
    told = Order()
    options = RunOptions(
        folder / name, checks=folder / "checks", profile="full", shuffle=True, seed=seed
    )
    examine(target, options, told)
    return told.checks


def test_the_seed_draws_the_order(run: Run, target: Target, tmp_path: Path) -> None:
    plain = [check.id for check in run(TABLE, profile="full").checks]
    first = order(target, tmp_path, 1, "first")
    assert order(target, tmp_path, 1, "again") == first != plain
    assert order(target, tmp_path, 2, "other") != first
    assert sorted(first) == sorted(plain)


@pytest.mark.parametrize("seed", [11, 12])
def test_a_shuffled_run_finds_nothing_to_complain_of(
    reference: Target, tmp_path: Path, seed: int
) -> None:
    target = replace(reference, embedded=True)
    results = examine(target, RunOptions(tmp_path, shuffle=True, seed=seed))
    assert list(results.of_verdict(Verdict.FAIL, Verdict.WARN, Verdict.ERROR)) == []
    assert results.exit_status == 0
