"""The requirement catalogue: everything that a target can be held to.

The rows live in `spec/requirements/*.toml`; `spec/schema/requirements.schema.json` says what a row
may look like. The order is that of the files by name, then of the rows in a file.
"""

import json
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Self

from pgassay._folders import folder
from pgassay.errors import CatalogueError, UsageError, nearest


class Level(StrEnum):
    """How strictly a requirement holds, in the sense of RFC 2119."""

    MUST = "MUST"
    SHOULD = "SHOULD"
    MAY = "MAY"


class Basis(StrEnum):
    """What a requirement rests on: words of the family's documents, or a conclusion."""

    QUOTED = "quoted"
    INFERRED = "inferred"


class Plane(StrEnum):
    """Where a requirement shows: in the API, in the PostgreSQL server, or under load."""

    CONTROL = "control"
    DATA = "data"
    LOAD = "load"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One testable statement about a target.

    Attributes:
        id: Unique and never reused, such as `DB-INST-CPU-RANGE`.
        family: `clickhouse`, `dbaas` or `both`.
        feature: The optional feature that a target must claim first; None for the core.
        statement: One sentence in the project's own words.
        source: Documents and sections, separated by `; `.
        untestable: Why no check can judge it through the API; None when one can.
        note: How a contradiction or silence of the documents is resolved; None when there is none.
        general: Whether many defects break it besides the requirement that they are about.
    """

    id: str
    family: str
    level: Level
    basis: Basis
    plane: Plane
    statement: str
    source: str
    feature: str | None = None
    untestable: str | None = None
    note: str | None = None
    general: bool = False

    @property
    def may_fail(self) -> bool:
        """Tell whether a violation is a FAIL; that of any other requirement is at most a WARN."""
        return self.level is Level.MUST and self.basis is Basis.QUOTED

    def concerns(self, families: Collection[str]) -> bool:
        """Tell whether the requirement holds for a target of one of `families`."""
        return self.family == "both" or self.family in families

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Self:
        """Build a requirement from a row that follows the schema."""
        kinds = {"level": Level, "basis": Basis, "plane": Plane}
        return cls(**{**row, **{key: kind(row[key]) for key, kind in kinds.items()}})


class Catalogue:
    """All requirements, in a stable order."""

    def __init__(self, requirements: Mapping[str, Requirement]) -> None:
        self._requirements = dict(requirements)

    @classmethod
    def load(cls, spec: Path | None = None) -> Self:
        """Read the catalogue from a spec folder, by default the suite's own.

        Raises:
            CatalogueError: a file is not TOML or violates the schema, or two rows share an id.
        """
        return cls(_shipped() if spec is None else _read(spec))

    def get(self, identifier: str) -> Requirement:
        """Return one requirement.

        Raises:
            UsageError: there is none of that id; the message names the most similar one.
        """
        try:
            return self._requirements[identifier]
        except KeyError:
            raise self._unknown(identifier) from None

    def select(
        self, families: Collection[str], features: Collection[str] | None = None
    ) -> tuple[Requirement, ...]:
        """Return the requirements for targets of `families`.

        With `features`, requirements of other optional features are left out; the core stays.
        """
        return tuple(
            requirement
            for requirement in self
            if requirement.concerns(families)
            and (features is None or requirement.feature is None or requirement.feature in features)
        )

    def __iter__(self) -> Iterator[Requirement]:
        return iter(self._requirements.values())

    def __len__(self) -> int:
        return len(self._requirements)

    def __contains__(self, identifier: object) -> bool:
        return identifier in self._requirements

    def _unknown(self, identifier: str) -> UsageError:
        similar = nearest(identifier, self._requirements)
        listing = "`pgassay requirements` lists them all."
        return UsageError(
            f"there is no requirement {identifier!r}",
            remedy=f"Did you mean {similar}?" if similar else listing,
        )


@cache
def _shipped() -> Mapping[str, Requirement]:
    # What was shipped does not change while the process lives, and one process makes many runs.
    return _read(folder("spec"))


def _read(spec: Path) -> Mapping[str, Requirement]:
    files = sorted((spec / "requirements").glob("*.toml"))
    found: dict[str, Requirement] = {}
    origin: dict[str, Path] = {}
    for path, row in _rows_by_file(files, spec / "schema" / "requirements.schema.json"):
        requirement = Requirement.from_row(row)
        if requirement.id in found:
            raise _duplicate(requirement.id, origin[requirement.id], path)
        found[requirement.id] = requirement
        origin[requirement.id] = path
    return found


def _rows_by_file(files: list[Path], schema: Path) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    import jsonschema_rs  # noqa: PLC0415 - only commands that look at the catalogue pay for it

    validator = jsonschema_rs.Draft202012Validator(json.loads(schema.read_text(encoding="utf-8")))
    for path in files:
        content = _parse(path)
        for error in validator.iter_errors(content):
            raise _violation(path, content, list(error.instance_path), error.message)
        for row in content["requirement"]:
            yield path, row


def _parse(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CatalogueError(f"not a TOML document: {error}", where=str(path)) from None


def _violation(
    path: Path, content: Mapping[str, Any], where: list[str | int], message: str
) -> CatalogueError:
    match where:
        case ["requirement", int(index), *key]:
            identifier = content["requirement"][index].get("id", f"row {index + 1}")
            place = ".".join([identifier, *map(str, key)])
        case _:
            place = "document"
    return CatalogueError(message, where=f"{path} [{place}]")


def _duplicate(identifier: str, first: Path, second: Path) -> CatalogueError:
    return CatalogueError(
        f"requirement {identifier} is defined twice",
        where=f"{first} and {second}",
        remedy="Give one of them another id; ids are never reused.",
    )
