"""How a run was asked for, as its journal says it: enough to judge it again, without secrets."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import msgspec

from pgassay.exchange import Json
from pgassay.run.options import Part, Profile, RunOptions
from pgassay.target.model import Credential, Family, Target


@dataclass(frozen=True, slots=True)
class Recipe:
    """A target without its secrets, and the options that decide which checks run and how."""

    target: Target
    families: tuple[Family, ...]
    requirements: tuple[str, ...]
    profile: Profile
    seed: int
    shuffle: bool
    part: Part

    @classmethod
    def of(cls, target: Target, options: RunOptions) -> Self:
        """Describe a run; credentials keep their names and schemes alone."""
        credentials = {
            name: Credential(known.scheme, header=known.header)
            for name, known in target.credentials.items()
        }
        # A connection string may hold a password.
        dbaas = replace(target.dbaas, conninfo="")
        return cls(
            replace(target, credentials=credentials, dbaas=dbaas),
            options.families,
            options.requirements,
            options.profile,
            options.seed,
            options.shuffle,
            options.part,
        )

    def encoded(self) -> Json:
        """Return it as JSON."""
        return msgspec.to_builtins(self)

    def options(self, output: Path, checks: Path | None = None) -> RunOptions:
        """Return the options of the same run into another folder."""
        return RunOptions(
            output=output,
            families=self.families,
            requirements=self.requirements,
            profile=self.profile,
            seed=self.seed,
            shuffle=self.shuffle,
            checks=checks,
            part=self.part,
        )
