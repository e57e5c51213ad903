"""`pgassay spec diff`: hold the shipped OpenAPI document against another one."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from pgassay._folders import folder
from pgassay.difference import Arguments, Difference, Document, Verdicts, compare
from pgassay.target.model import Family

_FAMILY = "x-pgassay-family"


@click.group("spec", short_help="Compare the OpenAPI document with another.")
def command() -> None:
    """Look at the OpenAPI document that targets are held to."""


@command.command("diff")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--family",
    "families",
    type=click.Choice([str(family) for family in Family]),
    multiple=True,
    help="Compare this family; may be repeated. Default: those that share an operation with FILE.",
)
@click.option(
    "--arguments",
    type=click.Path(path_type=Path),
    help="Another file of arguments than the shipped spec/differences.toml.",
)
@click.option("--all", "everything", is_flag=True, help="List the argued differences as well.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
@click.pass_context
def diff(
    ctx: click.Context,
    file: Path,
    families: tuple[str, ...],
    arguments: Path | None,
    everything: bool,
    as_json: bool,
) -> None:
    """Compare the shipped OpenAPI document with FILE, an OpenAPI 3 document in JSON or YAML.

    Lists operations, parameters, fields, requiredness, values of enumerations and limits that
    differ. Exit status: 0 when every difference has its argument, 1 when others are left, 2 when
    FILE cannot be read.
    """
    shipped, theirs = folder("spec"), Document.read(file)
    ours = Document.read(shipped / "openapi.yaml")
    compared = families or _shared(ours, theirs)
    differences = compare(ours, theirs, lambda each: each.definition[_FAMILY] in compared)
    argued = Arguments.read(arguments or shipped / "differences.toml")
    if argued.family not in compared:
        argued = Arguments(argued.family, ())
    verdicts = argued.judge(differences)
    if as_json:
        click.echo(json.dumps(_as_object(verdicts, compared), indent=2, ensure_ascii=False))
    else:
        _print(verdicts, everything)
    ctx.exit(1 if verdicts.others else 0)


def _shared(ours: Document, theirs: Document) -> tuple[str, ...]:
    """Return the families that both documents have an operation of, or all if there is none."""
    known = theirs.operations()
    mine = ours.operations()
    found = {each.definition[_FAMILY] for key, each in mine.items() if key in known}
    return tuple(sorted(found)) or tuple(str(family) for family in Family)


def _print(verdicts: Verdicts, everything: bool) -> None:
    for difference in verdicts.others:
        click.echo(_line(difference))
    if everything:
        for difference, argument in verdicts.argued:
            click.echo(f"argued: {_line(difference)}\n    {argument.reason}")
    for argument in verdicts.stale:
        click.echo(f"stale argument: {argument.key}\n    It is about no difference any more.")
    counts = (len(verdicts.others), len(verdicts.argued), len(verdicts.stale))
    click.echo("{} differences, {} argued ones, {} stale arguments".format(*counts))


def _line(difference: Difference) -> str:
    if difference.kind == "differs":
        return f"differs: {difference.key}: {difference.ours} / {difference.theirs}"
    said = difference.ours or difference.theirs
    return f"{difference.kind}: {difference.key}" + ("" if said == "yes" else f": {said}")


def _as_object(verdicts: Verdicts, families: Iterable[str]) -> dict[str, Any]:
    return {
        "families": list(families),
        "differences": [_difference(each) for each in verdicts.others],
        "argued": [
            {**_difference(each), "argument": argument.key, "reason": argument.reason}
            for each, argument in verdicts.argued
        ],
        "stale": [asdict(argument) for argument in verdicts.stale],
    }


def _difference(difference: Difference) -> dict[str, Any]:
    return {"kind": difference.kind, **asdict(difference)}
