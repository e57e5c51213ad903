"""What the user asks of a run."""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pgassay.target.model import Family
from pgassay.verdict import Verdict

Profile = Literal["quick", "full"]

#: Hypothesis examples for each property test, and steps of a stateful scenario, by profile.
EXAMPLES: Mapping[Profile, int] = {"quick": 4, "full": 50}
#: How often a check repeats a race, by profile: timing is left to chance.
ROUNDS: Mapping[Profile, int] = {"quick": 2, "full": 8}


@dataclass(frozen=True, slots=True)
class Part:
    """Which worker of a run this is: `number` from 1 of `of`; 0 is the run itself."""

    number: int = 0
    of: int = 1

    @property
    def journal(self) -> str:
        """The name of its journal in the run's folder."""
        return f"journal-{self.number}.jsonl" if self.number else "journal.jsonl"

    def sequence(self) -> Iterator[int]:
        """The numbers of its requests, which no other worker of the run has."""
        return itertools.count(max(self.number, 1), self.of)


@dataclass(frozen=True, slots=True)
class RunOptions:
    """Options of `check` and `certify`; empty families or requirements mean all."""

    output: Path
    families: tuple[Family, ...] = ()
    requirements: tuple[str, ...] = ()
    profile: Profile = "quick"
    seed: int = 1
    fail_fast: bool = False
    #: With `fail_fast`: end at a warning as well.
    warnings_too: bool = False
    #: Run the checks in an order that is drawn from the seed.
    shuffle: bool = False
    #: How many processes share the checks at most.
    workers: int = 1
    command: str = "pgassay check"
    #: Where the checks are; empty means the shipped ones.
    checks: Path | None = None
    #: The modules there whose checks may run, by file name; empty means all.
    modules: tuple[str, ...] = ()
    #: The checks that may run, by their ids, those of a table also by their common one; empty
    #: means all.
    only: frozenset[str] = frozenset()
    target_file: Path | None = None
    part: Part = Part()

    def ends(self, verdict: Verdict) -> bool:
        """Tell whether the run ends once a check has this verdict."""
        ending = {Verdict.FAIL, Verdict.WARN} if self.warnings_too else {Verdict.FAIL}
        return self.fail_fast and verdict in ending
