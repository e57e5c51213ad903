"""Mutants that follow by rule from the reference's own tables, models and routes.

A module is a rule; a member, a limit or a route that the reference gets has its mutants at once.
None names requirements that it breaks: the rules know the reference, and nothing of the suite.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from types import ModuleType
from typing import Final

from pgassay.mutants.derived import (
    checks,
    edges,
    enumerations,
    guards,
    limits,
    lost,
    members,
    patterns,
    requiredness,
    statuses,
)
from pgassay.mutants.mutant import Mutant

__all__ = ["DERIVED", "RULES", "Derivation"]

#: The rules in their order: each module has a `NAME`, and yields mutants from `derive`.
RULES: Final[tuple[ModuleType, ...]] = (
    limits,
    patterns,
    enumerations,
    requiredness,
    members,
    statuses,
    guards,
    checks,
    edges,
    lost,
)


class Derivation(Mapping[str, Mutant]):
    """All derived mutants by their names; they are derived when somebody first looks."""

    def __getitem__(self, name: str) -> Mutant:
        """Return a mutant; KeyError when there is none of that name."""
        return _derived()[name]

    def __iter__(self) -> Iterator[str]:
        """Yield the names in the order of the rules."""
        return iter(_derived())

    def __len__(self) -> int:
        """Return how many there are."""
        return len(_derived())


@cache
def _derived() -> Mapping[str, Mutant]:
    return {mutant.name: mutant for rule in RULES for mutant in rule.derive()}


#: Every derived mutant by its name.
DERIVED: Final[Mapping[str, Mutant]] = Derivation()
