"""The points that the documents leave open, as `spec/gaps.toml` lists them."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import msgspec

from pgassay._folders import folder
from pgassay.errors import CatalogueError


@dataclass(frozen=True, slots=True)
class Branch:
    """One way in which a server can go; `documented` tells whether a document supports it."""

    name: str
    about: str
    documented: bool


@dataclass(frozen=True, slots=True)
class Gap:
    """One point on which the documents are silent or contradict each other.

    Attributes:
        id: Unique and never reused, such as `GAP-DB-LISTS`.
        family: `clickhouse` or `dbaas`.
        question: What is left open.
        sources: Documents and sections; those that contradict each other are all named.
        branches: The ways in which a server can go; none where nothing tells them apart.
        switch: The key of the target file that settles the point, such as `dbaas.prefix`; or empty.
        excuses: The requirements that do not apply where the switch has a value, by that value.
        requirement: The requirement that the point bears on; or empty.
        unobservable: Why no answer of a server decides it; empty where answers do.
    """

    id: str
    family: str
    question: str
    sources: tuple[str, ...]
    branches: tuple[Branch, ...] = ()
    switch: str = ""
    excuses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    requirement: str = ""
    unobservable: str = ""

    def branch(self, name: str) -> Branch:
        """Return the branch of that name; raises `LookupError`."""
        for branch in self.branches:
            if branch.name == name:
                return branch
        raise LookupError(f"{self.id} has no branch {name!r}")


@cache
def gaps() -> Mapping[str, Gap]:
    """Return the shipped points by their ids, read once per process; raises `CatalogueError`."""
    return read(folder("spec"))


def read(spec: Path) -> Mapping[str, Gap]:
    """Return the points that `gaps.toml` of a spec folder lists, by their ids, in its order.

    Raises `CatalogueError` where the file is not TOML, violates the schema or repeats an id.
    """
    import jsonschema_rs  # noqa: PLC0415 - only commands that look at the catalogue pay for it

    path = spec / "gaps.toml"
    schema = json.loads((spec / "schema" / "gaps.schema.json").read_text(encoding="utf-8"))
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        jsonschema_rs.Draft202012Validator(schema).validate(content)
    except (ValueError, jsonschema_rs.ValidationError) as error:
        raise CatalogueError(f"not a list of gaps: {error}", where=str(path)) from None
    rows = msgspec.convert(content["gap"], tuple[Gap, ...])
    found = {row.id: row for row in rows}
    if len(found) != len(rows):
        raise CatalogueError("an id is used twice", where=str(path))
    return found
