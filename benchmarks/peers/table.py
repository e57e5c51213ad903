"""The table of the comparison, from its record. All functions are pure."""

from collections.abc import Sequence
from math import sqrt
from statistics import median
from typing import Any

from benchmarks.peers.outcome import Outcome, outcome

_Z = 1.96  # 95 %
_HEAD = (
    *("tool", "version", "mutants found", "share, 95 % interval"),
    *("alarms on the reference", "alarms on legal variants"),
    *("requests to the first failure", "requests", "seconds", "foreign resources harmed"),
)
_ROWS = {"budget": "The same budget", "long": "As long as it wants"}


def wilson(found: int, of: int) -> tuple[float, float]:
    """Return the 95 % Wilson score interval of a share (E. B. Wilson, JASA 22, 1927)."""
    if of == 0:
        return 0.0, 1.0
    share, square = found / of, _Z * _Z
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = _Z * sqrt(share * (1 - share) / of + square / (4 * of * of)) / (1 + square / of)
    return max(0.0, middle - half), min(1.0, middle + half)


def false_alarms(outcomes: Sequence[Outcome]) -> frozenset[str]:
    """Return the kinds of failures that a tool reports on correct servers."""
    return frozenset(each.kind for run in outcomes for each in run.failures)


def known_alarms(
    record: dict[str, Any], tool: str, correct: tuple[str, ...] = ("reference ", "legal ")
) -> frozenset[str]:
    """Return the kinds of failures that a tool reported on servers that are `correct`."""
    prefixes = tuple(f"{row}/{tool}/{each}" for row in _ROWS for each in correct)
    outcomes = record["outcomes"].items()
    return false_alarms([outcome(each) for key, each in outcomes if key.startswith(prefixes)])


def first_new(run: Outcome, known: frozenset[str], *, warnings: bool) -> int | None:
    """Return after how many requests a run first failed with something that is not known.

    None if it never did; warnings count if `warnings`.
    """
    new = [each for each in run.failures if each.kind not in known and (each.gates or warnings)]
    return min((each.request or run.requests for each in new), default=None)


def render(record: dict[str, Any]) -> str:
    """Return the tables of both rows, as Markdown."""
    first = f"Budget: {record['seconds']} s for each run; without it at most {record['cap']} s. "
    lines = [f"{first}Mutants drawn with the seed {record['seed']}."]
    for row, title in _ROWS.items():
        if shown := summary(record, row):
            lines += ["", f"### {title}", "", *shown, *_each(record, row)]
    return "\n".join(lines) + "\n"


def summary(record: dict[str, Any], row: str = "budget") -> list[str]:
    """Return the lines of the table that has one row for each tool; none without runs."""
    shown = [
        line
        for tool, version in record["versions"].items()
        for line in _lines(record, row, tool, version)
    ]
    return [_line(_HEAD), _line(["---"] * len(_HEAD)), *shown] if shown else []


def _lines(record: dict[str, Any], row: str, tool: str, version: str) -> list[str]:
    prefix = f"{row}/{tool}/"
    runs = {
        key.removeprefix(prefix): outcome(each)
        for key, each in record["outcomes"].items()
        if key.startswith(prefix)
    }
    mutants = _of(runs, "mutant ")
    if not mutants:
        return []
    references = _of(runs, "reference ")
    known = known_alarms(record, tool)
    correct = [*references, *_of(runs, "legal ")]
    shown = [_found(mutants, known, warnings=False)]
    names = [tool]
    if any(not each.gates for run in mutants for each in run.failures):
        shown.append(_found(mutants, known, warnings=True))
        names.append(f"{tool}, warnings as well")
    rest = [
        _alarms(references, frozenset()) + _chance(references),
        _alarms(_of(runs, "legal "), known_alarms(record, tool, ("reference ",))),
    ]
    effort = [
        f"{median([run.requests for run in references]):.0f}",
        _seconds(references, mutants),
        f"{sum(len(run.harmed) for run in correct)} of {sum(run.foreign for run in correct)}",
    ]
    return [
        _line([name, version, *found, *rest, first, *effort])
        for name, (*found, first) in zip(names, shown, strict=True)
    ]


def _each(record: dict[str, Any], row: str) -> list[str]:
    """Tell for each mutant after how many requests each tool found it."""
    tools = list(record["versions"])
    outcomes = {
        tuple(key.split("/", 2)[1:]): outcome(each)
        for key, each in record["outcomes"].items()
        if key.startswith(f"{row}/") and "/mutant " in key
    }
    known = {tool: known_alarms(record, tool) for tool in tools}
    lines = ["", _line(["mutant", *tools]), _line(["---"] * (len(tools) + 1))]
    for subject in dict.fromkeys(subject for _, subject in outcomes):
        runs = [(tool, outcomes.get((tool, subject))) for tool in tools]
        cells = [_place(run, known[tool]) if run else "not run" for tool, run in runs]
        lines.append(_line([subject.removeprefix("mutant "), *cells]))
    return lines


def _place(run: Outcome, known: frozenset[str]) -> str:
    failed = first_new(run, known, warnings=False)
    warned = first_new(run, known, warnings=True)
    if failed is None:
        return "not found" if warned is None else f"warning at {warned}"
    return f"request {failed}"


def _of(runs: dict[str, Outcome], kind: str) -> list[Outcome]:
    return [run for subject, run in runs.items() if subject.startswith(kind)]


def _found(mutants: list[Outcome], known: frozenset[str], *, warnings: bool) -> list[str]:
    firsts = [first_new(run, known, warnings=warnings) for run in mutants]
    seen = [each for each in firsts if each is not None]
    low, high = wilson(len(seen), len(mutants))
    share = f"{len(seen) / len(mutants):.0%} ({low:.0%} to {high:.0%})"
    return [f"{len(seen)} of {len(mutants)}", share, f"{median(seen):.0f}" if seen else "none"]


def _alarms(runs: list[Outcome], known: frozenset[str]) -> str:
    """Tell how many kinds of failures correct servers got that are not known, and in which runs."""
    kinds = [{each.kind for each in run.failures} - known for run in runs]
    if not runs:
        return "not run"
    return f"{len(set().union(*kinds))} kinds, in {sum(map(bool, kinds))} of {len(runs)} runs"


def _chance(runs: list[Outcome]) -> str:
    """Tell how many runs have an alarm that no other has: such a mutant would count as found."""
    own = [{each.kind for each in run.failures} for run in runs]
    others = [set().union(*own[:at], *own[at + 1 :]) for at in range(len(own))]
    odd = sum(bool(mine - theirs) for mine, theirs in zip(own, others, strict=True))
    return f"; {odd} of them with one of their own" if odd and len(runs) > 1 else ""


def _seconds(references: list[Outcome], mutants: list[Outcome]) -> str:
    stopped = sum(run.capped for run in (*references, *mutants))
    every = len(references) + len(mutants)
    seconds = f"{median([run.seconds for run in references]):.0f}"
    return f"{seconds}; {stopped} of {every} runs stopped" if stopped else seconds


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
