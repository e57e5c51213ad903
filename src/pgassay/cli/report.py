"""`pgassay report`: render the reports of a run again from its results."""

from pathlib import Path

import click
import msgspec

from pgassay import results
from pgassay.cli.examination import report
from pgassay.cli.sampling import write_samples
from pgassay.errors import UsageError


@click.command("report", short_help="Render the reports of a run again.")
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the reports; that of the run by default.",
)
@click.option(
    "--samples",
    type=click.Choice(["csv", "parquet", "hlog"]),
    multiple=True,
    help="Write the samples of a load in this format as well; may be repeated.",
)
def command(run: Path, output: Path | None, samples: tuple[str, ...]) -> None:
    """Render the reports of RUN (its folder or its results.json) again.

    Nothing is judged anew, and the exit status tells whether rendering worked.
    """
    source = run / "results.json" if run.is_dir() else run
    folder = output or source.parent
    report(_read(source), folder)
    write_samples(source.parent, samples, folder)


def _read(source: Path) -> results.Results:
    try:
        return results.read(source)
    except OSError as error:
        raise UsageError(
            f"the results cannot be read: {error.strerror}",
            str(source),
            "the folder of a run, or the results.json in it",
        ) from error
    except msgspec.DecodeError as error:
        raise UsageError(
            f"the file does not hold the results of a run: {error}",
            str(source),
            f"the form {results.FORMAT} of pgassay's results",
        ) from error
