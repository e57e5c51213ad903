"""What is built from the checkout holds what users need, and nothing else."""

import os
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterable
from pathlib import Path

import pytest

import pgassay
from pgassay._folders import folder

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("conformance", "load", "spec", "reports/templates", "reports/schema")


def _run(*command: str | Path, cwd: Path = ROOT, **variables: str) -> str:
    # The build imports its hook, and must not leave bytecode in what is looked at next.
    environ = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **variables}
    done = subprocess.run(
        command, cwd=cwd, env=environ, text=True, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _build(root: Path, out: Path, *kinds: str) -> Path:
    _run(sys.executable, "-P", "-m", "build", "--no-isolation", *kinds, "--outdir", out, root)
    return out


def _versioned(*paths: str) -> set[str]:
    """Return the files of the checkout that version control does not ignore."""
    if not (ROOT / ".git").exists():
        pytest.skip("the tree is not a git checkout, so that its files have no list")
    listed = _run("git", "ls-files", "-co", "--exclude-standard", "--", *paths).splitlines()
    return {name for name in listed if (ROOT / name).is_file()}


def _contents(wheel: Path) -> dict[str, int]:
    """Return the checksum of each file of a wheel, without the wheel's own metadata."""
    with zipfile.ZipFile(wheel) as archive:
        return {
            entry.filename: entry.CRC
            for entry in archive.infolist()
            if ".dist-info/" not in entry.filename
        }


def _debris(names: Iterable[str]) -> list[str]:
    return [
        name
        for name in names
        if "__pycache__" in name or any(part.startswith(".") for part in name.split("/"))
    ]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build both kinds of package from the checkout; give the folder that they are in."""
    return _build(ROOT, tmp_path_factory.mktemp("built"), "--sdist", "--wheel")


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    """Give the wheel that was built from the checkout."""
    return next(built.glob("*.whl"))


@pytest.fixture(scope="module")
def unpacked(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Unpack the sdist; give the root of the project inside."""
    out = tmp_path_factory.mktemp("sdist")
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        archive.extractall(out, filter="data")
    return next(out.iterdir())


def test_the_wheel_has_one_top_level_name(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.split("/")[0] for name in archive.namelist()}
    assert tops == {"pgassay", f"pgassay-{pgassay.__version__}.dist-info"}


def test_the_wheel_bundles_the_four_folders_completely(wheel: Path) -> None:
    prefix = "pgassay/_bundle/"
    bundled = {name.removeprefix(prefix) for name in _contents(wheel) if name.startswith(prefix)}
    assert bundled == _versioned(*FOLDERS)


def test_the_wheel_holds_the_package_completely(wheel: Path) -> None:
    shipped = {f"src/{name}" for name in _contents(wheel) if "/_bundle/" not in name}
    assert shipped == _versioned("src/pgassay")


def test_the_wheel_holds_nothing_that_tools_left_behind(wheel: Path) -> None:
    assert _debris(_contents(wheel)) == []


def test_a_linter_of_wheels_accepts_the_wheel(wheel: Path) -> None:
    _run(Path(sys.executable).with_name("check-wheel-contents"), wheel)


def test_the_wheel_built_from_the_sdist_is_the_same(
    wheel: Path, unpacked: Path, tmp_path: Path
) -> None:
    again = _build(unpacked, tmp_path, "--wheel")
    assert _contents(next(again.glob("*.whl"))) == _contents(wheel)


def test_the_sdist_holds_everything_that_is_versioned(unpacked: Path) -> None:
    packed = {p.relative_to(unpacked).as_posix() for p in unpacked.rglob("*") if p.is_file()}
    assert packed - {"PKG-INFO"} == _versioned()


def test_an_editable_install_uses_the_folders_of_the_checkout(tmp_path: Path) -> None:
    script = "import sys; from hatchling.build import build_editable; build_editable(sys.argv[1])"
    _run(sys.executable, "-P", "-c", script, tmp_path)
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as archive:
        (link,) = (name for name in archive.namelist() if name.endswith(".pth"))
        source = archive.read(link).decode().strip()
        assert not any("_bundle" in name for name in archive.namelist())
    script = "from pgassay._folders import folder; print(folder('reports'))"
    found = _run(sys.executable, "-P", "-c", script, cwd=tmp_path, PYTHONPATH=source)
    assert Path(found.strip()) == ROOT / "reports"


@pytest.mark.skipif("TOX_ENV_NAME" not in os.environ, reason="only tox installs the wheel")
def test_the_tests_run_against_the_installed_wheel() -> None:
    package = Path(pgassay.__file__).resolve().parent
    assert ROOT / "src" not in package.parents
    assert folder("conformance") == package / "_bundle" / "conformance"
