"""`pgassay serve`: the reference server in the foreground."""

import os
import signal
import sys
import threading
from pathlib import Path

import click

from pgassay.cli import data_plane, variant
from pgassay.cli.mutants import find_mutant
from pgassay.cli.number import FiniteRange
from pgassay.cli.tenants import reference_credentials, reference_target
from pgassay.errors import ConfigurationError, PgassayError, UsageError
from pgassay.reference import (
    Behaviour,
    RateLimit,
    Readings,
    Settings,
    SystemClock,
    create_app,
    serve,
)
from pgassay.target.model import Target
from pgassay.target.writing import write_target


@click.command("serve", short_help="Run the reference server.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8765,
    show_default=True,
    help="Port to listen on; 0 takes a free one.",
)
@click.option(
    "--state",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File that keeps the store and its credentials; without it nothing outlives the server.",
)
@click.option(
    "--time-scale",
    type=FiniteRange(0, 1000),
    default=0.001,
    show_default=True,
    help="Factor for the documented durations; 1 is their real pace.",
)
@click.option(
    "--write-target",
    "target_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a target file for this server, and its secrets beside it.",
)
@click.option(
    "--control-token",
    envvar="PGASSAY_REFERENCE_CONTROL_TOKEN",
    help="Open /_control to requests that carry this text in X-Control-Token.",
)
@click.option(
    "--quota",
    type=click.IntRange(min=0),
    help="Postgres services that a ClickHouse organization may have; without it very many.",
)
@click.option(
    "--rate-limit",
    callback=variant.rate_limit,
    is_flag=False,
    flag_value="10/10",
    metavar="[N/SECONDS]",
    help="Answer 429 to a ClickHouse key beyond N requests in SECONDS, 10/10 where not given.",
)
@click.option(
    "--reading",
    "readings",
    callback=variant.readings,
    multiple=True,
    metavar="NAME=VALUE",
    help="Read one of the documents' contradictions in another way; repeatable.",
)
@click.option(
    "--list-readings",
    callback=variant.list_readings,
    is_flag=True,
    expose_value=False,
    is_eager=True,
    help="List the names and values for --reading, the defaults first.",
)
@data_plane.options
@click.option("--mutant", metavar="NAME", help="Serve a faulty variant (`pgassay mutants list`).")
@click.option(
    "--exit-with-parent",
    is_flag=True,
    hidden=True,
    expose_value=False,
    callback=lambda _context, _parameter, wanted: _watch_parent() if wanted else None,
)
def command(
    host: str,
    port: int,
    state: Path | None,
    time_scale: float,
    target_file: Path | None,
    control_token: str | None,
    quota: int | None,
    rate_limit: RateLimit | None,
    readings: Readings,
    data_plane_kind: str,
    postgres_bin: Path | None,
    data_dir: Path | None,
    mutant: str | None,
) -> None:
    """Run the reference server of both API families until it is interrupted.

    Its URL is printed when it answers. Credentials are drawn at random for each store;
    PGASSAY_REFERENCE_KEY_ID, PGASSAY_REFERENCE_KEY_SECRET and PGASSAY_REFERENCE_TOKEN replace the
    main ones.
    """
    faulty = find_mutant(mutant) if mutant else None
    if faulty and readings != Readings():
        raise UsageError("a mutant has readings of its own", "--reading", "--mutant or --reading")
    wish = data_plane.Wish(data_plane_kind, postgres_bin, data_dir, state)
    wish.check(faulty)
    credentials = reference_credentials(state, os.environ)
    settings = Settings(
        credentials, time_scale, state, control_token, quota=quota, rate_limit=rate_limit
    )
    settings = faulty.settings(settings) if faulty else settings

    failures: list[PgassayError] = []

    def announce(url: str) -> None:
        try:
            target = reference_target(settings, url, readings)
            _announce(data_plane.described(target, behaviour, plane), target_file)
        except PgassayError as error:
            # Raised from here it would break the server's start; so it ends in order.
            failures.append(error)
            os.kill(os.getpid(), signal.SIGTERM)

    try:
        rules = faulty.behaviour if faulty else Behaviour.of(readings)
        with data_plane.running(wish, rules) as (plane, behaviour):
            build = faulty.app if faulty else create_app
            app = build(settings, SystemClock(), behaviour=behaviour, plane=plane)
            serve(settings, host, port, announce, app=app)
    except OSError as error:
        raise ConfigurationError(
            f"the server cannot start: {error.strerror or error}",
            remedy="Choose another --port, --host or --state.",
        ) from error
    if failures:
        raise failures[0]


def _announce(target: Target, target_file: Path | None) -> None:
    if target_file is not None:
        write_target(target, target_file)
    else:
        _hint()
    click.echo(target.base_url)
    sys.stdout.flush()


def _hint() -> None:
    click.echo(
        "pgassay: the credentials of this server are in no file; --write-target FILE writes a "
        "target file that `pgassay check --target FILE` reads.",
        err=True,
    )


def _watch_parent() -> None:
    threading.Thread(target=_follow_parent, name="parent-watch", daemon=True).start()


def _follow_parent() -> None:
    """Stop the server when standard input ends: the parent that held it open is gone."""
    while sys.stdin.buffer.read(4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
