"""From what checks and monitors saw to the verdict on each requirement."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from pgassay.catalogue import Catalogue, Plane, Requirement
from pgassay.deviation import Deviation
from pgassay.exchange import Exchange
from pgassay.monitors import Observed
from pgassay.results import CheckResult, ExchangeRecord, Finding, RequirementResult
from pgassay.run.consequence import without_consequences
from pgassay.run.evidence import record
from pgassay.run.location import offending
from pgassay.run.outcome import Outcome
from pgassay.run.session import Checked, Session
from pgassay.target.model import Waiver
from pgassay.verdict import Verdict, worst


@dataclass(slots=True)
class _Case:
    """What was gathered for one requirement."""

    verdicts: list[Verdict] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    checks: list[str] = field(default_factory=list)
    findings: list[int] = field(default_factory=list)
    #: Checks that another requirement's failure ended early; they count if no other check judged.
    eclipsed: list[str] = field(default_factory=list)
    #: Checks that the limits left nothing to be created for; they count if no other check judged.
    unaffordable: list[str] = field(default_factory=list)


class Judging:
    """Gather the findings of a session and judge every selected requirement."""

    def __init__(self, session: Session) -> None:
        """Judge what `session` gathered."""
        self._session = session
        self._cases: dict[str, _Case] = defaultdict(_Case)
        self.findings: list[Finding] = []
        self.checks: list[CheckResult] = []

    def requirements(self) -> tuple[RequirementResult, ...]:
        """Judge; `findings` and `checks` are complete afterwards."""
        for checked in self._session.checked:
            self._take_check(checked)
        for observed in self._session.watch.found:
            self._take_observation(observed)
        general = {row.id for row in self._session.catalogue if row.general}
        judged = [self._judge(row) for row in self._selected()]
        main = {check.id: check.requirements[0] for check in self.checks if check.requirements}
        return without_consequences(judged, self.findings, general, main)

    def severity(self, identifier: str, operation: str = "") -> Verdict:
        """FAIL only for what a source states as a MUST, else WARN; a MAY is only noted."""
        return Verdict.FAIL if self._session.may_fail(identifier, operation) else Verdict.WARN

    def _selected(self) -> Iterator[Requirement]:
        options, target = self._session.options, self._session.target
        families = [str(family) for family in options.families or target.families]
        for row in self._session.catalogue.select(families):
            if not options.requirements or row.id in options.requirements:
                yield row

    def _take_check(self, checked: Checked) -> None:
        result, outcome = checked.result, checked.outcome
        self.checks.append(result)
        if outcome.unaffordable:
            for identifier in result.requirements:
                self._cases[identifier].unaffordable.append(f"{result.id}: {result.note}")
            return
        if not outcome.deviations:
            for identifier in result.requirements:
                self._add(identifier, result.id, outcome.verdict, result.note)
            return
        blamed: dict[str, None] = {}
        for deviation in outcome.deviations:
            for identifier in blamed_by(deviation, checked, self._session.catalogue):
                blamed[identifier] = None
                self._cases[identifier].findings.append(len(self.findings))
                self.findings.append(self._finding(identifier, checked, deviation))
                self._add(identifier, result.id, self.severity(identifier), "")
        self._take_others(result, outcome, blamed)

    def _take_others(self, result: CheckResult, outcome: Outcome, blamed: Collection[str]) -> None:
        """Judge what the check is bound to besides what it deviated from."""
        for identifier in set(result.requirements) - set(blamed):
            if outcome.complete:
                self._add(identifier, result.id, Verdict.PASS, "")
            elif outcome.verdict is Verdict.BLOCKED:
                self._add(identifier, result.id, Verdict.BLOCKED, result.note)
            else:
                note = f"not judged by {result.id}: {', '.join(blamed)} failed there first"
                self._cases[identifier].eclipsed.append(note)

    def _finding(self, identifier: str, checked: Checked, deviation: Deviation) -> Finding:
        text = self._session.vault.text
        decisive = deviation.exchange or checked.outcome.evidence
        return Finding(
            requirement=identifier,
            verdict=self.severity(identifier),
            check=checked.result.id,
            title=text(deviation.title),
            expected=text(deviation.expected),
            actual=text(deviation.actual),
            exchanges=_evidence(self._session, checked, deviation.exchange),
            place=offending(deviation.actual, deviation.title, decisive),
            steps=tuple(map(text, deviation.steps)),
        )

    def _take_observation(self, observed: Observed) -> None:
        judgement = observed.judgement
        self._cases[judgement.requirement].findings.append(len(self.findings))
        severity = self.severity(judgement.requirement, observed.operation)
        self.findings.append(
            Finding(
                requirement=judgement.requirement,
                verdict=severity,
                check=observed.exchange.check,
                title=judgement.title,
                expected=judgement.expected,
                actual=judgement.actual,
                operation=observed.operation,
                count=observed.count,
                exchanges=(record(observed.exchange, self._session.target),),
                place=offending(judgement.actual, judgement.title, observed.exchange),
            )
        )
        self._add(judgement.requirement, observed.exchange.check, severity, "")

    def _add(self, identifier: str, check: str, verdict: Verdict, note: str) -> None:
        case = self._cases[identifier]
        case.verdicts.append(verdict)
        if check not in case.checks:
            case.checks.append(check)
        if note and note not in case.notes:
            case.notes.append(note)

    def _judge(self, row: Requirement) -> RequirementResult:
        case = self._cases[row.id]
        observations = self._session.watch.judged[row.id]
        verdicts = list(case.verdicts)
        if case.eclipsed and not verdicts:
            verdicts, case.notes = [Verdict.BLOCKED], case.eclipsed
        if observations and not verdicts:
            verdicts.append(Verdict.PASS)
        if case.unaffordable:
            verdicts = verdicts or [Verdict.NOT_TESTABLE]
            case.notes.append(f"not run: {'; '.join(case.unaffordable[:3])}")
        verdict, note = self._unjudged(row) if not verdicts else (worst(verdicts), "")
        if choice := self._session.excused.get(row.id):
            verdict, note = Verdict.NOT_APPLICABLE, choice
        waiver = next((w for w in self._session.target.waivers if w.requirement == row.id), None)
        if waiver is not None:
            verdict, note = waived(verdict, waiver, self._session.started.date())
        return replace(
            opened(row),
            verdict=verdict,
            note=note or "; ".join(case.notes[:3]),
            checks=tuple(case.checks),
            findings=tuple(case.findings),
            observations=observations,
        )

    def _unjudged(self, row: Requirement) -> tuple[Verdict, str]:
        options = self._session.options
        if row.feature and not self._session.target.features.get(row.feature, False):
            note = f"the target does not claim the feature {row.feature}"
            return Verdict.NOT_APPLICABLE, note
        if row.untestable:
            return Verdict.NOT_TESTABLE, row.untestable
        if row.plane is Plane.LOAD:
            return Verdict.DISABLED, "judged by `pgassay load` and `pgassay certify`"
        if options.profile == "quick":
            return Verdict.DISABLED, "not part of the quick profile"
        return Verdict.NOT_TESTABLE, "no check judged it in this run"


def opened(row: Requirement) -> RequirementResult:
    """Return the result of a requirement that nothing was judged for yet."""
    return RequirementResult(
        id=row.id,
        family=row.family,
        level=str(row.level),
        basis=str(row.basis),
        plane=str(row.plane),
        feature=row.feature or "",
        statement=row.statement,
        source=row.source,
        verdict=Verdict.NOT_TESTABLE,
        testable=row.untestable is None,
    )


def blamed_by(deviation: Deviation, checked: Checked, catalogue: Catalogue) -> tuple[str, ...]:
    """Return the requirements that are violated where a check deviated."""
    if deviation.requirement and deviation.requirement in catalogue:
        return (deviation.requirement,)
    if checked.outcome.verdict is Verdict.BLOCKED:
        return ()
    return checked.result.requirements


def waived(verdict: Verdict, waiver: Waiver, today: date) -> tuple[Verdict, str]:
    """Apply a waiver: it excuses until it expires, and it must not outlive its reason."""
    terms = f"{waiver.reason} (owner {waiver.owner}, expires {waiver.expires})"
    if waiver.expires < today:
        return worst([verdict, Verdict.FAIL]), f"the waiver has expired: {terms}"
    if verdict is Verdict.PASS:
        return Verdict.FAIL, f"stale waiver, the requirement holds; remove it: {terms}"
    if verdict in {Verdict.FAIL, Verdict.WARN} or verdict.open:
        return Verdict.WAIVED, terms
    return verdict, terms


def _evidence(
    session: Session, checked: Checked, named: Exchange | None
) -> tuple[ExchangeRecord, ...]:
    decisive = named or checked.outcome.evidence
    trail = [exchange for exchange in checked.trail if exchange.check == checked.result.id]
    if decisive is not None:
        trail = [exchange for exchange in trail if exchange.sequence < decisive.sequence]
        trail.append(session.vault.exchange(decisive))
    return tuple(record(exchange, session.target) for exchange in trail[-4:])
