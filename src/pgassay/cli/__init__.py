"""The command line: one group, whose commands are imported when they are used.

The exit status of every command is an `ExitStatus` (`pgassay.verdict`). Errors that a user can
do something about are one message on stderr; anything else is a defect of the suite, and leaves
a crash file.
"""

import signal
from collections.abc import Mapping
from importlib import import_module
from typing import Any, Final, NoReturn

import click

from pgassay import __version__
from pgassay.cli import output
from pgassay.errors import PgassayError, nearest

#: Command -> its line in the help. Each lives in `pgassay.cli.NAME` (`_` for `-`) as `command`;
#: importing them all would make `pgassay --help` wait for libraries that it does not need.
COMMANDS: Final[Mapping[str, str]] = {
    "check": "Judge a target against the requirements.",
    "certify": "Judge everything, under load too, and fail on what stays open.",
    "load": "Measure a target under load and judge its service level objectives.",
    "load-worker": "Apply a share of the load that a master leads.",
    "serve": "Run the reference server.",
    "mutants": "Prove that the checks can fail.",
    "init": "Write a commented target file.",
    "requirements": "List and explain what targets are held to.",
    "gaps": "List and explain what the documents leave open.",
    "spec": "Compare the OpenAPI document with another.",
    "falsify": "Break the evidence of a green run and see who notices.",
    "compare": "Tell whether repeated runs of load became slower.",
    "report": "Render the reports of a run again.",
    "sweep": "Remove what a run left behind.",
}

#: Commands that are done when nobody reads what they print; all others have more to say.
_PRINTING: Final = frozenset({"gaps", "init", "report", "requirements", "spec"})
#: Exit status of a run that was interrupted, as of one that stayed inconclusive.
_INTERRUPTED: Final = 4
_SUITE_BROKE: Final = 3


class LazyGroup(click.Group):
    """A group that imports a command when it is named, and turns errors into messages."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command `cmd_name`; None when there is none."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"pgassay.cli.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or name the most similar one."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            similar = nearest(name, COMMANDS)
            hint = f" Did you mean {similar!r}?" if similar else ""
            ctx.fail(f"There is no command {name!r}.{hint}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a `PgassayError` becomes its message and its exit status."""
        try:
            return super().invoke(ctx)
        except PgassayError as error:
            click.echo(f"pgassay: {error}", err=True)
            ctx.exit(error.exit_code)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except (BrokenPipeError, SystemExit) as error:
            # rich answers a closed pipe with SystemExit(1), which would read as a failure.
            if ctx.invoked_subcommand not in _PRINTING:
                _crashed(ctx, error)
            output.discard()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a defect of the suite
            _crashed(ctx, error)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="pgassay", message="%(prog)s %(version)s")
def command() -> None:
    """Examine managed-PostgreSQL control planes: do they conform, how fast are they?

    Without a target file, `check`, `load` and `certify` examine the reference server, which they
    start themselves. Exit status: 0 conforms, 1 fails, 2 usage or configuration, 3 the suite broke,
    4 inconclusive or interrupted, 5 resources were left behind.
    """


def main(arguments: list[str] | None = None) -> int:
    """Run a command line (default: that of the process) and return its exit status."""
    # A cancelled CI job must clean up as an interrupted one does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        status = command.main(arguments, prog_name="pgassay", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("pgassay: interrupted; what was judged until then is incomplete.", err=True)
        return _INTERRUPTED
    return status if isinstance(status, int) else 0


def _crashed(ctx: click.Context, error: BaseException) -> NoReturn:
    from pgassay.cli import crash  # defects are rare, and --help must not wait for it

    path = crash.write(error, ctx.find_object(crash.Vault))
    click.echo(
        f"pgassay: the suite itself broke ({type(error).__name__}); nothing was found out about "
        f"the target. Please report it with the file {path}.",
        err=True,
    )
    ctx.exit(_SUITE_BROKE)
