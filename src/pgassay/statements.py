"""What the APIs state about databases, and what PostgreSQL was seen to say to it.

The list is `spec/statements.toml`: each statement names the requirements of the data plane that
witness it, or the reason why nothing in PostgreSQL can.
"""

import tomllib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

import msgspec

from pgassay._folders import folder
from pgassay.errors import CatalogueError
from pgassay.results import RequirementResult, StatementResult
from pgassay.verdict import Verdict, worst


@dataclass(frozen=True, slots=True)
class Statement:
    """Something that an API states: by which member or operation, and what it says.

    Either `witnesses` names requirements, or `unwitnessed` says why there are none.
    """

    family: str
    subject: str
    text: str
    witnesses: tuple[str, ...] = ()
    unwitnessed: str = ""


def statements() -> tuple[Statement, ...]:
    """Read all statements; raises `CatalogueError` when the file is not what it should be."""
    path = folder("spec") / "statements.toml"
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8"))["statement"]
        return msgspec.convert(rows, tuple[Statement, ...])
    except (ValueError, KeyError) as error:
        raise CatalogueError(f"not a list of statements: {error}", str(path)) from error


def witnessed(
    families: Collection[str], requirements: Iterable[RequirementResult]
) -> Iterator[StatementResult]:
    """Tell of each statement of `families` what became of its witnesses in a run."""
    judged = {row.id: row for row in requirements}
    for statement in statements():
        if statement.family in families:
            rows = [judged[each] for each in statement.witnesses if each in judged]
            yield _told(statement, rows)


def _told(statement: Statement, rows: list[RequirementResult]) -> StatementResult:
    verdict, note = Verdict.NOT_TESTABLE, statement.unwitnessed
    if statement.witnesses:
        complete = len(rows) == len(statement.witnesses)
        verdict = worst([row.verdict for row in rows]) if complete else Verdict.DISABLED
        deciding = next((row for row in rows if row.verdict is verdict), None)
        note = deciding.note if deciding else "not asked in this run"
    return StatementResult(
        family=statement.family,
        subject=statement.subject,
        text=statement.text,
        witnesses=statement.witnesses,
        verdict=verdict,
        note=note,
    )
