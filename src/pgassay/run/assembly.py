"""Put a session's findings together as results."""

import math
import platform
import shlex
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from pgassay import __version__
from pgassay.results import (
    CapacityResult,
    Cleanup,
    GrowthResult,
    LoadScenario,
    OperationTraffic,
    RequirementResult,
    ResourceRecord,
    Results,
    RunInfo,
    StatementResult,
    TargetInfo,
)
from pgassay.run.judging import Judging
from pgassay.run.options import RunOptions
from pgassay.run.session import Session
from pgassay.statements import witnessed
from pgassay.verdict import ExitStatus, Verdict, exit_status, worst

#: The requirements that load scenarios judge.
JUDGES = (
    "CH-LOAD-LEDGER",
    "CH-LOAD-NO-5XX",
    "CH-LOAD-SLO",
    "DB-LOAD-LEDGER",
    "DB-LOAD-NO-5XX",
    "DB-LOAD-SLO",
)


def assemble(session: Session, left: tuple[ResourceRecord, ...]) -> Results:
    """Judge a finished (or interrupted) session."""
    judging = Judging(session)
    requirements = judging.requirements()
    cleanup = _cleanup(session, left)
    results = Results(
        run=_run_info(session),
        target=_target_info(session),
        verdict=Verdict.PASS,
        exit_status=0,
        counts={},
        requirements=requirements,
        checks=tuple(judging.checks),
        findings=tuple(judging.findings),
        traffic=tuple(_traffic(session)),
        durations=(*session.durations,),
        gaps=tuple(session.gaps.results(_families(session))),
        statements=_statements(session, requirements),
        cleanup=cleanup,
        requests=session.client.requests,
        note="the target stopped answering" if session.dead else "",
    )
    return conclude(results)


def conclude(results: Results) -> Results:
    """Derive counts, overall verdict and exit status from the requirements' verdicts.

    What nobody can test through the API is shown, and decides nothing.
    """
    judged = [result for result in results.requirements if result.testable]
    verdicts = [result.verdict for result in judged]
    verdicts += [check.verdict for check in results.checks if check.verdict is Verdict.ERROR]
    must = [result.verdict for result in judged if result.level == "MUST"]
    left = len(results.cleanup.left)
    status = exit_status(verdicts, must, left_behind=left)
    if results.run.interrupted and status is not ExitStatus.FAILED:
        status = ExitStatus.INCONCLUSIVE
    return replace(
        results,
        verdict=_overall(status, verdicts),
        exit_status=int(status),
        counts=_counts(results.requirements),
    )


def with_load(
    results: Results,
    load: tuple[LoadScenario, ...],
    options: RunOptions | None = None,
    trials: tuple[LoadScenario, ...] = (),
) -> Results:
    """Add load scenarios, judge the requirements of the load plane by them, conclude anew.

    With the `options` of the run, what the load left behind comes with the command to remove it.
    `trials` of a search count in what was sent and cleaned up, and are not judged.
    """
    rows = tuple(_under_load(row, load) for row in results.requirements)
    before, sent = results.cleanup, (*load, *trials)
    left = (*before.left, *(each for scenario in sent for each in scenario.left))
    cleanup = Cleanup(
        before.created + sum(scenario.created for scenario in sent),
        before.removed + sum(scenario.removed for scenario in sent),
        left,
        before.command or (_sweep(options) if options and left else ""),
    )
    requests = results.requests + sum(int(each.generator.get("requests", 0)) for each in sent)
    return conclude(
        replace(results, requirements=rows, load=load, cleanup=cleanup, requests=requests)
    )


def with_limits(
    results: Results, capacity: tuple[CapacityResult, ...], growth: tuple[GrowthResult, ...]
) -> Results:
    """Add what was searched for; it counts with the objectives of its family. Conclude anew."""
    rows = tuple(_with_searches(row, (*capacity, *growth)) for row in results.requirements)
    return conclude(replace(results, requirements=rows, capacity=capacity, growth=growth))


def _with_searches(
    row: RequirementResult, searches: Sequence[CapacityResult | GrowthResult]
) -> RequirementResult:
    mine = [found for found in searches if row.id.startswith(_PREFIX[found.family])]
    if row.plane != "load" or not row.id.endswith("-SLO") or not mine:
        return row
    verdicts = [found.verdict for found in mine]
    verdicts += [] if row.verdict is Verdict.NOT_TESTABLE else [row.verdict]
    notes = [row.note] if row.checks else []
    notes += [found.note for found in mine if found.note and found.verdict is not Verdict.PASS]
    kinds = {"capacity" if isinstance(found, CapacityResult) else "growth" for found in mine}
    checks = (*row.checks, *(f"load {mine[0].family} {kind}" for kind in sorted(kinds)))
    # A machine that is too noisy is so for each operation: that is said once.
    told = dict.fromkeys(part for note in notes for part in note.split("; ") if part)
    return replace(row, verdict=worst(verdicts), note="; ".join(told), checks=checks)


