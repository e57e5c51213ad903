"""`pgassay certify`: everything that can be judged, in one run."""

from datetime import UTC, datetime

import click

from pgassay.catalogue import Plane
from pgassay.cli.examination import announce, conclude, examination
from pgassay.cli.measurement import measure, with_measured
from pgassay.cli.options import Selection, examination_options
from pgassay.results import Results
from pgassay.run import examine
from pgassay.traffic import Watched
from pgassay.verdict import ExitStatus

#: After these the load would measure nothing that could change the outcome.
_POINTLESS = frozenset({ExitStatus.SUITE_BROKE, ExitStatus.LEFT_BEHIND})


@click.command("certify", short_help="Judge everything, under load too.")
@examination_options("common", "checks", profile="full")
def command(selection: Selection) -> None:
    """Judge a target against all requirements, under load too, and write the reports."""
    if selection.plan:
        announce(selection)
        return
    started = datetime.now(UTC)
    with examination(selection) as run:
        results = examine(run.target, run.options, run.display)
        if _load_can_tell_more(results, selection):
            # Short: `pgassay load --profile full` measures for as long as figures need.
            watched = Watched()
            nonce = results.run.nonce
            found = measure(run, selection, plan="smoke", nonce=nonce, watched=watched)
            results = with_measured(results, run, started, watched, found)
    conclude(results, run.options.output)


def _load_can_tell_more(results: Results, selection: Selection) -> bool:
    if results.run.interrupted or results.status in _POINTLESS:
        return False
    if selection.fail_fast and results.status is ExitStatus.FAILED:
        return False
    chosen = any(row.plane == Plane.LOAD for row in results.requirements)
    return chosen or not selection.requirements
