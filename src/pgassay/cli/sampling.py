"""Samples of a load in other formats, on request."""

from collections.abc import Sequence
from pathlib import Path

import click

from pgassay.errors import UsageError


def check_samples(formats: Sequence[str]) -> None:
    """Raise `UsageError` where a format needs something that is not installed."""
    if formats:
        from pgassay.traffic import exports

        exports.check(formats)


def write_samples(run_folder: Path, formats: Sequence[str], into: Path | None = None) -> None:
    """Write the samples in `run_folder` in each format, and say where they are.

    Raises `UsageError` where there are none, or the files cannot be written.
    """
    if not formats:
        return
    from pgassay.traffic import exports

    try:
        written = exports.export_samples(run_folder, formats, into)
    except OSError as error:
        raise UsageError(
            f"the samples cannot be written: {error.strerror or error}",
            str(into or run_folder),
            remedy="Make room or choose another --output.",
        ) from error
    for name, path in written.items():
        click.echo(f"{name}: {path}")
