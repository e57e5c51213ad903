"""What a falsification found out, as values; `falsification.json` holds them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

import msgspec

from pgassay import __version__
from pgassay.falsification.argument import Argument
from pgassay.falsification.falsifier import Attempt, Examined
from pgassay.results import RequirementResult, Results
from pgassay.verdict import Verdict

FORMAT: Final = 1


class Worth(StrEnum):
    """What a pass is worth."""

    LOAD_BEARING = "load-bearing"
    VACUOUS = "vacuous"
    NOT_REPLAYED = "not replayed"


@dataclass(frozen=True, slots=True)
class Pass:
    """A check that passed: how many changes were tried, and what became of them.

    `example` is the first change that it noticed; `note` why it was not replayed, or why it may be
    vacuous.
    """

    check: str
    requirements: tuple[str, ...]
    must: bool  # whether one of them is a MUST
    worth: Worth
    fates: dict[str, int]
    example: str = ""
    note: str = ""
    argued: bool = False


@dataclass(frozen=True, slots=True)
class Requirement:
    """A requirement that holds: it is worth what the best of its judges is, monitors included."""

    id: str
    level: str
    worth: Worth
    note: str = ""
    argued: bool = False


@dataclass(frozen=True, slots=True)
class Falsification:
    """The whole of it: what was tried on a run, and which passes are worth something."""

    run: str
    seed: int
    passes: tuple[Pass, ...]
    requirements: tuple[Requirement, ...]
    kinds: dict[str, dict[str, int]]  # kind of change -> fate -> how often
    stale: tuple[str, ...]  # arguments about nothing that is vacuous
    seconds: float
    pgassay: str = __version__
    format: int = FORMAT

    @property
    def open(self) -> tuple[str, ...]:
        """The vacuous MUST requirements, and vacuous passes of some, that nobody argued."""
        rows = [row.id for row in self.requirements if row.level == "MUST" and _unargued(row)]
        return (*rows, *(each.check for each in self.passes if each.must and _unargued(each)))

    def count(self, worth: Worth) -> int:
        """Count the passes of some worth."""
        return sum(each.worth is worth for each in self.passes)


def concluded(
    results: Results,
    examined: Sequence[Examined],
    shaken: set[str],
    arguments: Sequence[Argument],
    seconds: float,
) -> Falsification:
    """Judge what was tried on a run; a requirement only where all passes for it were examined."""
    must = {row.id for row in results.requirements if row.level == "MUST"}
    passes = tuple(_pass(each, must, arguments) for each in examined)
    replayed = {name for each in examined if not each.reason for name in each.requirements}
    requirements = tuple(
        _requirement(row, shaken, replayed, arguments) for row in _rows(results, examined)
    )
    vacuous = {each.check for each in passes if each.worth is Worth.VACUOUS}
    vacuous |= {each.id for each in requirements if each.worth is Worth.VACUOUS}
    return Falsification(
        run=results.run.id,
        seed=results.run.seed,
        passes=passes,
        requirements=requirements,
        kinds=_kinds(examined),
        stale=tuple(each.name for each in arguments if not _used(each, vacuous)),
        seconds=round(seconds, 1),
    )


def _rows(results: Results, examined: Sequence[Examined]) -> Iterator[RequirementResult]:
    passed = {each.id for each in results.checks if each.verdict is Verdict.PASS}
    left = passed - {each.check for each in examined}
    for row in results.requirements:
        if row.verdict is Verdict.PASS and row.testable:
            judges = set(row.checks) or passed
            if judges.isdisjoint(left):
                yield row


def write(falsification: Falsification, path: Path) -> None:
    """Write it as JSON, a line for each pass and requirement."""
    whole = msgspec.to_builtins(falsification)
    lines = []
    for name, value in whole.items():
        if isinstance(value, list) and value:
            rows = ",\n  ".join(msgspec.json.encode(row).decode() for row in value)
            lines.append(f' "{name}": [\n  {rows}\n ]')
        else:
            lines.append(f' "{name}": {msgspec.json.encode(value).decode()}')
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def _unargued(row: Pass | Requirement) -> bool:
    return row.worth is Worth.VACUOUS and not row.argued


def _pass(examined: Examined, must: set[str], arguments: Sequence[Argument]) -> Pass:
    fates = Counter(str(attempt.trial.fate) for attempt in examined.attempts)
    if examined.reason:
        worth, note = Worth.NOT_REPLAYED, examined.reason
    elif examined.noticed:
        worth, note = Worth.LOAD_BEARING, ""
    else:
        worth = Worth.VACUOUS
        note = next((each.reason for each in arguments if each.covers_check(examined.check)), "")
    return Pass(
        check=examined.check,
        requirements=examined.requirements,
        must=not must.isdisjoint(examined.requirements),
        worth=worth,
        fates=dict(fates),
        example=_example(examined.attempts),
        note=note,
        argued=worth is Worth.VACUOUS and bool(note),
    )


def _example(attempts: Iterable[Attempt]) -> str:
    found = next((each.change for each in attempts if each.trial.noticed), None)
    if found is None:
        return ""
    return f"{found.kind} {found.where}".strip() + f" in answer {found.sequence}"


def _requirement(
    row: RequirementResult, shaken: set[str], replayed: set[str], arguments: Sequence[Argument]
) -> Requirement:
    if row.id in shaken:
        return Requirement(row.id, row.level, Worth.LOAD_BEARING)
    if row.checks and row.id not in replayed:
        return Requirement(row.id, row.level, Worth.NOT_REPLAYED)
    reason = next((each.reason for each in arguments if each.requirement == row.id), "")
    return Requirement(row.id, row.level, Worth.VACUOUS, reason, bool(reason))


def _used(argument: Argument, vacuous: set[str]) -> bool:
    return argument.requirement in vacuous or any(map(argument.covers_check, vacuous))


def _kinds(examined: Iterable[Examined]) -> dict[str, dict[str, int]]:
    found: dict[str, Counter[str]] = {}
    for each in examined:
        for attempt in each.attempts:
            fates = found.setdefault(str(attempt.change.kind), Counter())
            fates[str(attempt.trial.fate)] += 1
    return {kind: dict(fates) for kind, fates in sorted(found.items())}
