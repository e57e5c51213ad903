"""Options of `pgassay serve` that make a server another than the documented one."""

import textwrap
from collections.abc import Sequence

import click

from pgassay.cli import output
from pgassay.errors import UsageError, nearest
from pgassay.reference import RateLimit, Readings


def rate_limit(
    context: click.Context, parameter: click.Parameter, value: str | None
) -> RateLimit | None:
    """Return the limit that `N/SECONDS` means; a usage error where the text is none."""
    if value is None:
        return None
    requests, _, seconds = value.partition("/")
    try:
        return RateLimit(int(requests), float(seconds))
    except ValueError:
        raise click.BadParameter(f"{value!r} is not N/SECONDS, such as 10/10.") from None


def readings(context: click.Context, parameter: click.Parameter, values: Sequence[str]) -> Readings:
    """Return the readings that `NAME=VALUE` choose; `UsageError` names those that there are."""
    try:
        return Readings.of(values)
    except LookupError as error:
        name = str(error.args[0])
        names = [reading.name for reading in Readings.known()]
        similar = nearest(name, names)
        raise UsageError(
            f"there is no reading {name!r}",
            "--reading",
            f"one of {', '.join(names)}",
            f"Did you mean {similar}?" if similar else "",
        ) from None
    except ValueError as error:
        raise UsageError("a reading has no such value", "--reading", str(error)) from None


def list_readings(context: click.Context, parameter: click.Parameter, wanted: bool) -> None:
    """Print every reading with its values, the default first, and end."""
    if not wanted:
        return
    with output.unread_output_ignored():
        for reading in Readings.known():
            click.echo(f"{reading.name}={'|'.join(reading.values)}")
            for line in (reading.about, f"Sources: {reading.source}."):
                click.echo(textwrap.fill(line, 96, initial_indent="    ", subsequent_indent="    "))
    context.exit()
