"""`pgassay load`: measure a target under load and judge its service level objectives."""

from dataclasses import replace
from datetime import UTC, datetime

import click
from click.core import ParameterSource

from pgassay.catalogue import Catalogue
from pgassay.cli.calibrate import calibration_option
from pgassay.cli.examination import conclude, examination
from pgassay.cli.measurement import measure, search, unjudged, with_measured
from pgassay.cli.options import Selection, examination_options
from pgassay.cli.sampling import write_samples
from pgassay.traffic import Watched


@click.command("load", short_help="Measure a target under load.")
@calibration_option
@examination_options("common", "load", profile="quick")
def command(selection: Selection) -> None:
    """Measure a target under load and judge its service level objectives."""
    started = datetime.now(UTC)
    selection = _as_planned(selection)
    with examination(selection) as run:
        results = unjudged(run, Catalogue.load(), started)
        watched = Watched()
        parts = [measure(run, selection, watched=watched)]
        if not parts[0].interrupted:
            parts.append(search(run, selection, watched))
        results = with_measured(results, run, started, watched, *parts)
    write_samples(run.options.output, selection.samples)
    conclude(results, run.options.output)


def _as_planned(selection: Selection) -> Selection:
    """What the plan says of seed and families holds where the command line says nothing."""
    if not selection.load_plan:
        return selection
    from pgassay.traffic import plan_file

    plan = plan_file.read(selection.load_plan)
    source = click.get_current_context().get_parameter_source("seed")
    given = source is not ParameterSource.DEFAULT
    return replace(
        selection,
        seed=selection.seed if given or plan.seed is None else plan.seed,
        families=selection.families or plan.families,
    )
