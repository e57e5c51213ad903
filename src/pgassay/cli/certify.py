"""`pgassay certify`: everything that can be judged, in one run."""

import click

from pgassay.cli.examination import conclude, examination
from pgassay.cli.measurement import measure
from pgassay.cli.options import Selection, examination_options
from pgassay.run import examine
from pgassay.run.assembly import with_load
from pgassay.verdict import ExitStatus

#: After these the load would measure nothing that could change the outcome.
_POINTLESS = frozenset({ExitStatus.SUITE_BROKE, ExitStatus.LEFT_BEHIND})


@click.command("certify", short_help="Judge everything, under load too.")
@examination_options("checks", profile="full")
def command(selection: Selection) -> None:
    """Judge a target against all requirements, under load too, and write the reports."""
    with examination(selection) as run:
        results = examine(run.target, run.options, run.display)
        if not results.run.interrupted and results.status not in _POINTLESS:
            # Short: `pgassay load --profile full` measures for as long as figures need.
            scenarios = measure(run, selection, profile="smoke", nonce=results.run.nonce)
            results = with_load(results, scenarios)
    conclude(results, run.options.output)
