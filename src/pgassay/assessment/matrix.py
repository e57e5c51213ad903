"""The kill matrix: which check, and which requirement, tells which faulty server."""

import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Final

import msgspec

from pgassay import __version__
from pgassay._folders import folder
from pgassay.assessment.fate import Assessment
from pgassay.coverage import check_titles
from pgassay.errors import CatalogueError

FORMAT: Final = 1
#: How many of the derived mutants have to be killed.
SHARE: Final = 0.98


@dataclass(frozen=True, slots=True)
class Row:
    """What became of one mutant.

    `breaks` is what a mutant by hand violates, `rule` what derived another one. `requirements` were
    found violated, `checks` found it; without `whole` looks these are the first to.
    """

    name: str
    description: str
    rule: str
    breaks: tuple[str, ...]
    killed: bool
    requirements: tuple[str, ...]
    checks: tuple[str, ...]
    requests: int
    seconds: float

    @classmethod
    def of(cls, fate: Assessment, description: str, rule: str) -> "Row":
        """Make the row of an assessed mutant."""
        checks = {check for found in fate.killers.values() for check in found}
        return cls(
            fate.name,
            description,
            rule,
            fate.breaks,
            fate.killed,
            tuple(sorted(fate.killers)),
            tuple(sorted(checks)),
            fate.requests,
            round(fate.duration, 2),
        )


@dataclass(frozen=True)
class KillMatrix:
    """The rows of a run over mutants.

    `whole` tells that looks went on after the first kill, `complete` that every mutant was in it.
    `survivors` are the arguments for mutants that nothing kills, `idle` those for checks that kill
    none, by name.
    """

    rows: tuple[Row, ...]
    whole: bool
    complete: bool
    survivors: Mapping[str, str] = field(default_factory=dict)
    idle: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def by_check(self) -> Mapping[str, tuple[str, ...]]:
        """The mutants that each check function kills."""
        found: defaultdict[str, dict[str, None]] = defaultdict(dict)
        for row in self.rows:
            for check in row.checks:
                found[check.partition("[")[0]][row.name] = None
        return {check: tuple(found[check]) for check in sorted(found)}

    @cached_property
    def by_requirement(self) -> Mapping[str, tuple[str, ...]]:
        """The mutants that each requirement was found violated by."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for row in self.rows:
            for requirement in row.requirements:
                found[requirement].append(row.name)
        return {requirement: tuple(found[requirement]) for requirement in sorted(found)}

    @property
    def by_hand(self) -> tuple[Row, ...]:
        """The rows of mutants that were written by hand."""
        return tuple(row for row in self.rows if not row.rule)

    @property
    def derived(self) -> tuple[Row, ...]:
        """The rows of mutants that were derived by rule."""
        return tuple(row for row in self.rows if row.rule)

    @property
    def alive(self) -> tuple[Row, ...]:
        """The rows of mutants that nothing killed."""
        return tuple(row for row in self.rows if not row.killed)

    @property
    def killed(self) -> int:
        """How many mutants were killed."""
        return len(self.rows) - len(self.alive)

    @property
    def idle_checks(self) -> tuple[str, ...]:
        """The check functions that killed nothing."""
        return tuple(sorted(check_titles().keys() - self.by_check.keys()))

    @property
    def rules(self) -> Mapping[str, tuple[int, int]]:
        """How many mutants each rule gave, and how many of them were killed."""
        all_, killed = Counter(row.rule for row in self.derived), Counter[str]()
        killed.update(row.rule for row in self.derived if row.killed)
        return {rule: (all_[rule], killed[rule]) for rule in sorted(all_)}

    @property
    def summary(self) -> tuple[str, ...]:
        """What the matrix says, in lines for people."""
        return tuple(self._summary())

    def _summary(self) -> Iterator[str]:
        for rows, made in ((self.by_hand, "written by hand"), (self.derived, "derived by rule")):
            if rows:
                killed = sum(row.killed for row in rows)
                share = killed / len(rows)
                yield f"{killed} of {len(rows)} mutants {made} are killed ({share:.1%})"
        if self.complete:
            checks = len(check_titles())
            yield f"{checks - len(self.idle_checks)} of {checks} checks kill a mutant"

    @property
    def objections(self) -> tuple[str, ...]:
        """What is not as it must be."""
        return tuple(self._objections())

    def _objections(self) -> Iterator[str]:
        for row in self.alive:
            if not row.rule:
                unnoticed = ", ".join(sorted({*row.breaks} - {*row.requirements}))
                yield f"{row.name} survived: nothing noticed {unnoticed}"
            elif row.name not in self.survivors:
                yield f"{row.name} survived, and no argument is known: {row.description}"
        killed = {row.name for row in self.rows if row.killed}
        for name in sorted(self.survivors.keys() & killed):
            yield f"{name} was killed: the argument why it survives is not true"
        share = sum(row.killed for row in self.derived) / max(len(self.derived), 1)
        if self.complete and self.derived and share < SHARE:
            yield f"{share:.1%} of the derived mutants are killed, {SHARE:.0%} have to be"
        if self.complete:
            for check in self.idle_checks:
                if check not in self.idle:
                    yield f"{check} kills no mutant, and no argument is known"
            for check in sorted(self.idle.keys() - {*self.idle_checks}):
                yield f"{check} kills a mutant: the argument why it kills none is not true"

    def with_kills(self, kills: Mapping[str, str]) -> "KillMatrix":
        """Add mutants that single checks were found to kill, by check."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        for check, mutant in kills.items():
            found[mutant].add(check)
        rows = (
            replace(row, checks=tuple(sorted({*row.checks, *found[row.name]}))) for row in self.rows
        )
        return replace(self, rows=tuple(rows))

    def encoded(self) -> bytes:
        """Return the matrix as JSON."""
        value = {
            "format": FORMAT,
            "pgassay": __version__,
            "whole": self.whole,
            "complete": self.complete,
            "summary": self.summary,
            "mutants": [asdict(row) for row in self.rows],
            "checks": self.by_check,
            "requirements": self.by_requirement,
            "survivors": {row.name: self.argument(row) for row in self.alive},
            "idle_checks": self.idle_known,
        }
        return msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n"

    @property
    def idle_known(self) -> Mapping[str, str]:
        """The checks that are known to kill nothing, which only a complete run tells, and why."""
        checks = self.idle_checks if self.complete else ()
        return {check: self.idle.get(check, "") for check in checks}

    def argument(self, row: Row) -> str:
        """Why nothing kills a mutant, as far as that is known."""
        return self.survivors.get(row.name, "")


@dataclass(frozen=True, slots=True)
class _Argument:
    name: str
    reason: str


def arguments(name: str) -> Mapping[str, str]:
    """Read a file of `[[argument]]` tables in `spec/`; raises `CatalogueError` for another one."""
    path = folder("spec") / name
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8")).get("argument", [])
        found = msgspec.convert(tables, tuple[_Argument, ...])
    except ValueError as error:
        raise CatalogueError(f"not a list of arguments: {error}", str(path)) from error
    return {each.name: " ".join(each.reason.split()) for each in found}
