"""Show a comparison: as a table of texts, as Markdown, as a JSON document."""

from collections.abc import Iterator, Mapping
from typing import Final

from pgassay.comparison.judgement import Comparisons, Row
from pgassay.exchange import Json

HEADINGS: Final = (
    "scenario",
    "family",
    "operation",
    "percentile",
    "base",
    "against",
    "ratio",
    "interval",
    "detectable",
    "verdict",
)


def table(found: Comparisons) -> tuple[tuple[str, ...], ...]:
    """The cells of each row, in the order of `HEADINGS`."""
    return tuple(map(_cells, found.rows))


def lines(found: Comparisons) -> Iterator[str]:
    """What is to be said besides the table, one sentence each."""
    terms = found.terms
    yield (
        f"{len(found.base)} runs against {len(found.against)}; {len(found.rows)} figures judged "
        f"together, at most {terms.error_rate:.3g} false alarms in each direction."
    )
    yield from (f"{note[0].upper()}{note[1:]}." for note in found.notes)
    for row in found.regressions:
        yield (
            f"Regression: {_name(row)} takes {row.ratio:.2f} times as long; more than "
            f"{terms.margin:.0%} is proven."
        )
    if not found.rows:
        yield "Nothing can be said."
    elif not found.regressions:
        worst = max(found.rows, key=lambda row: row.detectable)
        yield (
            f"No regression beyond {terms.margin:.0%} is proven. One of {worst.detectable:.0%} "
            f"would have been found in 80 % of cases even in {_name(worst)}; "
            f"{max(row.needed for row in found.rows)} runs on each side find "
            f"{max(terms.margin, 0.1):.0%} there."
        )


def markdown(found: Comparisons) -> str:
    """The whole comparison as a Markdown document."""
    rows = [HEADINGS, ("---",) * len(HEADINGS), *table(found)]
    body = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    told = "\n".join(f"- {line}" for line in lines(found))
    return f"# Comparison of runs\n\n{told}\n\n{body}\n" if found.rows else _headed(told)


def document(found: Comparisons) -> Mapping[str, Json]:
    """The whole comparison as JSON; times are seconds, shares are 0 to 1."""
    terms = found.terms
    return {
        "base": list(found.base),
        "against": list(found.against),
        "margin": terms.margin,
        "error_rate": terms.error_rate,
        "exit_status": int(found.status),
        "notes": list(found.notes),
        "rows": [_document(row) for row in found.rows],
    }


def _headed(told: str) -> str:
    return f"# Comparison of runs\n\n{told}\n"


def _document(row: Row) -> Mapping[str, Json]:
    return {
        **row.key._asdict(),
        "base": list(row.base),
        "against": list(row.against),
        "ratio": row.ratio,
        "lower": row.lower,
        "upper": row.upper,
        "detectable": row.detectable,
        "runs_needed": row.needed,
        "verdict": str(row.relation),
        "regression": row.regression,
        "note": row.note,
    }


def _cells(row: Row) -> tuple[str, ...]:
    key = row.key
    return (
        key.scenario,
        key.family,
        key.operation,
        f"p{key.percentile:g}",
        _seconds(row.base),
        _seconds(row.against),
        f"{row.ratio:.3f}",
        f"{row.lower:.3f} – {row.upper:.3f}",
        f"+{row.detectable:.0%}",
        "; ".join(filter(None, (row.relation + (" (regression)" * row.regression), row.note))),
    )


def _seconds(values: tuple[float, ...]) -> str:
    """The median of the runs, and how many there are."""
    ordered = sorted(values)
    middle = (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2
    return f"{middle * 1000:.4g} ms of {len(values)}"


def _name(row: Row) -> str:
    key = row.key
    return f"p{key.percentile:g} of {key.operation} in {key.scenario} ({key.family})"
