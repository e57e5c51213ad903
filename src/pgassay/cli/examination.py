"""What happens around a run: the target is found and looked at, reports are written and shown."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import click
from rich.console import Console

from pgassay.catalogue import Catalogue
from pgassay.cli.display import Display
from pgassay.cli.embedded import embedded_reference
from pgassay.cli.options import Selection
from pgassay.cli.output import uninterrupted, unread_output_ignored
from pgassay.errors import UsageError
from pgassay.preflight import preflight
from pgassay.redaction import Vault
from pgassay.reporting import write_reports
from pgassay.reporting.intention import told
from pgassay.reporting.terminal import render
from pgassay.results import Results
from pgassay.run import plan
from pgassay.run.options import RunOptions
from pgassay.target.model import Target
from pgassay.target.overrides import Overrides
from pgassay.target.reading import read_target


@dataclass(frozen=True, slots=True)
class Examination:
    """A target that answered, and what is to be done with it."""

    target: Target
    options: RunOptions
    display: Display


@contextmanager
def examination(selection: Selection) -> Iterator[Examination]:
    """Prepare a run: check the options, reach the target, name the folder.

    Raises every `PgassayError` that has the exit status 2, and `SuiteBroken` when the embedded
    reference server does not start.
    """
    catalogue = Catalogue.load()
    for identifier in selection.requirements:
        catalogue.get(identifier)
    options = _run_options(selection)
    with _target(selection) as target:
        _protect_secrets(target)
        for warning in preflight(target):
            click.echo(f"pgassay: {warning}", err=True)
        with Display() as display:
            yield Examination(target, options, display)


def announce(selection: Selection) -> None:
    """Print what a run would do; nothing is sent to the target."""
    with _target(selection) as target:
        click.echo(told(plan(target, _run_options(selection))))


def conclude(results: Results, folder: Path) -> NoReturn:
    """Write and show the reports, and end the command with the run's exit status."""
    report(results, folder)
    click.get_current_context().exit(results.exit_status)


def report(results: Results, folder: Path) -> None:
    """Write the reports to `folder`, print `results` and where the reports are.

    Raises `UsageError` where the folder cannot be written.
    """
    try:
        with uninterrupted():
            reports = write_reports(results, folder)
    except OSError as error:
        raise UsageError(
            f"the reports cannot be written: {error.strerror or error}",
            str(folder),
            remedy="Make room or choose another --output.",
        ) from error
    with unread_output_ignored():
        render(results, Console(), reports)


@contextmanager
def _target(selection: Selection) -> Iterator[Target]:
    overrides = Overrides(selection.base_url, selection.families)
    if selection.target_file is not None:
        if selection.data_plane:
            raise UsageError(
                "the target's databases are its own",
                "--data-plane",
                "--target or --data-plane",
                "Claim the feature data_plane in the target file to have them examined.",
            )
        yield read_target(selection.target_file, os.environ, overrides)
        return
    if selection.base_url:
        raise UsageError(
            "a base URL alone does not describe a target",
            "--base-url",
            "--target FILE beside it",
            "`pgassay init` writes a target file to start from.",
        )
    arguments = ("--data-plane", selection.data_plane) if selection.data_plane else ()
    with embedded_reference(overrides, arguments=arguments) as target:
        yield target


def _run_options(selection: Selection) -> RunOptions:
    return RunOptions(
        output=run_folder(selection),
        families=selection.families,
        requirements=selection.requirements,
        profile=selection.profile,
        seed=selection.seed,
        fail_fast=selection.fail_fast,
        shuffle=selection.shuffle,
        workers=selection.workers,
        command=selection.command,
        target_file=selection.target_file,
    )


def run_folder(selection: Selection) -> Path:
    """The folder for a run's files; raises `UsageError` where it holds something already."""
    if selection.output is None:
        moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        return Path("reports", "runs", f"{moment}-{secrets.token_hex(3)}")
    if selection.output.exists() and any(selection.output.iterdir()):
        raise UsageError(
            "the folder is not empty",
            f"--output {selection.output}",
            "a folder of its own for each run",
        )
    return selection.output


def _protect_secrets(target: Target) -> None:
    """Have the crash file, should there be one, leave out the target's secrets."""
    vault = Vault()
    for credential in target.credentials.values():
        for secret in credential.secrets:
            vault.learn(secret)
    click.get_current_context().find_root().obj = vault
