"""What a run measured under load, in Markdown: the same as the page shows, in short."""

from collections.abc import Iterator
from typing import Final

from pgassay.reporting import limits
from pgassay.reporting.load_tables import carried, judged
from pgassay.reporting.quoting import code, escape, table
from pgassay.reporting.tally import CLOSED, monitored, steadiness
from pgassay.reporting.units import interval, measure, pace, percent, seconds
from pgassay.results import (
    CapacityResult,
    GrowthResult,
    LoadFinding,
    LoadOperation,
    LoadScenario,
    Results,
    SloResult,
)
from pgassay.verdict import Verdict

#: Rows of a table, and contradictions, before the reader is sent to the page.
_LINES: Final = 40


def render(results: Results) -> Iterator[str]:
    """Yield the parts about load; nothing where none was applied."""
    for scenario in results.load:
        yield from _scenario(scenario)
    for result in results.capacity:
        yield from _capacity(result)
    if results.growth:
        yield from _growth(results)


def _scenario(scenario: LoadScenario) -> Iterator[str]:
    yield f"## Load: {escape(scenario.scenario)} on {escape(scenario.family)}: {scenario.verdict}"
    if scenario.note:
        doubt = scenario.verdict.open
        yield (
            f"> **{scenario.verdict}:** {escape(scenario.note)}" if doubt else escape(scenario.note)
        )
    if scenario.model == "closed":
        yield f"> **Closed model:** {escape(CLOSED)}"
    yield _told(scenario)
    if told := steadiness(scenario.trends):
        yield f"p50 over time: {escape(told)}."
    if told := monitored(scenario.monitored):
        yield f"Monitors: {told}."
    if scenario.slos:
        header = "| objective | operation | value | 95 % interval | samples | verdict |"
        rows = [_objective(slo) for slo in scenario.slos[:_LINES]]
        yield "\n".join([header, "|:--|:--|--:|:--|--:|:--|", *rows])
    for operations in (scenario.operations, scenario.lifecycle):
        if operations:
            yield _operations(operations)
    if scenario.ledger:
        yield "\n".join(map(_contradiction, scenario.ledger[:_LINES]))


def _told(scenario: LoadScenario) -> str:
    if not scenario.operations:
        lives = f"{scenario.created:,} created, {scenario.removed:,} removed"
        return f"{scenario.sent:,} requests; {lives}."
    counts = {
        "offered": scenario.offered,
        "sent": scenario.sent,
        "dropped": scenario.dropped,
        "late": scenario.late,
        "throttled": sum(item.throttled for item in scenario.operations),
        "without an answer": sum(item.unfinished for item in scenario.operations),
    }
    told = ", ".join(f"{number:,} {name}" for name, number in counts.items())
    lag = seconds(scenario.generator.get("lag_p99"))
    cpu = scenario.generator.get("cpu")
    share = "" if cpu is None else f", CPU {cpu:.0%} of a core"
    judging = scenario.generator.get("judging")
    share += f" and {judging:.0%} for judging in its pauses" if judging else ""
    workers = f" from {scenario.workers} workers" if scenario.workers > 1 else ""
    return f"{pace(scenario)}{workers}: {told}. Generator: lag p99 {lag}{share}."


def _objective(slo: SloResult) -> str:
    value = f"too few samples ({slo.samples:,})" if slo.value is None else measure(slo, slo.value)
    cells = [escape(slo.objective), escape(slo.operation), value, interval(slo),
             f"{slo.samples:,}", str(slo.verdict)]  # fmt: skip
    return f"| {' | '.join(cells)} |"


def _operations(operations: tuple[LoadOperation, ...]) -> str:
    names = [percent(point.q) for point in operations[0].percentiles]
    head = ("operation", "good", "failed", "429", "no answer", *names, "max")
    return table(head, map(_operation, operations[:_LINES]))


def _operation(item: LoadOperation) -> list[str]:
    samples = judged(item)
    counts = (item.succeeded, item.failed, item.throttled, item.unfinished)
    return [
        escape(item.name),
        *(f"{number:,}" for number in counts),
        *(carried(point.value, samples) for point in item.percentiles),
        seconds(item.maximum),
    ]


def _contradiction(found: LoadFinding) -> str:
    evidence = "".join(f"; {code(shown)}" for shown in found.evidence[-1:])
    return f"- **{escape(found.kind)}** {escape(found.subject)}: {escape(found.text)}{evidence}"


def _capacity(result: CapacityResult) -> Iterator[str]:
    title = f"{escape(result.scenario)} on {escape(result.family)}"
    yield f"## Capacity: {title}: {result.verdict}"
    doubt = f"**{result.verdict}:** " if result.verdict is Verdict.INCONCLUSIVE else ""
    yield f"{doubt}{escape(limits.told(result))} {escape(result.note)}".rstrip()
    rows = (
        [
            limits.rate(trial.rate),
            escape(trial.purpose),
            limits.rate(trial.achieved),
            seconds(trial.p99),
            "yes" if trial.kept else "no",
        ]
        for trial in result.trials[:_LINES]
    )
    yield table(("offered", "purpose", "good", "p99", "kept"), rows)


def _growth(results: Results) -> Iterator[str]:
    yield "## Growth"
    rows = (_growing(result) for result in results.growth[:_LINES])
    head = ("operation", "grows as", "exponent", "allowed", "verdict")
    yield table(head, rows)
    notes = [
        f"- {escape(item.operation)}: {escape(item.note)}" for item in results.growth if item.note
    ]
    if notes:
        yield "\n".join(notes[:_LINES])


def _growing(result: GrowthResult) -> list[str]:
    low, high = limits.exponent(result.lower), limits.exponent(result.upper)
    return [
        f"{escape(result.operation)} on {escape(result.family)}",
        escape(limits.law(result.law)) or "–",
        f"{limits.exponent(result.exponent)} ({low} to {high})",
        escape(limits.law(result.allowed)) or "any",
        str(result.verdict),
    ]
