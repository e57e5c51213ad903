"""The kill matrix for people: one self-contained HTML page, and Markdown for a repository."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from pgassay import __version__
from pgassay.assessment.matrix import KillMatrix
from pgassay.reporting import html
from pgassay.reporting.quoting import escape

#: The column of mutants that no rule derived.
BY_HAND: Final = "by hand"


def write(matrix: KillMatrix, output: Path) -> tuple[Path, ...]:
    """Write the matrix into a folder as JSON, Markdown and HTML; return the files."""
    output.mkdir(parents=True, exist_ok=True)
    contents = {
        "json": matrix.encoded(),
        "md": markdown(matrix).encode(),
        "html": page(matrix).encode(),
    }
    paths = []
    for suffix, content in contents.items():
        paths.append(output / f"kill-matrix.{suffix}")
        paths[-1].write_bytes(content)
    return tuple(paths)


def page(matrix: KillMatrix) -> str:
    """Return the HTML page."""
    shown = {"heat": heat(matrix), "columns": columns(matrix), "version": __version__}
    return html.page("kill-matrix.html.j2", matrix=matrix, **shown)


def markdown(matrix: KillMatrix) -> str:
    """Return the Markdown text: sums, survivors, checks that kill nothing, each requirement."""
    parts = ["# Kill matrix", *(f"{line}." for line in matrix.summary)]
    rules = [(rule, *numbers) for rule, numbers in matrix.rules.items()]
    parts.append(_table(("rule", "mutants", "killed"), rules))
    for title, named in (
        ("Survivors, and why", {row.name: matrix.argument(row) for row in matrix.alive}),
        ("Checks that kill nothing, and why", matrix.idle_known),
    ):
        parts.append(f"## {title}")
        parts.append(_table(("name", "argument"), named.items()) if named else "None.")
    parts.append("## Mutants that break each requirement")
    parts.append(
        _table(
            ("requirement", "mutants", "among them"),
            (
                (requirement, len(names), ", ".join(names[:3]))
                for requirement, names in matrix.by_requirement.items()
            ),
        )
    )
    return "\n\n".join(parts) + "\n"


def heat(matrix: KillMatrix) -> Mapping[str, Mapping[str, int]]:
    """How many mutants of each column (by hand, or a rule) each check module kills."""
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in matrix.rows:
        for module in {check.partition("::")[0] for check in row.checks}:
            found[module][row.rule or BY_HAND] += 1
    return {module: found[module] for module in sorted(found)}


def columns(matrix: KillMatrix) -> tuple[str, ...]:
    """The columns of the heat map."""
    return (BY_HAND, *matrix.rules)


def _table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    return "\n".join(_lines(tuple(head), rows))


def _lines(head: tuple[str, ...], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(escape(str(cell)) for cell in row)} |"
