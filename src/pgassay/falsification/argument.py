"""Why a pass may be vacuous: `spec/vacuous.toml` argues each that is left.

A `[[vacuous]]` table names a `check` (`*` stands for any text) or a `requirement`, and a `reason`.
"""

import tomllib
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path

import msgspec

from pgassay._folders import folder
from pgassay.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Argument:
    """Which vacuous passes are accepted, and why."""

    reason: str
    check: str = ""
    requirement: str = ""

    @property
    def name(self) -> str:
        """What it is about."""
        return self.check or self.requirement

    def covers_check(self, check: str) -> bool:
        """Tell whether it is about a check; brackets of cases are plain characters."""
        return bool(self.check) and fnmatchcase(check, self.check.replace("[", "[[]"))


def arguments(path: Path | None = None) -> tuple[Argument, ...]:
    """Read a file of arguments, the shipped one by default.

    Raises `ConfigurationError` where the file cannot be read or a table is not as said above.
    """
    path = path or folder("spec") / "vacuous.toml"
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8")).get("vacuous", [])
        found = msgspec.convert(tables, tuple[Argument, ...])
    except OSError as error:
        raise ConfigurationError(error.strerror or "cannot be read", str(path)) from error
    except (ValueError, msgspec.ValidationError) as error:
        raise ConfigurationError(f"the arguments cannot be read ({error})", str(path)) from error
    for each in found:
        if bool(each.check) == bool(each.requirement) or not each.reason.strip():
            raise ConfigurationError(
                "a [[vacuous]] is incomplete", str(path), "a reason, and a check or a requirement"
            )
    return tuple(replace(each, reason=" ".join(each.reason.split())) for each in found)
