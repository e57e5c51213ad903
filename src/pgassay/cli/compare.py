"""`pgassay compare`: tell whether repeated runs of load became slower."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pgassay.cli.number import Percentage
from pgassay.cli.output import unread_output_ignored
from pgassay.errors import UsageError

if TYPE_CHECKING:
    from pgassay.comparison import Comparisons

# A pipe has no width of its own: wide enough that a row stays one line.
_PIPE_WIDTH = 200
_VARIADIC = ("--base", "--against")
_PLACE = click.Path(path_type=Path)


class _Sides(click.Command):
    """A command whose `--base` and `--against` take all runs that follow them.

    A shell expands `--base runs/old-*` to one option and many words.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Repeat the option before each of its words."""
        words: list[str] = []
        side = ""
        for word in args:
            if word.startswith("-"):
                side = word if word in _VARIADIC else ""
                words += [] if side else [word]
            else:
                words += [side, word] if side else [word]
        return super().parse_args(ctx, words)


@click.command("compare", cls=_Sides, short_help="Tell whether repeated runs became slower.")
@click.argument("runs", metavar="[RUN]...", type=_PLACE, nargs=-1)
@click.option("--base", metavar="RUN...", type=_PLACE, multiple=True, help="The runs before.")
@click.option("--against", metavar="RUN...", type=_PLACE, multiple=True, help="The runs after.")
@click.option(
    "--margin",
    type=Percentage(),
    default="0%",
    show_default=True,
    help="Growth that is allowed: only more than this is a regression.",
)
@click.option(
    "--error-rate",
    type=Percentage(0.5, zero=False),
    default="2.5%",
    show_default=True,
    help="False alarms accepted in each direction, over all figures together.",
)
@click.option(
    "--percentile",
    "percentiles",
    type=click.FloatRange(0, 100, min_open=True, max_open=True),
    multiple=True,
    default=(50.0, 95.0),
    show_default=True,
    help="Only this percentile; may be repeated.",
)
@click.option("--scenario", "scenarios", multiple=True, help="Only this scenario; may be repeated.")
@click.option(
    "--operation", "operations", multiple=True, help="Only this operation; may be repeated."
)
@click.option("--json", "form", flag_value="json", help="Print JSON instead of a table.")
@click.option("--markdown", "form", flag_value="markdown", help="Print Markdown.")
def command(
    runs: tuple[Path, ...],
    base: tuple[Path, ...],
    against: tuple[Path, ...],
    margin: float,
    error_rate: float,
    percentiles: tuple[float, ...],
    scenarios: tuple[str, ...],
    operations: tuple[str, ...],
    form: str | None,
) -> None:
    r"""Compare repeated runs of `pgassay load`: did anything become slower?

    RUN is the folder of a run, or a folder of such folders. Without --base and --against two
    folders of runs are the two sides, and of a list of runs the first half is the base. At least 3
    runs on each side are needed.

    Exit status: 1 when a regression beyond the margin is proven, 4 when nothing can be said, 0
    otherwise.

    \b
    Examples:
      pgassay compare runs/old runs/new --margin 10%
      pgassay compare --base runs/old-* --against runs/new-* --json
    """
    from pgassay.comparison import Terms, judge, read

    first, second = _sides(runs, base, against)
    _check_apart(first, second)
    terms = Terms(margin, error_rate, percentiles, scenarios, operations)
    found = judge(read(first), read(second), terms)
    with unread_output_ignored():
        _show(found, form)
    click.get_current_context().exit(found.status)


def _sides(
    runs: Sequence[Path], base: Sequence[Path], against: Sequence[Path]
) -> tuple[Sequence[Path], Sequence[Path]]:
    """The two sides, as they were named."""
    if base and against and not runs:
        return base, against
    if base or against or not runs:
        raise UsageError(
            "the two sides are not clear",
            expected="two lists of runs",
            remedy="Name them with --base RUN... --against RUN..., or name runs alone.",
        )
    if len(runs) % 2:
        raise UsageError(
            f"{len(runs)} runs cannot be halved",
            expected="as many before as after",
            remedy="Name the sides with --base RUN... --against RUN...",
        )
    return runs[: len(runs) // 2], runs[len(runs) // 2 :]


def _check_apart(first: Sequence[Path], second: Sequence[Path]) -> None:
    shared = {place.resolve() for place in first} & {place.resolve() for place in second}
    for place in sorted(shared):
        raise UsageError("this run is on both sides", str(place), "different runs")


def _show(found: "Comparisons", form: str | None) -> None:
    from pgassay.comparison import document, lines, markdown

    if form == "json":
        click.echo(json.dumps(document(found), indent=2, ensure_ascii=False))
    elif form == "markdown":
        click.echo(markdown(found), nl=False)
    else:
        _table(found)
        for line in lines(found):
            click.echo(line)


def _table(found: "Comparisons") -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from pgassay.comparison import rendering

    if not found.rows:
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in rendering.HEADINGS:
        table.add_column(name, no_wrap=name != "verdict")
    for row, cells in zip(found.rows, rendering.table(found), strict=True):
        style = "red" if row.regression else ""
        table.add_row(*(Text(cell, style=style) for cell in cells))
    Console(width=None if sys.stdout.isatty() else _PIPE_WIDTH, highlight=False).print(table)
