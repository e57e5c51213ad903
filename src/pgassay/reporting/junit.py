"""Render results as JUnit XML, the form that CI systems read.

One test case for each check, each service level objective, each capacity and each growth. What
makes the run red without belonging to one of them (a monitor's finding, a leak, nothing judged)
gets a test case of its own, so that a CI job that reads only this file is never green when the run
is not.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final
from xml.etree import ElementTree as ET

from pgassay.reporting import limits
from pgassay.reporting.excerpt import excerpt, legible, line
from pgassay.reporting.tally import headline
from pgassay.results import (
    CapacityResult,
    CheckResult,
    Finding,
    GrowthResult,
    RequirementResult,
    Results,
    SloResult,
)
from pgassay.verdict import ExitStatus, Verdict

_LONGEST: Final = 8000
_RED: Final = frozenset({"failure", "error"})


@dataclass(frozen=True, slots=True)
class _Case:
    """One test case: `outcome` is failure, error, skipped or empty."""

    suite: str
    classname: str
    name: str
    duration: float = 0.0
    outcome: str = ""
    message: str = ""
    detail: str = ""
    requirements: tuple[str, ...] = field(default=())


def render(results: Results) -> str:
    """Return the JUnit document; characters that XML cannot hold are written as escapes."""
    cases = list(_cases(results))
    suites: dict[str, list[_Case]] = {}
    for case in cases:
        suites.setdefault(case.suite, []).append(case)
    root = ET.Element("testsuites", {"name": "pgassay", **_figures(cases)})
    for name, members in suites.items():
        _suite(root, name, members, results)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=False) + "\n"


def _cases(results: Results) -> Iterator[_Case]:
    told = [*_checks(results)]
    told += [_slo(slo, scenario.family) for scenario in results.load for slo in scenario.slos]
    told += [_search(found) for found in results.capacity]
    told += [_search(found) for found in results.growth]
    told += _uncovered(results, told)
    yield from told
    if results.status is not ExitStatus.CONFORMS and not any(c.outcome in _RED for c in told):
        yield _run(results)


def _checks(results: Results) -> Iterator[_Case]:
    requirements = {result.id: result for result in results.requirements}
    for check in results.checks:
        own = [requirements[name] for name in check.requirements if name in requirements]
        findings = [finding for finding in results.findings if finding.check == check.id]
        folder, _, name = check.id.rpartition("::")
        yield _Case(
            suite=f"{check.family or 'pgassay'}.{check.kind}",
            classname=folder.removesuffix(".py").replace("/", ".") or check.kind,
            name=name,
            duration=check.duration,
            outcome=_outcome(check, own, findings),
            message=_message(check, findings),
            detail="\n\n".join([check.title, *map(_described, findings)]),
            requirements=check.requirements,
        )


def _outcome(
    check: CheckResult, requirements: Iterable[RequirementResult], findings: Iterable[Finding]
) -> str:
    """Choose the element; a waiver on the requirement excuses the check that failed."""
    if check.verdict is Verdict.ERROR:
        return "error"
    if check.verdict is Verdict.FAIL:
        blamed = {finding.requirement for finding in findings if finding.verdict is Verdict.FAIL}
        judged = [r for r in requirements if r.id in blamed] or list(requirements)
        waived = judged and all(result.verdict is Verdict.WAIVED for result in judged)
        return "" if waived else "failure"
    if check.verdict.open:
        red = any(result.level == "MUST" and result.verdict.open for result in requirements)
        return "error" if red else "skipped"
    return "skipped" if not check.verdict.judged else ""


def _message(check: CheckResult, findings: list[Finding]) -> str:
    own = [finding for finding in findings if finding.verdict is check.verdict]
    if own:
        return f"{own[0].requirement}: {own[0].title}"
    return f"{check.verdict}: {check.note or check.title}"


def _slo(slo: SloResult, family: str) -> _Case:
    # The objective may be a latency or a share of errors; it carries the unit.
    seen = f"{slo.objective}; value {slo.value}, 95 % interval {slo.lower} to {slo.upper}"
    return _Case(
        suite=f"{family}.slo",
        classname=f"load.{family}.{slo.scenario}",
        name=f"{slo.id} ({slo.operation}: {slo.objective})",
        outcome=_measured(slo.verdict),
        message=f"{slo.verdict}: {slo.note or seen}",
        detail=f"{seen}, {slo.samples} samples\n{slo.note}".strip(),
    )


def _measured(verdict: Verdict) -> str:
    """The outcome of a case that rests on measurements."""
    if verdict in {Verdict.FAIL, Verdict.PASS}:
        return "failure" if verdict is Verdict.FAIL else ""
    return "error" if verdict.open or verdict is Verdict.ERROR else "skipped"


def _search(found: CapacityResult | GrowthResult) -> _Case:
    """What was searched for: a capacity, or the growth of one operation."""
    if isinstance(found, CapacityResult):
        subject, told = f"capacity of {found.scenario}", limits.told(found)
    else:
        subject = f"growth of {found.operation}"
        told = f"grows as {limits.law(found.law)}, allowed is {limits.law(found.allowed)}"
    return _Case(
        suite=f"{found.family}.limits",
        classname=f"load.{found.family}.limits",
        name=subject,
        outcome=_measured(found.verdict),
        message=f"{found.verdict}: {found.note or told}",
        detail=f"{told}\n{found.note}".strip(),
    )


def _uncovered(results: Results, told: Iterable[_Case]) -> list[_Case]:
    """Return the failed requirements that no red test case names."""
    named = {name for case in told if case.outcome in _RED for name in case.requirements}
    return [
        _Case(
            suite=f"{row.family}.requirement",
            classname=f"requirements.{row.family}",
            name=row.id,
            outcome="failure" if row.verdict is Verdict.FAIL else "error",
            message=f"{row.id}: {row.note or row.statement}",
            detail="\n\n".join(
                [row.statement, *(_described(results.findings[at]) for at in row.findings)]
            ),
            requirements=(row.id,),
        )
        for row in results.requirements
        if row.verdict in {Verdict.FAIL, Verdict.ERROR} and row.id not in named
    ]


def _run(results: Results) -> _Case:
    head = headline(results)
    outcome = "failure" if results.status is ExitStatus.FAILED else "error"
    left = [f"{item.kind} {item.subject}: {item.reason}" for item in results.cleanup.left]
    detail = "\n".join([head.sentence, *left, results.cleanup.command]).strip()
    return _Case("pgassay.run", "run", "exit status", results.run.duration, outcome,
                 f"{head.title} (exit status {results.exit_status})", detail)  # fmt: skip


def _described(finding: Finding) -> str:
    last = finding.exchanges[-1].curl if finding.exchanges else ""
    parts = [
        f"{finding.verdict} {finding.requirement}: {finding.title}",
        f"operation: {finding.operation}" if finding.operation else "",
        f"expected: {finding.expected}",
        f"actual: {finding.actual}",
        f"at: {finding.place}" if finding.place else "",
        *(f"step {number}: {step}" for number, step in enumerate(finding.steps, 1)),
        f"seen {finding.count} times" if finding.count > 1 else "",
        f"repeat: {last}" if last else "",
    ]
    return "\n".join(part for part in parts if part)


def _suite(root: ET.Element, name: str, cases: list[_Case], results: Results) -> None:
    run = results.run
    timestamp = run.started.split("+")[0].removesuffix("Z")
    stated = {"name": legible(name), "timestamp": legible(timestamp), **_figures(cases)}
    suite = ET.SubElement(root, "testsuite", stated)
    properties = ET.SubElement(suite, "properties")
    told = {"run": run.id, "target": results.target.name, "seed": str(run.seed),
            "profile": run.profile, "pgassay": run.pgassay}  # fmt: skip
    for key, value in told.items():
        ET.SubElement(properties, "property", name=key, value=line(value))
    for case in cases:
        _testcase(suite, case)


def _testcase(suite: ET.Element, case: _Case) -> None:
    node = ET.SubElement(
        suite,
        "testcase",
        classname=line(case.classname),
        name=line(case.name),
        time=f"{case.duration:.3f}",
    )
    if case.requirements:
        properties = ET.SubElement(node, "properties")
        for identifier in case.requirements:
            ET.SubElement(properties, "property", name="requirement", value=line(identifier))
    detail = excerpt(legible(case.detail), _LONGEST)
    if case.outcome:
        ET.SubElement(node, case.outcome, message=line(case.message)).text = detail
    elif not case.message.startswith(Verdict.PASS):
        ET.SubElement(node, "system-out").text = f"{line(case.message)}\n\n{detail}"


def _figures(cases: Iterable[_Case]) -> dict[str, str]:
    own = list(cases)
    kinds = Counter(case.outcome for case in own)
    return {
        "tests": str(len(own)),
        "failures": str(kinds["failure"]),
        "errors": str(kinds["error"]),
        "skipped": str(kinds["skipped"]),
        "time": f"{sum(case.duration for case in own):.3f}",
    }
