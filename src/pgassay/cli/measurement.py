"""The load half of a command: what is measured, and results that hold nothing else yet."""

import platform
import secrets
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from pgassay import __version__, traffic
from pgassay.catalogue import Catalogue, Plane, Requirement
from pgassay.cli.examination import Examination
from pgassay.cli.options import Selection
from pgassay.cli.sampling import check_samples
from pgassay.cli.watching import announce_page, live_view
from pgassay.errors import UsageError
from pgassay.results import RequirementResult, Results, RunInfo, TargetInfo
from pgassay.run.assembly import with_limits, with_load
from pgassay.run.under_load import Judge, with_watched
from pgassay.specification import specification
from pgassay.traffic import Found
from pgassay.verdict import Verdict

#: The plan that each profile stands for.
_PLANS: Final = {"quick": "smoke", "full": "standard"}


def measure(
    run: Examination,
    selection: Selection,
    *,
    plan: str = "",
    nonce: str = "",
    watched: traffic.Watched | None = None,
) -> Found:
    """Run the chosen load scenarios; their files go to the run's folder.

    `plan` replaces the one that the selection's profile stands for; `nonce` is that of the run
    which the load is part of. What the monitors saw is added to `watched`.
    """
    options, folder = _options(run, selection, plan, nonce), run.options.output
    options.check()
    check_samples(selection.samples)
    if selection.web:
        announce_page(selection.web)
    with live_view(folder, run.display.load):
        return traffic.examine(
            run.target, options, folder, run.display.stage, run.options.target_file, watched
        )


def search(run: Examination, selection: Selection, watched: traffic.Watched | None = None) -> Found:
    """Carry out the searches of the chosen plan, for capacity and growth; few have some."""
    options, folder = _options(run, selection), run.options.output
    with live_view(folder, run.display.load):
        return traffic.find_limits(
            run.target, options, folder, run.display.stage, run.options.target_file, watched
        )


def _options(
    run: Examination, selection: Selection, plan: str = "", nonce: str = ""
) -> traffic.LoadOptions:
    return traffic.LoadOptions(
        families=run.options.families,
        scenarios=selection.scenarios,
        seed=selection.seed,
        rate=selection.rate,
        duration=selection.duration,
        plan=selection.load_plan or plan or _PLANS[selection.profile],
        slo=selection.slo,
        nonce=nonce,
        fail_fast=selection.fail_fast,
        # Those of `certify` share its checks.
        workers=selection.workers if selection.name == "load" else 1,
        listen=selection.listen,
        **({"patience": selection.wait} if selection.wait else {}),
        web=selection.web,
    )


def unjudged(run: Examination, catalogue: Catalogue, started: datetime) -> Results:
    """Return results with the chosen requirements about load, none of which is judged yet.

    Raises `UsageError` where the chosen requirements are all judged by checks.
    """
    wanted = run.options.requirements
    rows = [
        row
        for row in catalogue.select(run.target.families)
        if row.plane is Plane.LOAD and (not wanted or row.id in wanted)
    ]
    if not rows:
        raise UsageError(
            "load judges none of these requirements",
            where=" ".join(f"--requirement {identifier}" for identifier in wanted),
            remedy="`pgassay check` judges them.",
        )
    return Results(
        run=_run_info(run, started),
        target=TargetInfo(
            run.target.name,
            run.target.base_url,
            tuple(map(str, run.target.families)),
            run.target.embedded,
            dict(run.target.features),
        ),
        verdict=Verdict.NOT_TESTABLE,
        exit_status=0,
        counts={},
        requirements=tuple(_open(row) for row in rows),
        checks=(),
        findings=(),
    )


def with_measured(
    results: Results,
    run: Examination,
    started: datetime,
    watched: traffic.Watched,
    *parts: Found,
) -> Results:
    """Return the results of a run, which `started` then and is over now, with what load showed.

    That is what the `parts` of the load half found out, and what the monitors saw in them.
    """
    found = Found.joined(parts)
    interrupted = results.run.interrupted or found.interrupted
    # First: it bears on the exit status.
    results = replace(results, run=replace(results.run, interrupted=interrupted))
    results = with_load(results, found.load, run.options, found.trials)
    if found.capacity or found.growth:
        results = with_limits(results, found.capacity, found.growth)
    judge = Judge.of(Catalogue.load(), run.target, started.date())
    results = with_watched(results, watched, judge, run.options.requirements)
    finished = datetime.now(UTC)
    duration = (finished - started).total_seconds()
    over = replace(results.run, finished=finished.isoformat(timespec="seconds"), duration=duration)
    return replace(results, run=over)


def _open(row: Requirement) -> RequirementResult:
    return RequirementResult(
        id=row.id,
        family=row.family,
        level=row.level,
        basis=row.basis,
        plane=row.plane,
        feature=row.feature or "",
        statement=row.statement,
        source=row.source,
        verdict=Verdict.NOT_TESTABLE,
        note="no scenario judged it in this run",
    )


def _run_info(run: Examination, started: datetime) -> RunInfo:
    finished = datetime.now(UTC)
    return RunInfo(
        id=run.options.output.name,
        nonce=secrets.token_hex(4),
        started=started.isoformat(timespec="seconds"),
        finished=finished.isoformat(timespec="seconds"),
        duration=(finished - started).total_seconds(),
        seed=run.options.seed,
        profile=run.options.profile,
        command=run.options.command,
        pgassay=__version__,
        python=platform.python_version(),
        specification=specification().sha256,
    )
