"""Render results as a Markdown summary for the job page of a CI system.

Job pages refuse long summaries (GitHub: 1 MiB a step, comments 65 536 characters), so this one
stays below 60 000 bytes and says what it left out.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from pgassay.reporting import choices, load_markdown, witnesses
from pgassay.reporting.quoting import block, code, escape
from pgassay.reporting.spans import Span, spans
from pgassay.reporting.tally import Tally, count, headline, overall, pace, tallies
from pgassay.reporting.units import seconds
from pgassay.results import Finding, GapResult, RequirementResult, Results
from pgassay.verdict import Verdict

LONGEST: Final = 60_000
_SHARE: Final = 36_000  # of all failures together
_LINES: Final = 40
_MARKS: Final = {
    Verdict.PASS: "✅",
    Verdict.WARN: "⚠️",
    Verdict.FAIL: "❌",
    Verdict.ERROR: "💥",
    Verdict.INCONCLUSIVE: "❓",
}


def render(results: Results) -> str:
    """Return the summary: what matters most comes first, because the end may not fit."""
    head = headline(results)
    parts = [f"# {_MARKS.get(head.tone, '❓')} {escape(results.target.name)}: {head.title}"]
    parts += [escape(head.sentence), _examined(results), _counts(results), *_left(results)]
    parts += _failures(results)
    parts += load_markdown.render(results)
    unjudged = results.of_verdict(*(verdict for verdict in Verdict if verdict.open))
    could_have_been = (row for row in unjudged if row.testable)
    parts += _listed("Could not be judged", map(_reason, could_have_been))
    warned = results.of_verdict(Verdict.WARN)
    parts += _listed("Warnings", (_warning(row, results) for row in warned))
    parts += _listed("Waived", map(_reason, results.of_verdict(Verdict.WAIVED)))
    parts += _listed("How long things took", map(_span, spans(results)))
    parts += _choices(results)
    parts += _witnesses(results)
    return "\n\n".join(_fitting(parts)) + "\n"


def _fitting(parts: Iterable[str]) -> Iterator[str]:
    end = "There is more: see `report.html`."
    room = LONGEST - len(end) - 2
    for part in parts:
        room -= len(part.encode()) + 2
        if room < 0:
            yield end
            return
        yield part


def _examined(results: Results) -> str:
    run, target = results.run, results.target
    facts = [
        f"Target {code(target.base_url)}",
        f"families {escape(', '.join(target.families))}",
        f"profile {escape(run.profile)}",
        f"seed {run.seed}",
        pace(results),
        f"started {escape(run.started)}",
        f"exit status {results.exit_status}",
        f"repeat with {code(results.run.command)}",
    ]
    return " · ".join(facts)


def _counts(results: Results) -> str:
    header = "| level | passed / judged / all | failed | warned | waived | not judged | left out |"
    rows = [_row(tally) for tally in [*tallies(results), overall(results)]]
    return "\n".join([header, "|:--|--:|--:|--:|--:|--:|--:|", *rows])


def _row(tally: Tally) -> str:
    cells = [
        escape(tally.level),
        f"{tally.passed} / {tally.judged} / {tally.total}",
        *(str(tally.of(v)) for v in (Verdict.FAIL, Verdict.WARN, Verdict.WAIVED)),
        str(tally.open),
        str(tally.left_out),
    ]
    return f"| {' | '.join(cells)} |"


def _failures(results: Results) -> Iterator[str]:
    failed = list(results.of_verdict(Verdict.FAIL, Verdict.ERROR))
    if not failed:
        return
    yield f"## Failures ({len(failed)} of {overall(results).judged} judged)"
    room = _SHARE
    for shown, row in enumerate(failed):
        text = _failure(row, results)
        room -= len(text.encode())
        if room < 0:
            yield f"{count(len(failed) - shown, 'more failure')}: see `report.html`."
            return
        yield text


def _failure(row: RequirementResult, results: Results) -> str:
    title = f"### {escape(row.id)} ({row.level}, {escape(row.family)})"
    parts = [title, escape(row.statement, 600), f"Source: {escape(row.source)}"]
    if row.note:
        parts.append(escape(row.note, 600))
    parts += [_finding(results.findings[at]) for at in row.findings[:3]]
    if len(row.findings) > 3:
        parts.append(f"{count(len(row.findings) - 3, 'more finding')}: see `report.html`.")
    return "\n\n".join(parts)


def _finding(finding: Finding) -> str:
    where = f" in {code(finding.operation)}" if finding.operation else ""
    often = f", seen {finding.count:,} times" if finding.count > 1 else ""
    lines = [
        f"**{escape(finding.title) or 'untitled'}**{where}{often}",
        f"- expected: {code(finding.expected, 500)}\n- actual: {code(finding.actual, 500)}",
    ]
    if finding.steps:
        steps = (f"{number}. {code(step)}" for number, step in enumerate(finding.steps, 1))
        lines.append("\n".join(["Steps:\n", *steps]))
    if finding.exchanges:
        lines.append(block(finding.exchanges[-1].curl))
    return "\n\n".join(lines)


def _warning(row: RequirementResult, results: Results) -> str:
    title = results.findings[row.findings[0]].title if row.findings else row.note or row.statement
    return f"- {code(row.id)} {escape(title)}"


def _reason(row: RequirementResult) -> str:
    return f"- {code(row.id)} {row.level} {row.verdict}: {escape(row.note or 'no reason is known')}"


def _listed(title: str, lines: Iterable[str]) -> list[str]:
    items = list(lines)
    if not items:
        return []
    more = len(items) - _LINES
    shown = [*items[:_LINES], f"- and {more} more: see `report.html`"] if more > 0 else items
    listed = "\n".join(shown)
    return [f"<details><summary>{title} ({len(items)})</summary>\n\n{listed}\n\n</details>"]


def _choices(results: Results) -> list[str]:
    gaps = [gap for gap in choices.ordered(results) if gap.seen or gap.declared]
    return _listed("Where the documents leave a choice", map(_choice, gaps))


def _witnesses(results: Results) -> list[str]:
    told = witnesses.summary(results)
    missing = (
        f"- {escape(each.subject)} ({each.family}): {escape(each.note)}"
        for each in witnesses.unwitnessed(results)
    )
    return [escape(told), *_listed("Not witnessed in PostgreSQL", missing)] if told else []


def _span(span: Span) -> str:
    times = (
        f"{seconds(span.shortest)} to {seconds(span.longest)}, typically {seconds(span.typical)}"
    )
    return f"- {escape(span.name)} ({escape(span.family)}): {times}; seen {span.seen:,} times"


def _choice(gap: GapResult) -> str:
    declared = f"; declared {code(f'{gap.switch} = {gap.declared}')}" if gap.declared else ""
    evidence = "".join(f"; {code(shown)}" for shown in choices.evidence(gap.seen)[:1])
    answer = escape(choices.answer(gap))
    return f"- {code(gap.id)} {escape(gap.question)} {answer}{declared}{evidence}"


def _left(results: Results) -> list[str]:
    left = results.cleanup.left
    if not left:
        return []
    lines = [f"- {escape(item.kind)} {code(item.subject)}: {escape(item.reason)}"
             for item in left[:_LINES]]  # fmt: skip
    return [f"## {count(len(left), 'resource')} left behind", "\n".join(lines),
            f"Remove with {code(results.cleanup.command)}"]  # fmt: skip
