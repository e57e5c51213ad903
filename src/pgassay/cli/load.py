"""`pgassay load`: measure a target under load and judge its service level objectives."""

from datetime import UTC, datetime

import click

from pgassay.catalogue import Catalogue
from pgassay.cli.calibrate import calibration_option
from pgassay.cli.examination import conclude, examination
from pgassay.cli.measurement import measure, unjudged
from pgassay.cli.options import Selection, examination_options
from pgassay.run.assembly import with_load


@click.command("load", short_help="Measure a target under load.")
@calibration_option
@examination_options("checks", "load", profile="quick")
def command(selection: Selection) -> None:
    """Measure a target under load and judge its service level objectives."""
    started = datetime.now(UTC)
    catalogue = Catalogue.load()
    with examination(selection) as run:
        results = unjudged(run, catalogue, started)
        results = with_load(results, measure(run, selection))
    conclude(results, run.options.output)
