"""What the user asks of a run."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pgassay.target.model import Family

Profile = Literal["quick", "full"]

#: Hypothesis examples for each property test, and steps of a stateful scenario, by profile.
EXAMPLES: Mapping[Profile, int] = {"quick": 6, "full": 50}
#: How often a check repeats a race, by profile: timing is left to chance.
ROUNDS: Mapping[Profile, int] = {"quick": 2, "full": 8}


@dataclass(frozen=True, slots=True)
class RunOptions:
    """Options of `check` and `certify`; empty families or requirements mean all."""

    output: Path
    families: tuple[Family, ...] = ()
    requirements: tuple[str, ...] = ()
    profile: Profile = "quick"
    seed: int = 1
    fail_fast: bool = False
    #: Run the checks in an order that is drawn from the seed.
    shuffle: bool = False
    command: str = "pgassay check"
    #: Where the checks are; empty means the shipped ones.
    checks: Path | None = None
    target_file: Path | None = None
