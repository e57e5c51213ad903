"""`pgassay falsify`: break the evidence of a green run, and see which passes notice."""

import sys
from pathlib import Path

import click

from pgassay import falsification
from pgassay.catalogue import Catalogue
from pgassay.errors import UsageError
from pgassay.falsification import Effort, Falsification, Scope
from pgassay.results import CheckResult
from pgassay.run.progress import Silence


@click.command("falsify", short_help="Break the evidence of a green run and see who notices.")
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--requirement", "requirements", multiple=True, help="Passes of this requirement.")
@click.option("--check", "checks", multiple=True, help="This check; * stands for any text.")
@click.option("--all", "every", is_flag=True, help="Try every change, not a few of each check.")
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the report; that of the run by default.",
)
def command(
    run: Path,
    requirements: tuple[str, ...],
    checks: tuple[str, ...],
    every: bool,
    output: Path | None,
) -> None:
    r"""Change the evidence of RUN, one thing at a time, and judge again, offline.

    RUN is the folder of a run of `pgassay check`. A status, a member, an order, a header, a time is
    changed in one recorded answer, and the check that passed judges it again. A pass that notices
    no change is vacuous: it would have been green whatever the target had said.

    Writes falsification.json and falsification.md. Exit status: 0 when no pass of a MUST
    requirement is vacuous, or spec/vacuous.toml argues each; 1 otherwise; 2 when the run cannot be
    judged again.

    \b
    Examples:
      pgassay check --output run && pgassay falsify run
      pgassay falsify run --requirement DB-INST-CPU-RANGE --all
    """
    for identifier in requirements:
        Catalogue.load().get(identifier)
    effort = Effort(usual=sys.maxsize, more=sys.maxsize, most=sys.maxsize) if every else Effort()
    found = falsification.falsify(run, Scope(requirements, checks), effort, _Counter())
    click.echo(falsification.summary(found))
    _write(found, output or run)
    click.get_current_context().exit(1 if found.open else 0)


def _write(found: Falsification, folder: Path) -> None:
    page = folder / "falsification.md"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        falsification.write(found, folder / "falsification.json")
        page.write_text(falsification.render(found), encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"the report cannot be written: {error.strerror or error}",
            str(folder),
            remedy="Choose another --output.",
        ) from error
    click.echo(f"falsification.md: {page}")


class _Counter(Silence):
    """Count the checks on a terminal; no thread draws it, because the process forks."""

    def __init__(self) -> None:
        self._checks = self._done = 0

    def selected(self, checks: int) -> None:
        """Tell how many checks there are."""
        self._checks += checks

    def finished(self, result: CheckResult, requests: int) -> None:
        """Count a check."""
        self._done += 1
        if sys.stderr.isatty():
            click.echo(f"\r{self._done} of {self._checks} checks", nl=False, err=True)
