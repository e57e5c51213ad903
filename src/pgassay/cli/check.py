"""`pgassay check`: judge a target against the requirements."""

import click

from pgassay.cli.examination import announce, conclude, examination
from pgassay.cli.options import Selection, examination_options
from pgassay.run import examine


@click.command("check", short_help="Judge a target against the requirements.")
@examination_options("common", "checks", profile="quick")
def command(selection: Selection) -> None:
    """Judge a target against the requirements and write the reports of the run."""
    if selection.plan:
        announce(selection)
        return
    with examination(selection) as run:
        results = examine(run.target, run.options, run.display)
    conclude(results, run.options.output)
