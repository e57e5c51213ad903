"""`pgassay load-worker`: apply a share of the load that a master on another machine leads."""

import os
from pathlib import Path

import click

from pgassay.cli.number import FiniteRange
from pgassay.target.overrides import TARGET_VARIABLE, Overrides
from pgassay.target.reading import read_target


@click.command("load-worker", short_help="Apply a share of the load that a master leads.")
@click.option(
    "--master",
    metavar="HOST:PORT",
    required=True,
    help="Where `pgassay load --listen` runs.",
)
@click.option(
    "--target",
    "target_file",
    type=click.Path(dir_okay=False, path_type=Path),
    envvar=TARGET_VARIABLE,
    required=True,
    help=f"Target file (or {TARGET_VARIABLE}): the credentials come from it, not from the master.",
)
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the worker's files; a new one in reports/runs if not given.",
)
@click.option(
    "--wait",
    type=FiniteRange(0, min_open=True),
    default=300.0,
    show_default=True,
    help="Seconds to wait for the master and its first plan.",
)
def command(master: str, target_file: Path, output: Path | None, wait: float) -> None:
    """Apply a share of the load that a master leads, until its run is over.

    Exit status: 0 the run is over, 2 the master refused this worker or never answered, 4 the worker
    was interrupted or lost its master.
    """
    from pgassay.traffic import remote_worker

    target = read_target(target_file, os.environ, Overrides())
    place = output or remote_worker.new_folder()
    status = remote_worker.work(master, target, place, wait)
    click.get_current_context().exit(status)
