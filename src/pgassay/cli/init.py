"""`pgassay init`: write a commented target file to start from."""

from pathlib import Path

import click

from pgassay.errors import UsageError
from pgassay.target.model import Family
from pgassay.target.template import VARIABLES, template


@click.command("init", short_help="Write a commented target file.")
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path), default="pgassay.toml")
@click.option(
    "--family",
    "families",
    type=click.Choice([str(family) for family in Family]),
    multiple=True,
    help="Leave the other family out.",
)
@click.option("--force", is_flag=True, help="Overwrite a file that exists.")
def command(path: Path, families: tuple[str, ...], force: bool) -> None:
    """Write a commented target file to PATH (default: pgassay.toml)."""
    text = template(map(Family, families) if families else Family)
    try:
        with path.open("w" if force else "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise UsageError(
            "the file exists already", str(path), remedy="Use --force to overwrite it."
        ) from error
    except OSError as error:
        raise UsageError(f"the file cannot be written: {error.strerror}", str(path)) from error
    used = [name for name in VARIABLES if name in text]
    click.echo(
        f"Wrote {path}. Adapt it, set {', '.join(used)}, then: pgassay check --target {path}"
    )
