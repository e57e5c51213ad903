"""The load half is held against the server of known truth, as real processes."""

from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from pgassay.calibration.cases import KINDS, Case
from pgassay.calibration.comparison import Row, Verdict
from pgassay.cli import command
from pgassay.cli.calibrate import calibrate

#: Times are not judged here: the machines that run tests are busy ones.
EXACT = Case(
    "exact",
    "refusals, broken connections, and contradictions of every kind",
    "crud_lifecycle",
    rate=20.0,
    seconds=1.5,
    faults=(
        *(f"{kind}:every=14" for kind in KINDS),
        # Not listings: an instance that is hidden in one is found for sure by that of its own life.
        "create=throttle:every=10,header=0",
        "update=error:every=10",
    ),
)
CLEAN = Case("clean", "nothing is wrong", "crud_lifecycle", rate=20.0, seconds=0.6, active=0.2)


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Row]:
    """Every comparison of both cases."""
    folder = tmp_path_factory.mktemp("calibration")
    found = calibrate(folder, 1, cases=(EXACT, CLEAN)).rows
    written = msgspec.json.decode((folder / "calibration.json").read_bytes())
    assert len(written["comparisons"]) == len(found)
    return {(row.case, row.figure): row for row in found}


def test_counts_agree_to_the_unit(rows: dict[tuple[str, str], Row]) -> None:
    """Requests, throttled ones and errors are what the server counted, setup and cleanup too."""
    for figure in ("requests received", "throttled", "errors"):
        row = rows["exact", figure]
        assert (row.verdict, row.truth > 0) == (Verdict.HOLDS, True), row
    assert rows["clean", "requests received"].verdict is Verdict.HOLDS


def test_nothing_is_left_behind(rows: dict[tuple[str, str], Row]) -> None:
    """The server holds no instance once the run has ended, whatever was wrong with some."""
    for case in ("exact", "clean"):
        assert rows[case, "instances left behind"].truth == 0
        assert rows[case, "instances left behind"].verdict is Verdict.HOLDS


@pytest.mark.parametrize("kind", KINDS.values())
def test_each_fault_is_found_as_what_it_is(kind: str, rows: dict[tuple[str, str], Row]) -> None:
    """Every instance that the server lied about has a finding of the lie's kind."""
    row = rows["exact", kind]
    assert (row.verdict, row.truth > 0) == (Verdict.HOLDS, True), row


def test_nothing_is_found_where_nothing_is_wrong(rows: dict[tuple[str, str], Row]) -> None:
    """There is no finding on a clean server, and none about untouched instances."""
    for case in ("exact", "clean"):
        assert rows[case, "findings invented"].verdict is Verdict.HOLDS, rows


def test_the_time_to_active_is_enclosed(rows: dict[tuple[str, str], Row]) -> None:
    """Every interval between polls holds the moment at which the server changed the state."""
    assert rows["clean", "time to active"].verdict is Verdict.HOLDS, rows


def test_a_calibration_takes_no_target(tmp_path: Path) -> None:
    """A target and `--calibrate` exclude each other, and the message says why."""
    arguments = ["load", "--calibrate", "--target", str(tmp_path / "target.toml")]
    done = CliRunner().invoke(command, arguments)
    assert done.exit_code == 2
    assert "own server" in done.output
