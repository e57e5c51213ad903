"""A valid target file whose parts the tests replace."""

from collections.abc import Callable
from pathlib import Path

import pytest

from pgassay.catalogue import Basis, Catalogue, Level, Plane, Requirement
from pgassay.target.model import Target
from pgassay.target.overrides import Overrides
from pgassay.target.reading import read_target

TARGET = """
[target]
name = "staging"
base_url = "https://api.example.test"
families = ["clickhouse", "dbaas"]
"""

ENVIRON = {"KEY_ID": "an-id", "KEY_SECRET": "a-secret", "TOKEN": "a-token"}

Read = Callable[..., Target]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Return a function that reads a target file with the given text."""

    def from_text(
        text: str,
        *,
        head: str = TARGET,
        environ: dict[str, str] | None = None,
        overrides: Overrides = Overrides(),  # noqa: B008 (frozen)
    ) -> Target:
        path = tmp_path / "staging.toml"
        path.write_text(head + text, encoding="utf-8")
        return read_target(path, ENVIRON if environ is None else environ, overrides)

    return from_text


@pytest.fixture
def catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace the catalogue by one with a single requirement and a single feature."""
    requirement = Requirement(
        id="DB-INST-CPU-RANGE",
        family="dbaas",
        level=Level.MUST,
        basis=Basis.QUOTED,
        plane=Plane.CONTROL,
        statement="A statement.",
        source="A source",
        feature="redaction",
    )
    small = Catalogue({requirement.id: requirement})
    monkeypatch.setattr("pgassay.target.reading.Catalogue.load", lambda: small)
