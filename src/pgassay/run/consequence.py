"""One defect, one failure: a requirement that only follows another one into failure is blocked.

A defect often breaks several requirements with one answer: the rule that was not enforced, the
schema of the answer, the rule that a refusal changes nothing. Who reads a report needs the first
alone; the others stay in it as BLOCKED, with their findings, and are judged once the first holds.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pgassay.results import Finding, RequirementResult
from pgassay.verdict import Verdict

_IDENTIFIER: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_CAUSES: Final = frozenset({Verdict.FAIL, Verdict.WAIVED})
_EFFECTS: Final = frozenset({Verdict.FAIL, Verdict.WARN})


@dataclass(frozen=True, slots=True)
class _Row:
    """A violated requirement with what it rests on."""

    result: RequirementResult
    findings: tuple[Finding, ...]
    general: bool
    #: How many of its findings come from checks that are mainly about it.
    main: int

    @property
    def order(self) -> tuple[bool, int, int]:
        """Causes come first: what says exactly what is wrong, then what explains more answers."""
        answers = {_decisive(found) for found in self.findings}
        return (self.general and not self.crashes, -len(answers), -self.main)

    @property
    def crashes(self) -> bool:
        """Tell whether it is about nothing but 5xx answers."""
        return all(_crash(found) is not None for found in self.findings)


def without_consequences(
    results: Sequence[RequirementResult],
    findings: Sequence[Finding],
    general: Collection[str],
    main: Mapping[str, str],
) -> tuple[RequirementResult, ...]:
    """Return `results` with those blocked that follow from the failure of others.

    A requirement follows from others when each of its findings rests on an answer that a finding of
    theirs rests on too, and either both say the same of it, or the requirement is one of `general`,
    which many defects break besides what they are about. All 5xx answers of one operation are one
    answer. What follows from a waived failure is waived as well. `main` maps each check to the
    requirement that it is mainly about.
    """
    causes: list[_Row] = []
    changed: dict[str, RequirementResult] = {}
    for row in sorted(_rows(results, findings, general, main), key=lambda row: row.order):
        explained = [_causes(found, row, causes) for found in row.findings]
        if row.result.verdict in _EFFECTS and all(explained):
            changed[row.result.id] = _blocked(row.result, [found[0] for found in explained])
        elif row.result.verdict in _CAUSES:
            causes.append(row)
    return tuple(changed.get(result.id, result) for result in results)


def _rows(
    results: Sequence[RequirementResult],
    findings: Sequence[Finding],
    general: Collection[str],
    main: Mapping[str, str],
) -> Iterator[_Row]:
    for result in results:
        found = tuple(findings[at] for at in result.findings)
        if result.verdict in _CAUSES | _EFFECTS and found:
            mainly = sum(main.get(item.check) == result.id for item in found)
            yield _Row(result, found, result.id in general, mainly)


def _causes(found: Finding, row: _Row, causes: Sequence[_Row]) -> list[_Row]:
    return [
        cause
        for cause in causes
        if any(_explains(theirs, cause, found, row) for theirs in cause.findings)
    ]


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


def _crash(finding: Finding) -> tuple[str, str] | None:
    last = finding.exchanges[-1] if finding.exchanges else None
    if last is None or last.status < 500:
        return None
    return last.method, _IDENTIFIER.sub("?", last.url.partition("?")[0])


def _blocked(result: RequirementResult, causes: Sequence[_Row]) -> RequirementResult:
    waived = all(cause.result.verdict is Verdict.WAIVED for cause in causes)
    verdict = Verdict.WAIVED if waived else Verdict.BLOCKED
    names = ", ".join(dict.fromkeys(cause.result.id for cause in causes))
    return replace(result, verdict=verdict, note=f"follows from {names}: the same answers")
