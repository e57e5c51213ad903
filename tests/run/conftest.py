"""A running reference server and a way to run checks that a test writes itself."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from textwrap import dedent

import pytest

from pgassay.cli.tenants import reference_target
from pgassay.reference import Credentials, Settings, SystemClock, create_app
from pgassay.reference.server import running
from pgassay.results import Results
from pgassay.run import RunOptions, examine
from pgassay.target.model import Target

HEAD = """
import pytest
from pgassay.check import every_case, full, requirement
from pgassay.deviation import *
from pgassay.expectation import *
from pgassay.families import ClickhouseApi, DbaasApi
"""


@pytest.fixture(scope="session")
def reference() -> Iterator[Target]:
    """The target that describes a reference server in this process."""
    settings = Settings(Credentials.generate())
    with running(create_app(settings, SystemClock())) as url:
        yield reference_target(settings, url)


@pytest.fixture
def target(reference: Target) -> Target:
    """The reference as a target whose waits are short."""
    return replace(reference, embedded=True)


Run = Callable[..., Results]


@pytest.fixture
def run(tmp_path: Path, target: Target) -> Run:
    """Run checks given as source text; keyword arguments are run options."""

    def examine_source(source: str, on: Target | None = None, **options: object) -> Results:
        folder = tmp_path / "checks"
        folder.mkdir(exist_ok=True)
        (folder / "test_own.py").write_text(HEAD + dedent(source), encoding="utf-8")
        chosen = RunOptions(output=tmp_path / "run", checks=folder, profile="quick")
        return examine(on or target, replace(chosen, **options))  # type: ignore[arg-type]

    return examine_source
