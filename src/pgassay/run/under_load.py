"""What the monitors saw under load, among the results: by the same rules as what checks see."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Self

from pgassay.catalogue import Catalogue
from pgassay.gaps import excused, gaps
from pgassay.results import Finding, RequirementResult, Results
from pgassay.run.assembly import conclude
from pgassay.run.evidence import record
from pgassay.run.judging import opened, waived
from pgassay.run.location import offending
from pgassay.run.severity import Severity
from pgassay.target.model import Target
from pgassay.traffic.watching import Deviation, Watched
from pgassay.verdict import Verdict, worst

#: Verdicts of requirements that nobody has judged yet.
_UNJUDGED: Final = frozenset({Verdict.DISABLED, Verdict.NOT_TESTABLE, Verdict.BLOCKED})


@dataclass(frozen=True, slots=True)
class Judge:
    """What decides how much a deviation weighs for one target."""

    catalogue: Catalogue
    target: Target
    severity: Severity
    excused: dict[str, str]
    today: date

    @classmethod
    def of(cls, catalogue: Catalogue, target: Target, today: date) -> Self:
        """Judge by the catalogue, the target's choices, and its waivers as of `today`."""
        choices = excused(target, gaps().values())
        return cls(catalogue, target, Severity(catalogue, target, choices), choices, today)


def with_watched(
    results: Results, watched: Watched, judge: Judge, requirements: Iterable[str] = ()
) -> Results:
    """Add what the monitors saw to `results`, and conclude anew.

    Requirements that were not among the results join them once an exchange was judged for them;
    where some `requirements` were chosen, only those do.
    """
    if not watched.requirements:
        return results
    chosen = frozenset(requirements)
    findings = list(results.findings)
    rows = {row.id: row for row in results.requirements}
    for identifier, count in watched.requirements.items():
        if (identifier in rows or not chosen or identifier in chosen) and count:
            row = rows.get(identifier) or opened(judge.catalogue.get(identifier))
            own = [each for each in watched.deviations if each.requirement == identifier]
            rows[identifier] = _partly(_judged(row, count, own, findings, judge), watched)
    judged = tuple(rows.values())
    return conclude(replace(results, requirements=judged, findings=tuple(findings)))


def _judged(
    row: RequirementResult,
    count: int,
    deviations: list[Deviation],
    findings: list[Finding],
    judge: Judge,
) -> RequirementResult:
    """Judge one requirement by `count` exchanges; its findings are appended to `findings`."""
    own = [_finding(each, judge) for each in deviations]
    numbers = range(len(findings), len(findings) + len(own))
    findings += own
    row = replace(
        row,
        observations=row.observations + count,
        findings=(*row.findings, *numbers),
        checks=tuple(dict.fromkeys((*row.checks, *(found.check for found in own)))),
    )
    if row.verdict in {Verdict.WAIVED, Verdict.NOT_APPLICABLE}:
        return row
    before = () if row.verdict in _UNJUDGED else (row.verdict,)
    verdict = worst([*before, *(found.verdict for found in own)] or [Verdict.PASS])
    note = row.note if before else ""
    if choice := judge.excused.get(row.id):
        verdict, note = Verdict.NOT_APPLICABLE, choice
    waiver = next((each for each in judge.target.waivers if each.requirement == row.id), None)
    if waiver is not None and not before:
        verdict, note = waived(verdict, waiver, judge.today)
    return replace(row, verdict=verdict, note=note)


def _partly(row: RequirementResult, watched: Watched) -> RequirementResult:
    """Say of a requirement that was kept where part of the load was not looked at."""
    if row.verdict is not Verdict.PASS or not watched.unjudged:
        return row
    told = (
        f"{watched.unjudged:,} of {watched.judged + watched.unjudged:,} exchanges of the load were "
        "not judged: there was no room, no time, or a change before them of unknown effect"
    )
    return replace(row, note="; ".join(filter(None, (row.note, told))))


def _finding(deviation: Deviation, judge: Judge) -> Finding:
    exchange = deviation.exchange
    return Finding(
        requirement=deviation.requirement,
        verdict=judge.severity.of(deviation.requirement, deviation.operation),
        check=deviation.check,
        title=deviation.title,
        expected=deviation.expected,
        actual=deviation.actual,
        operation=deviation.operation,
        count=deviation.count,
        exchanges=(record(exchange, judge.target),),
        place=offending(deviation.actual, deviation.title, exchange),
    )
