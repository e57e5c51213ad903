"""`pgassay mutants`: faulty servers, and whether the suite finds their faults."""

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pgassay.cli.number import Share, Workers
from pgassay.cli.output import unread_output_ignored
from pgassay.errors import UsageError, nearest
from pgassay.mutants import DERIVED, MUTANTS, Mutant

if TYPE_CHECKING:
    # Their import takes pytest and the checks' vocabulary along, which only `run` needs.
    from pgassay.assessment import Assessment
    from pgassay.assessment.matrix import KillMatrix


@click.group("mutants", short_help="Prove that the checks can fail.")
def command() -> None:
    """List faulty variants of the reference server, and prove that checks find their faults."""


@command.command("list", short_help="List all mutants.")
def list_mutants() -> None:
    """List all mutants: what those written by hand violate, by which rule others are derived."""
    mutants = [*MUTANTS.values(), *DERIVED.values()]
    width = max(len(mutant.name) for mutant in mutants)
    with unread_output_ignored():
        for mutant in mutants:
            click.echo(f"{mutant.name:{width}}  {', '.join(mutant.breaks) or mutant.rule}")
    click.echo(f"{len(MUTANTS)} mutants by hand, {len(DERIVED)} derived by rule", err=True)


@command.command("show", short_help="Explain one mutant.")
@click.argument("name")
def show(name: str) -> None:
    """Explain the mutant NAME and how to try it by hand."""
    mutant = find_mutant(name)
    click.echo(f"{mutant.name}\n{textwrap.fill(mutant.description, 100)}")
    if mutant.rule:
        click.echo(f"derived by rule: {mutant.rule}")
        click.echo(f"touches: {', '.join(mutant.operations) or 'every operation'}")
    else:
        click.echo(f"violates: {', '.join(mutant.breaks)}")
    databases = " --data-plane postgres" if mutant.plane else ""
    served = f"pgassay serve --mutant {mutant.name}{databases} --write-target mutant.toml"
    click.echo(f"serve it: {served}")
    names = (f" --requirement {each}" for each in (*mutant.breaks, *mutant.shown_by))
    click.echo(f"judge it: pgassay check --target mutant.toml{''.join(names)}")


@command.command("run", short_help="See whether the suite finds the faults.")
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option(
    "-j",
    "--jobs",
    type=Workers(),
    default="1",
    show_default=True,
    help="How many processes share the mutants; auto takes one for each core.",
)
@click.option(
    "--matrix",
    "whole",
    is_flag=True,
    help="Go on after the first kill: find every check that kills each mutant.",
)
@click.option(
    "--share",
    type=Share(),
    default="1/1",
    show_default=True,
    help="Of the derived mutants take every Nth only, from the Kth on; 0 takes none.",
)
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for kill-matrix.json, kill-matrix.md and kill-matrix.html.",
)
def run(
    names: tuple[str, ...], jobs: int, whole: bool, share: tuple[int, int], output: Path | None
) -> None:
    """Examine each mutant (all without NAME), by what it violates or by where its fault is.

    Prints for each whether it was killed and by which check. The exit status is 1 if one written by
    hand survives, if fewer than 98 % of the derived ones are killed, if no argument is known for
    a survivor, or if a survivor that is argued for was killed.
    """
    from pgassay.cli import trials

    mutants = [find_mutant(name) for name in names] or list(_chosen(share))
    width = max(len(mutant.name) for mutant in mutants)
    fates: list[Assessment] = []
    for fate in trials.held(mutants, jobs, whole=whole):
        fates.append(fate)
        _say(f"{fate.name:{width}}  {_line(fate)}")
    matrix = trials.matrix(mutants, fates, whole=whole)
    if matrix.complete:
        matrix = _pursued(matrix, jobs)
    if output is not None:
        for path in trials.write(matrix, output):
            _say(str(path))
    _conclude(matrix)


def _pursued(matrix: "KillMatrix", jobs: int) -> "KillMatrix":
    """Give each check that has killed none yet mutants of its own to meet, one by one."""
    from pgassay.cli import trials

    kills: dict[str, str] = {}
    open_ = [check for check in matrix.idle_checks if check not in matrix.idle]
    for check, mutant in trials.sought(open_, jobs):
        _say(f"{check}  {mutant or 'kills none'}")
        if mutant:
            kills[check] = mutant
    return matrix.with_kills(kills)


def find_mutant(name: str) -> Mutant:
    """Return the mutant of that name; raises `UsageError`, which names the most similar one."""
    found = MUTANTS.get(name) or DERIVED.get(name)
    if found is None:
        similar = nearest(name, [*MUTANTS, *DERIVED])
        raise UsageError(
            f"there is no mutant {name!r}",
            remedy=f"Did you mean {similar}?" if similar else "`pgassay mutants list` lists them.",
        )
    return found


def _chosen(share: tuple[int, int]) -> Iterator[Mutant]:
    """Yield the mutants; without those that need databases where there are no programs for them."""
    from pgassay.cli.trial import programs

    yield from (each for each in MUTANTS.values() if programs() or each.plane is None)
    left_out = [each for each in MUTANTS.values() if each.plane and not programs()]
    if left_out:
        click.echo(f"{len(left_out)} mutants left out: they need pgassay[postgres]", err=True)
    number, of = share
    yield from list(DERIVED.values())[number % of :: of] if of else ()


def _line(fate: "Assessment") -> str:
    reasons: Sequence[str] = [f"unnoticed: {identifier}" for identifier in fate.unnoticed]
    reasons = [*reasons, *_first(fate.killers.values())]
    return f"{'killed' if fate.killed else 'SURVIVED':8}  {fate.duration:5.1f} s  " + ", ".join(
        reasons
    )


def _first(killers: Iterable[tuple[str, ...]]) -> Iterable[str]:
    return dict.fromkeys(checks[0] for checks in killers if checks)


def _say(line: str) -> None:
    """Print a line; the run goes on, and keeps its exit status, where nobody reads it."""
    with unread_output_ignored():
        click.echo(line)


def _conclude(matrix: "KillMatrix") -> None:
    for line in matrix.summary:
        _say(line)
    for objection in matrix.objections:
        click.echo(f"pgassay: {objection}", err=True)
    click.get_current_context().exit(1 if matrix.objections else 0)
