"""Show results on a terminal: failures first, the verdict last."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from rich import box
from rich.console import Console, Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from pgassay.reporting import choices, load_terminal, witnesses
from pgassay.reporting.excerpt import line
from pgassay.reporting.marking import marked
from pgassay.reporting.remedy import alone
from pgassay.reporting.styles import STYLES
from pgassay.reporting.tally import Tally, count, headline, overall, pace, tallies
from pgassay.results import (
    ExchangeRecord,
    Finding,
    RequirementResult,
    Results,
)
from pgassay.verdict import Verdict

_FAILURES: Final = 25
_FINDINGS: Final = 3
_LINES: Final = 12
#: Characters of a body that are shown around what is wrong in it.
_BODY: Final = 400
_AROUND: Final = 120
#: Width of the column that names what a line tells.
_NAMES: Final = 9
_OFFENDING: Final = "bold reverse"


def render(results: Results, console: Console, reports: Mapping[str, Path] | None = None) -> None:
    """Print `results` on `console`, and where the `reports` of `write_reports` are."""
    _failures(results, console)
    _brief("Warnings", results, results.of_verdict(Verdict.WARN), console)
    unjudged = results.of_verdict(*(v for v in Verdict if v.open))
    _brief("Not judged", results, (row for row in unjudged if row.testable), console)
    _brief("Waived", results, results.of_verdict(Verdict.WAIVED), console)
    console.print(Padding(_counts(results), (0, 0, 1, 0)))
    for told in filter(None, (choices.summary(results), witnesses.summary(results))):
        console.print(Text(f"{told}\n", style="dim"))
    load_terminal.render(results, console)
    _left(results, console)
    if results.requests:
        console.print(Text(pace(results)))
    for name, path in (reports or {}).items():
        console.print(Text(f"{name}: {path}"), soft_wrap=True)
    head = headline(results)
    verdict = Text(f"{head.title}.", style=STYLES.get(head.tone, "bold"))
    verdict.append(f" {line(head.sentence)} Exit status {results.exit_status}.", style="not bold")
    console.print(verdict)


def _failures(results: Results, console: Console) -> None:
    failed = list(results.of_verdict(Verdict.ERROR, Verdict.FAIL))
    for row in failed[:_FAILURES]:
        _failure(row, results, console)
    if len(failed) > _FAILURES:
        more = count(len(failed) - _FAILURES, "more failed requirement")
        console.print(Text(f"{more}: see report.html\n", style="dim"))
    broken = [check for check in results.checks if check.verdict is Verdict.ERROR]
    for check in broken[:_LINES]:
        console.print(Text(f"ERROR {line(check.id)}: {line(check.note)}", style="bold magenta"))


def _failure(row: RequirementResult, results: Results, console: Console) -> None:
    title = Text.assemble(
        (f"{row.verdict} ", STYLES[row.verdict]), (row.id, "bold"), f"  {row.level}, {row.family}"
    )
    told = [Text(line(row.statement)), Text(f"source: {line(row.source)}", style="dim")]
    if row.note:
        told.append(Text(line(row.note)))
    console.print(title, Padding(Group(*told), (0, 0, 0, 4)))
    for at in row.findings[:_FINDINGS]:
        _finding(results.findings[at], console)
    if len(row.findings) > _FINDINGS:
        more = count(len(row.findings) - _FINDINGS, "more finding")
        console.print(Text(f"    {more}: see report.html", style="dim"))
    _unwrapped("alone", line(alone(results, row), 1000), console)
    console.print()


def _finding(finding: Finding, console: Console) -> None:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True, min_width=_NAMES)
    grid.add_column(overflow="fold")
    often = f", {finding.count:,} times" if finding.count > 1 else ""
    told = {
        "what": Text(line(finding.title, 600)),
        "operation": Text(line(finding.operation)),
        "expected": Text(line(finding.expected, 600)),
        "actual": Text(line(finding.actual, 600)),
    }
    for number, step in enumerate(finding.steps, 1):
        told[f"step {number}"] = Text(line(step))
    if finding.exchanges:
        told["answer"] = _answer(finding.exchanges[-1], finding.place)
    told["seen in"] = Text(f"{line(finding.check)}{often}")
    for name, value in told.items():
        if value:
            grid.add_row(name, value)
    console.print(Padding(grid, (0, 0, 0, 4)))
    if finding.exchanges:
        _unwrapped("repeat", line(finding.exchanges[-1].curl, 4000), console)


def _unwrapped(name: str, command: str, console: Console) -> None:
    """Print what is to be copied: on one line."""
    console.print(Text.assemble((f"    {name:<{_NAMES}}  ", "dim"), command), soft_wrap=True)


def _answer(last: ExchangeRecord, place: str) -> Text:
    """The body around its offending part, and where that is; nothing where it does not show."""
    parts = marked(last.answer_body, place)
    if parts is None:
        return Text()
    before, part, after = (line(text, len(text)) for text in parts)
    lead = "…" if len(before) > _AROUND else ""
    tail = "…" if len(after) > _AROUND else ""
    return Text.assemble(
        f"{lead}{before[-_AROUND:]} ",
        (line(part, _BODY), _OFFENDING),
        f"{after[:_AROUND]}{tail}",
        (f"  at {line(place)}", "dim"),
    )


def _brief(
    title: str, results: Results, rows: Iterable[RequirementResult], console: Console
) -> None:
    """List requirements in a line each; those that share one reason share one line."""
    reasons: dict[str, list[str]] = {}
    total = 0
    for row in rows:
        reason = row.note or (results.findings[row.findings[0]].title if row.findings else "")
        reasons.setdefault(line(reason, 160), []).append(row.id)
        total += 1
    if not total:
        return
    console.print(Text(f"{title} ({total} of {overall(results).total})", style="bold"))
    for reason, names in list(reasons.items())[:_LINES]:
        shown = ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
        told = Text.assemble(shown, (f": {reason}" if reason else "", "dim"))
        console.print(Padding(told, (0, 0, 0, 2)))
    if len(reasons) > _LINES:
        console.print(Text(f"  {len(reasons) - _LINES} more reasons: see report.html", style="dim"))
    console.print()


def _counts(results: Results) -> Table:
    # Close enough for 80 columns.
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, collapse_padding=True)
    table.add_column("level", no_wrap=True)
    table.add_column("passed / judged / all", justify="right", no_wrap=True)
    for name in ("failed", "warned", "waived", "not judged", "left out"):
        table.add_column(name, justify="right")
    levels = tallies(results)
    for tally in levels:
        table.add_row(*_row(tally))
    if len(levels) != 1:
        table.add_section()
        table.add_row(*_row(overall(results)))
    return table


def _row(tally: Tally) -> list[Text]:
    worth = [Text(line(tally.level)), Text(f"{tally.passed} / {tally.judged} / {tally.total}")]
    for verdict in (Verdict.FAIL, Verdict.WARN, Verdict.WAIVED):
        number = tally.of(verdict)
        worth.append(Text(str(number), style=STYLES.get(verdict, "") if number else "dim"))
    return [*worth, Text(str(tally.open)), Text(str(tally.left_out))]


def _left(results: Results, console: Console) -> None:
    left = results.cleanup.left
    if not left:
        return
    console.print(Text(f"{count(len(left), 'resource')} left behind", style="bold yellow"))
    for item in left[:_LINES]:
        console.print(Text(f"  {line(item.kind)} {line(item.subject)}: {line(item.reason)}"))
    if len(left) > _LINES:
        console.print(Text(f"  and {len(left) - _LINES} more", style="dim"))
    if results.cleanup.command:
        command = Text(f"  remove with: {line(results.cleanup.command, 1000)}\n")
        console.print(command, soft_wrap=True)
