"""`pgassay sweep`: remove what a run created and did not remove."""

import os
from pathlib import Path

import click

from pgassay.cli.output import unread_output_ignored
from pgassay.preflight import preflight
from pgassay.results import Cleanup
from pgassay.run.sweep import sweep
from pgassay.target.overrides import TARGET_VARIABLE, Overrides
from pgassay.target.reading import read_target
from pgassay.verdict import ExitStatus


@click.command("sweep", short_help="Remove what a run left behind.")
@click.argument("run", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--target",
    "target_file",
    type=click.Path(dir_okay=False, path_type=Path),
    envvar=TARGET_VARIABLE,
    required=True,
    help=f"Target file of the run (or {TARGET_VARIABLE}).",
)
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
def command(run: Path, target_file: Path, dry_run: bool) -> None:
    """Remove what RUN (its folder or a journal in it) created and did not remove.

    Only what the journal proves to be the run's is touched. Exit status: 0 nothing is left, 5
    something is.
    """
    target = read_target(target_file, os.environ, Overrides())
    preflight(target)
    cleanup = sweep(run, target, dry_run=dry_run)
    with unread_output_ignored():
        _show(cleanup, dry_run)
    status = ExitStatus.LEFT_BEHIND if cleanup.left else ExitStatus.CONFORMS
    click.get_current_context().exit(status)


def _show(cleanup: Cleanup, dry_run: bool) -> None:
    for one in cleanup.left:
        click.echo(f"{one.family} {one.kind} {one.name or one.id} {one.path}: {one.reason}")
    rest = "would be removed" if dry_run else "left behind"
    click.echo(f"{cleanup.removed} removed, {len(cleanup.left)} {rest}")
