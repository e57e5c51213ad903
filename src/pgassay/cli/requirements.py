"""`pgassay requirements`: list the catalogue, explain one row, show what no check judges."""

import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pgassay.catalogue import Catalogue, Requirement
from pgassay.coverage import CheckLocation, checks_by_requirement, uncovered

Checks = Mapping[str, tuple[CheckLocation, ...]]

# A pipe has no width of its own: wide enough that a row with the longest statement stays one line.
_PIPE_WIDTH = 340


@click.command("requirements", short_help="List and explain what targets are held to.")
@click.argument("identifier", metavar="[ID]", required=False)
@click.option("--family", type=click.Choice(["clickhouse", "dbaas"]), help="One family only.")
@click.option("--coverage", is_flag=True, help="Only those that no check judges, without a reason.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
def command(identifier: str | None, family: str | None, coverage: bool, as_json: bool) -> None:
    """List the requirements, or explain the one with the given ID.

    Rows whose violation is a failure (MUST, quoted) are shown in bold.
    """
    catalogue = Catalogue.load()
    if identifier is not None:
        _explain(catalogue.get(identifier), checks_by_requirement(), as_json)
        return
    checks = checks_by_requirement()
    rows = uncovered(catalogue, checks) if coverage else catalogue
    chosen = [row for row in rows if family is None or row.concerns((family,))]
    if as_json:
        _print_json([_as_object(row, checks) for row in chosen])
    else:
        _list(chosen, checks)


def _list(rows: Iterable[Requirement], checks: Checks) -> None:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("requirement", "level", "basis", "plane", "feature"):
        table.add_column(name, no_wrap=True)
    table.add_column("checks", justify="right")
    table.add_column("statement")
    for row in rows:
        table.add_row(*_cells(row, checks), style="bold" if row.may_fail else None)
    console = _console()
    console.print(table)
    console.print(f"{table.row_count} requirements", style="dim")


def _cells(row: Requirement, checks: Checks) -> tuple[str | Text, ...]:
    count = "-" if row.untestable else str(len(checks.get(row.id, ())))
    feature = row.feature or ""
    return (row.id, row.level, row.basis, row.plane, feature, count, Text(row.statement))


def _explain(row: Requirement, checks: Checks, as_json: bool) -> None:
    if as_json:
        _print_json(_as_object(row, checks))
        return
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in _details(row, checks):
        grid.add_row(name, Text(value))
    _console().print(Text(row.id, style="bold"), Text(row.statement), grid, sep="\n")


def _details(row: Requirement, checks: Checks) -> Iterable[tuple[str, str]]:
    yield "level", f"{row.level}, {row.basis}: a violation is {_consequence(row)}"
    yield "plane", row.plane
    yield "feature", row.feature or "core"
    yield "family", row.family
    yield "source", "\n".join(row.source.split("; "))
    if row.note:
        yield "note", row.note
    if row.untestable:
        yield "untestable", row.untestable
    yield "checks", "\n".join(map(str, checks.get(row.id, ()))) or "none"


def _consequence(row: Requirement) -> str:
    if row.may_fail:
        return "a FAIL"
    return "a WARN" if row.level != "MAY" else "only reported"


def _as_object(row: Requirement, checks: Checks) -> dict[str, Any]:
    found = [asdict(location) for location in checks.get(row.id, ())]
    return {**asdict(row), "may_fail": row.may_fail, "checks": found}


def _print_json(value: object) -> None:
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def _console() -> Console:
    return Console(width=None if sys.stdout.isatty() else _PIPE_WIDTH, highlight=False)