def _under_load(row: RequirementResult, load: tuple[LoadScenario, ...]) -> RequirementResult:
    mine = [
        scenario
        for scenario in load
        if row.id.startswith(_PREFIX[scenario.family])
        and scenario.verdict is not Verdict.NOT_TESTABLE
    ]
    if row.plane != "load" or not mine:
        return row
    if row.id.endswith("-SLO"):
        verdicts = [slo.verdict for scenario in mine for slo in scenario.slos]
        note = "; ".join(scenario.note for scenario in mine if scenario.note)
    elif row.id.endswith("-LEDGER"):
        found = [finding for scenario in mine for finding in scenario.ledger]
        verdicts = [Verdict.FAIL if found else Verdict.PASS]
        note = "; ".join(f"{each.kind}: {each.subject} {each.text}" for each in found[:5])
    else:
        errors = sum(_server_errors(scenario) for scenario in mine)
        verdicts = [Verdict.WARN if errors else Verdict.PASS]
        note = f"{errors} requests were answered with 5xx or not at all" if errors else ""
    broken = [
        f"{scenario.scenario}: {scenario.note}" for scenario in mine if not _applied(scenario)
    ]
    if broken and Verdict.FAIL not in verdicts:
        # What was not asked contradicts nothing: that is no proof.
        verdicts, note = [*verdicts, Verdict.INCONCLUSIVE], "; ".join(broken)
    checks = tuple(f"load {scenario.family} {scenario.scenario}" for scenario in mine)
    return replace(row, verdict=worst(verdicts), note=note, checks=checks)


_PREFIX = {"clickhouse": "CH-", "dbaas": "DB-"}


def _applied(scenario: LoadScenario) -> bool:
    """Tell whether a load was applied, and to its end."""
    broken = scenario.verdict is Verdict.ERROR or scenario.interrupted
    return not broken and bool(scenario.sent)


def _server_errors(scenario: LoadScenario) -> int:
    total = 0
    for operation in scenario.operations:
        total += sum(n for status, n in operation.statuses.items() if status.startswith("5"))
        total += operation.unfinished
    return total


def _overall(status: ExitStatus, verdicts: list[Verdict]) -> Verdict:
    match status:
        case ExitStatus.SUITE_BROKE:
            return Verdict.ERROR
        case ExitStatus.FAILED:
            return Verdict.FAIL
        case ExitStatus.INCONCLUSIVE:
            return Verdict.INCONCLUSIVE
        case _:
            return Verdict.WARN if Verdict.WARN in verdicts else Verdict.PASS


def _counts(requirements: Iterable[RequirementResult]) -> dict[str, dict[str, int]]:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for result in requirements:
        counts[str(result.level)][str(result.verdict)] += 1
    return {level: dict(counter) for level, counter in counts.items()}


def _traffic(session: Session) -> Iterable[OperationTraffic]:
    families = {
        operation.id: str(operation.family) for operation in session.specification.operations
    }
    for name, statuses in sorted(session.tally.statuses.items()):
        durations = sorted(session.tally.durations[name])
        yield OperationTraffic(
            operation=name,
            family=families.get(name, ""),
            requests=len(durations),
            statuses=dict(statuses),
            p50=_quantile(durations, 0.5),
            p95=_quantile(durations, 0.95),
            maximum=durations[-1],
        )


def _quantile(ordered: list[float], share: float) -> float:
    """The nearest-rank quantile of sorted values: an observed value, never an interpolated one."""
    return ordered[max(math.ceil(share * len(ordered)) - 1, 0)]


def _run_info(session: Session) -> RunInfo:
    finished = datetime.now(UTC)
    return RunInfo(
        id=session.options.output.name,
        nonce=session.nonce,
        started=session.started.isoformat(timespec="seconds"),
        finished=finished.isoformat(timespec="seconds"),
        duration=(finished - session.started).total_seconds(),
        seed=session.options.seed,
        profile=session.options.profile,
        command=session.options.command,
        pgassay=__version__,
        python=platform.python_version(),
        specification=session.specification.sha256,
        interrupted=session.interrupted,
    )


def _statements(
    session: Session, requirements: tuple[RequirementResult, ...]
) -> tuple[StatementResult, ...]:
    claimed = session.target.features.get("data_plane", False)
    if not claimed or not any(row.feature == "data_plane" for row in requirements):
        return ()
    return tuple(witnessed(_families(session), requirements))


def _families(session: Session) -> tuple[str, ...]:
    return tuple(map(str, session.options.families or session.target.families))


def _target_info(session: Session) -> TargetInfo:
    target = session.target
    return TargetInfo(
        target.name,
        target.base_url,
        _families(session),
        target.embedded,
        dict(target.features),
    )


def _cleanup(session: Session, left: tuple[ResourceRecord, ...]) -> Cleanup:
    ownership = session.client.ownership
    command = _sweep(session.options) if left else ""
    return Cleanup(ownership.created, ownership.removed, left, command)


def _sweep(options: RunOptions) -> str:
    """The command that removes what a run left behind."""
    option = f" --target {shlex.quote(str(options.target_file))}" if options.target_file else ""
    return f"pgassay sweep {shlex.quote(str(options.output))}{option}"
