"""Where PostgreSQL's programs come from, and who runs them."""

import os
import shutil
from pathlib import Path

import pytest

from pgassay.cli import main
from pgassay.reference.plane import Action, Job, Outcome
from pgassay.reference.postgres import (
    PlaneError,
    PostgresPlane,
    backs_clickhouse,
    find_binaries,
    open_plane,
    temporary_folder,
)

from .conftest import until

_OLDER = (Path("/usr/lib/postgresql/15/bin"), Path("/usr/lib/postgresql/16/bin"))


def _provisioned(plane: PostgresPlane, cluster: str) -> Outcome:
    plane.submit(Job(cluster, cluster, Action.PROVISION))
    return until(lambda: plane.outcome(cluster), lambda end: end is not Outcome.WORKING)


def test_a_folder_without_programs_is_refused(tmp_path: Path) -> None:
    """The message names what is missing and where."""
    with pytest.raises(PlaneError, match=r"has no initdb, postgres; it must have"):
        find_binaries(tmp_path)


def test_without_the_extra_one_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither the programs nor psycopg are needed before somebody asks for a data plane."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert main(["serve", "--data-plane", "postgres", "--port", "0"]) == 2
    assert "pip install 'pgassay[postgres]'" in capsys.readouterr().err


@pytest.mark.parametrize(
    "options",
    [
        ["--postgres-bin", "."],
        ["--data-dir", "."],
        ["--data-plane", "postgres", "--mutant", "clickhouse-name-51"],
    ],
    ids=" ".join,
)
def test_options_that_do_not_go_together_are_refused(options: list[str]) -> None:
    """Options of the data plane need one, and mutants have none."""
    assert main(["serve", "--port", "0", *options]) == 2


def test_a_folder_that_the_account_cannot_enter_is_refused(programs: Path, tmp_path: Path) -> None:
    """No permission of a parent folder is changed for it."""
    if os.geteuid() != 0:
        pytest.skip("an ordinary user runs PostgreSQL as himself")
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with (
        pytest.raises(PlaneError, match="cannot reach"),
        open_plane(programs, closed / "data"),
    ):
        pass
    assert closed.stat().st_mode & 0o777 == 0o700


def test_programs_that_the_account_cannot_reach_are_copied(programs: Path, tmp_path: Path) -> None:
    """An installation below a closed folder works all the same."""
    if os.geteuid() != 0:
        pytest.skip("an ordinary user runs PostgreSQL as himself")
    package = programs.parent.parent
    for name in (package.name, f"{package.name}.libs"):
        shutil.copytree(package.with_name(name), tmp_path / name)
    tmp_path.chmod(0o700)
    closed = tmp_path / programs.relative_to(package.parent)
    with temporary_folder() as place, open_plane(closed, place) as plane:
        assert _provisioned(plane, "cluster") is Outcome.DONE


def test_a_folder_with_something_else_in_it_is_left_alone(programs: Path, tmp_path: Path) -> None:
    """A mistyped --data-dir changes nothing, not even the folder's permissions."""
    tmp_path.chmod(0o755)
    (tmp_path / "letters").touch()
    with pytest.raises(PlaneError, match="holds something else"), open_plane(programs, tmp_path):
        pass
    assert [each.name for each in tmp_path.iterdir()] == ["letters"]
    assert tmp_path.stat().st_mode & 0o777 == 0o755


def test_two_servers_do_not_share_a_data_directory(programs: Path) -> None:
    """The second one is told who is in its way."""
    with (
        temporary_folder() as place,
        open_plane(programs, place),
        pytest.raises(PlaneError, match="another server uses"),
        open_plane(programs, place),
    ):
        pass


def test_a_cluster_too_many_fails(programs: Path) -> None:
    """There is a limit, and beyond it the job fails."""
    with temporary_folder() as place, open_plane(programs, place, limit=1) as plane:
        assert _provisioned(plane, "first") is Outcome.DONE
        assert _provisioned(plane, "second") is Outcome.FAILED


def test_another_major_version_backs_the_other_family_alone() -> None:
    """PostgreSQL 15 and 16 run dbaas instances; the clickhouse family does not know them."""
    found = [folder for folder in _OLDER if (folder / "postgres").exists()]
    if not found:
        pytest.skip("no PostgreSQL 15 or 16 is installed")
    with temporary_folder() as place, open_plane(found[0], place) as plane:
        assert not backs_clickhouse(plane.capabilities)
        assert _provisioned(plane, "cluster") is Outcome.DONE
