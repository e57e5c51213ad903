"""A recorded run of checks of different worth; its server is gone when it is falsified."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from pgassay import results
from pgassay.cli.tenants import reference_target
from pgassay.reference import Credentials, Settings, SystemClock, create_app
from pgassay.reference.server import running
from pgassay.run import RunOptions, examine
from pgassay.target.model import Target

CHECKS = '''
"""Checks of different worth."""

from pgassay.check import requirement
from pgassay.exchange import Json, Request
from pgassay.expectation import expect_equal, expect_status, expect_success
from pgassay.families import ClickhouseApi, DbaasApi, Names
from pgassay.wire import Message


@requirement("DB-VER-LIST")
def test_of_the_status(dbaas: DbaasApi) -> None:
    """Versions are listed with 200."""
    expect_status(dbaas.versions(), 200)


@requirement("DB-VER-GET")
def test_that_looks_away(dbaas: DbaasApi) -> None:
    """Versions are asked for, and nobody looks."""
    dbaas.versions()


@requirement("DB-INST-GET")
def test_that_waits_for_an_instance(dbaas: DbaasApi, own_instance: dict[str, Json]) -> None:
    """An instance has the name that it was given."""
    shown = dbaas.get(own_instance["uuid"])
    expect_equal(shown.json()["name"], own_instance["name"], "the name")


@requirement("DB-USER-GET")
def test_that_leans_on_a_fixture(dbaas: DbaasApi, user: dict[str, Json]) -> None:
    """A user has its members and no other."""
    expect_equal(len(user), 7, "the number of members")


@requirement("CH-PASSWORD-KEEPS-SERVICE")
def test_of_a_secret(clickhouse: ClickhouseApi, own_service: dict[str, Json], names: Names) -> None:
    """A service stays as it is when its password changes."""
    expect_success(clickhouse.set_password(own_service["id"], {"password": names.password()}))
    shown = clickhouse.get(own_service["id"]).json()["result"]
    expect_equal(shown["name"], own_service["name"], "the name")


@requirement("HTTP-PIPELINE")
def test_on_the_wire(dbaas: DbaasApi) -> None:
    """Versions are listed byte for byte."""
    path = dbaas.versions().request.path
    request = Request("GET", path, family="dbaas", credential="main")
    expect_status(dbaas.client.converse(Message(request)).exchange, 200)
'''


@dataclass(frozen=True, slots=True)
class Recording:
    """A run's folder, its target, and where its checks are."""

    run: Path
    target: Target
    checks: Path


@pytest.fixture(scope="package")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """The run of `CHECKS` over the reference."""
    folder = tmp_path_factory.mktemp("recording")
    checks, run = folder / "checks", folder / "run"
    checks.mkdir()
    (checks / "test_own.py").write_text(CHECKS, encoding="utf-8")
    settings = Settings(Credentials.generate(), 0.001)
    with running(create_app(settings, SystemClock())) as url:
        target = reference_target(settings, url)
        results.write(examine(target, RunOptions(run, checks=checks)), run / "results.json")
    return Recording(run, target, checks)
