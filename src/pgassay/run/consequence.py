"""One defect, one failure: a requirement that only follows another one into failure is blocked.

A defect often breaks several requirements with one answer: the rule that was not enforced, the
schema of the answer, the rule that a refusal changes nothing. Who reads a report needs the first
alone; the others stay in it as BLOCKED, with their findings, and are judged once the first holds.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pgassay.results import Finding, RequirementResult
from pgassay.verdict import Verdict

#: What differs from one answer to the same fault to the next: identifiers, numbers, quoted values.
_CHANGING: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|\d+|'[^']*'")
_CAUSES: Final = frozenset({Verdict.FAIL, Verdict.WAIVED})
_EFFECTS: Final = frozenset({Verdict.FAIL, Verdict.WARN})


@dataclass(frozen=True, slots=True)
class _Row:
    """A violated requirement with what it rests on."""

    result: RequirementResult
    findings: tuple[Finding, ...]
    general: bool

    @property
    def order(self) -> tuple[int, bool]:
        """Causes come first: what explains more answers, then what says more exactly what."""
        return (-len({_decisive(found) for found in self.findings}), self.general)


def without_consequences(
    results: Sequence[RequirementResult], findings: Sequence[Finding], general: Collection[str]
) -> tuple[RequirementResult, ...]:
    """Return `results` with those blocked that follow from another one's failure.

    A requirement follows from another when each of its findings rests on an answer that the other
    one's findings rest on too, and either both say the same of it, or the requirement is one of
    `general`, which many defects break besides what they are about. All 5xx answers of one
    operation that read alike are one answer. What follows from a waived failure is waived as well.
    """
    causes: list[_Row] = []
    changed: dict[str, RequirementResult] = {}
    for row in sorted(_rows(results, findings, general), key=lambda row: row.order):
        cause = next((other for other in causes if _follows(row, other)), None)
        if cause is not None and row.result.verdict in _EFFECTS:
            changed[row.result.id] = _blocked(row.result, cause.result)
        elif row.result.verdict in _CAUSES:
            causes.append(row)
    return tuple(changed.get(result.id, result) for result in results)


def _rows(
    results: Sequence[RequirementResult], findings: Sequence[Finding], general: Collection[str]
) -> Iterator[_Row]:
    for result in results:
        found = tuple(findings[at] for at in result.findings)
        if result.verdict in _CAUSES | _EFFECTS and found:
            yield _Row(result, found, result.id in general)


def _follows(row: _Row, cause: _Row) -> bool:
    return all(
        any(_explains(theirs, cause, found, row) for theirs in cause.findings)
        for found in row.findings
    )


def _explains(theirs: Finding, cause: _Row, found: Finding, row: _Row) -> bool:
    if _decisive(theirs) is None or _decisive(found) is None:
        return False
    if _crash(found) is not None and _crash(found) == _crash(theirs):
        return True
    if _decisive(theirs) != _decisive(found):
        return False
    said_alike = (theirs.check, theirs.title) == (found.check, found.title)
    return row.general or (said_alike and not cause.general)


def _decisive(finding: Finding) -> int | None:
    return finding.exchanges[-1].sequence if finding.exchanges else None


def _crash(finding: Finding) -> tuple[str, str, int, str] | None:
    last = finding.exchanges[-1]
    if last.status < 500:
        return None
    place, answer = (_CHANGING.sub("?", text) for text in (last.url, last.answer_body))
    return last.method, place, last.status, answer


def _blocked(result: RequirementResult, cause: RequirementResult) -> RequirementResult:
    verdict = Verdict.WAIVED if cause.verdict is Verdict.WAIVED else Verdict.BLOCKED
    return replace(result, verdict=verdict, note=f"follows from {cause.id}: the same answers")
