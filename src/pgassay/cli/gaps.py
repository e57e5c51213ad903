"""`pgassay gaps`: list the points that the documents leave open, explain one."""

import json
import sys
from collections.abc import Iterable
from dataclasses import asdict

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pgassay.errors import UsageError, nearest
from pgassay.gaps.catalogue import Gap, gaps

# A pipe has no width of its own: wide enough that a row stays one line.
_PIPE_WIDTH = 260


@click.command("gaps", short_help="List and explain what the documents leave open.")
@click.argument("identifier", metavar="[ID]", required=False)
@click.option("--family", type=click.Choice(["clickhouse", "dbaas"]), help="One family only.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
def command(identifier: str | None, family: str | None, as_json: bool) -> None:
    """List the points on which the documents are silent or contradict each other, or explain one.

    Reports show which way a target went; no verdict depends on it.
    """
    chosen = [_named(identifier)] if identifier else list(gaps().values())
    chosen = [gap for gap in chosen if family in {None, gap.family}]
    if as_json:
        click.echo(json.dumps([asdict(gap) for gap in chosen], indent=2, ensure_ascii=False))
    elif identifier:
        _explain(chosen)
    else:
        _list(chosen)


def _named(identifier: str) -> Gap:
    if identifier in gaps():
        return gaps()[identifier]
    similar = nearest(identifier, gaps())
    remedy = f"Did you mean {similar}?" if similar else "`pgassay gaps` lists them all."
    raise UsageError(f"there is no gap {identifier!r}", remedy=remedy)


def _list(chosen: Iterable[Gap]) -> None:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("gap", "switch"):
        table.add_column(name, no_wrap=True)
    table.add_column("question")
    for gap in chosen:
        table.add_row(gap.id, gap.switch, Text(gap.question))
    console = _console()
    console.print(table)
    console.print(f"{table.row_count} gaps", style="dim")


def _explain(chosen: Iterable[Gap]) -> None:
    for gap in chosen:
        grid = Table.grid(padding=(0, 2))
        grid.add_column(style="dim", no_wrap=True)
        grid.add_column(overflow="fold")
        for branch in gap.branches:
            unsupported = "" if branch.documented else " No document says so."
            grid.add_row(branch.name, Text(f"{branch.about}{unsupported}"))
        for name, value in _details(gap).items():
            if value:
                grid.add_row(name, Text(value))
        _console().print(Text(gap.id, style="bold"), Text(gap.question), grid, sep="\n")


def _details(gap: Gap) -> dict[str, str]:
    excuses = (f"{value}: {', '.join(names)}" for value, names in gap.excuses.items())
    return {
        "sources": "\n".join(gap.sources),
        "switch": gap.switch,
        "excuses": "\n".join(excuses),
        "requirement": gap.requirement,
        "unobservable": gap.unobservable,
    }


def _console() -> Console:
    return Console(width=None if sys.stdout.isatty() else _PIPE_WIDTH, highlight=False)
