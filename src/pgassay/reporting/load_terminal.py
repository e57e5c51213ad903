"""What a run measured under load, on a terminal."""

from collections.abc import Sequence
from typing import Final

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from pgassay.reporting import limits
from pgassay.reporting.excerpt import line
from pgassay.reporting.load_tables import judged
from pgassay.reporting.styles import STYLES
from pgassay.reporting.tally import CLOSED, monitored, steadiness
from pgassay.reporting.units import interval, measure, pace, percent, seconds
from pgassay.results import (
    CapacityResult,
    GrowthResult,
    LoadOperation,
    LoadScenario,
    Results,
    SloResult,
)
from pgassay.verdict import Verdict

_LINES: Final = 12
#: From so many columns on the figures stand apart.
_WIDE: Final = 100
#: The percentiles that a line has room for.
_SHOWN: Final = (50.0, 95.0, 99.0, 99.9)

#: What is counted of an operation; the last two only where there is something to count.
_COUNTS: Final = {
    "sent": "sent",
    "failed": "failed",
    "429": "throttled",
    "no answer": "unfinished",
}


def render(results: Results, console: Console) -> None:
    """Print every load, capacity and growth."""
    for scenario in results.load:
        _load(scenario, console)
    for result in results.capacity:
        _capacity(result, console)
    if results.growth:
        _growth(results.growth, console)


def _counts(scenario: LoadScenario) -> str:
    if not scenario.operations:
        return f"{scenario.sent:,} requests"
    late = f", {scenario.late:,} late" if scenario.late else ""
    sent = f"{scenario.sent:,} sent, {scenario.dropped:,} dropped{late}"
    return f"{pace(scenario)}; {scenario.offered:,} offered, {sent}"


def _load(scenario: LoadScenario, console: Console) -> None:
    title = Text.assemble(
        (f"Load {line(scenario.scenario)} on {line(scenario.family)}: ", "bold"),
        _verdict(scenario.verdict),
        f"  {_counts(scenario)}",
    )
    console.print(title)
    if scenario.note:
        style = STYLES[Verdict.INCONCLUSIVE] if scenario.verdict.open else ""
        console.print(Padding(Text(line(scenario.note, 1000), style=style), (0, 0, 0, 2)))
    if scenario.model == "closed":
        console.print(Padding(Text(f"Closed model: {CLOSED}", style="yellow"), (0, 0, 0, 2)))
    measured = [*scenario.operations, *scenario.lifecycle]
    if measured:
        console.print(Padding(_latencies(measured, wide=console.width >= _WIDE), (1, 0)))
    _few(measured, console)
    for slo in scenario.slos:
        console.print(_objective(slo))
    if told := steadiness(scenario.trends):
        style = STYLES[Verdict.WARN] if any(each.slowing for each in scenario.trends) else "dim"
        console.print(Text(f"  p50 over time: {line(told)}", style=style))
    if told := monitored(scenario.monitored):
        style = STYLES[Verdict.WARN] if scenario.monitored.unjudged else "dim"
        console.print(Text(f"  monitors: {told}", style=style))
    _contradictions(scenario, console)
    console.print()


def _objective(slo: SloResult) -> Text:
    few = slo.value is None
    value = f"too few samples ({slo.samples:,})" if few else measure(slo, slo.value)
    known = slo.lower is not None or slo.upper is not None
    between = f" [{interval(slo)}]" if known and not few else ""
    return Text.assemble(
        "  ",
        _verdict(slo.verdict),
        f" {line(slo.operation)} {line(slo.objective)}: {value}",
        (between, "dim"),
        "" if few else f" in {slo.samples:,} samples",
        f"; {line(slo.note)}" if slo.note else "",
    )


def _contradictions(scenario: LoadScenario, console: Console) -> None:
    for found in scenario.ledger[:_LINES]:
        console.print(Text(f"  {line(found.kind)}: {line(found.subject)} {line(found.text)}"))
        for shown in found.evidence:
            console.print(Text(f"    {line(shown)}", style="dim"), soft_wrap=True)
    if len(scenario.ledger) > _LINES:
        console.print(Text(f"  and {len(scenario.ledger) - _LINES} more", style="dim"))


def _latencies(operations: Sequence[LoadOperation], *, wide: bool) -> Table:
    counted = {
        name: attribute
        for name, attribute in _COUNTS.items()
        if name in ("sent", "failed") or any(getattr(item, attribute) for item in operations)
    }
    # A name that is cut off, or a figure in two lines, is none: there must be room in 80 columns.
    space = (0, 0, 0, 1) if wide else 0
    table = Table(box=box.SIMPLE_HEAD, padding=space, show_edge=False, pad_edge=False)
    table.add_column("operation", no_wrap=True)
    for name in (*counted, *map(percent, _SHOWN), "max"):
        table.add_column(name.replace(" ", "\n"), justify="right", no_wrap=True)
    for item in operations:
        values = {point.q: seconds(point.value) for point in item.percentiles}
        table.add_row(
            Text(line(item.name)),
            *(f"{getattr(item, attribute):,}" for attribute in counted.values()),
            *(values.get(q, "–") for q in _SHOWN),
            seconds(item.maximum),
        )
    return table


def _few(operations: Sequence[LoadOperation], console: Console) -> None:
    """Say which percentiles are missing for want of samples: a dash alone would not tell."""
    missing = [
        f"{', '.join(names)} of {line(item.name)} ({judged(item):,})"
        for item in operations
        if (names := [percent(p.q) for p in item.percentiles if p.value is None and p.q in _SHOWN])
    ]
    if missing:
        console.print(Padding(Text(f"too few samples: {'; '.join(missing)}", "dim"), (0, 0, 0, 2)))


def _capacity(result: CapacityResult, console: Console) -> None:
    title = f"Capacity under {line(result.scenario)} on {line(result.family)}: "
    console.print(Text.assemble((title, "bold"), _verdict(result.verdict)))
    told = [limits.told(result), line(result.note, 1000)]
    for text in filter(None, told):
        console.print(Padding(Text(text), (0, 0, 0, 2)))
    console.print()


def _growth(results: Sequence[GrowthResult], console: Console) -> None:
    console.print(Text("Growth with the number of resources", style="bold"))
    for item in results:
        between = f" ({limits.exponent(item.lower)} to {limits.exponent(item.upper)})"
        console.print(
            Text.assemble(
                "  ",
                _verdict(item.verdict),
                f" {line(item.operation)} on {line(item.family)}: {limits.law(item.law) or '–'},"
                f" exponent {limits.exponent(item.exponent)}{between}",
                f", {limits.law(item.allowed)} allowed" if item.allowed else "",
                f"; {line(item.note)}" if item.note else "",
            )
        )
    console.print()


def _verdict(verdict: Verdict) -> tuple[str, str]:
    return str(verdict), STYLES.get(verdict, "bold")
