"""Why the shipped document differs on purpose: one argument for each difference, or group of them.

`spec/differences.toml` holds `[[difference]]` tables with a `key` and a `reason`. A key is that of
a difference; `*` in it stands for any text, and no other character is special.
"""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pgassay.difference.comparison import Difference
from pgassay.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Argument:
    """Which differences are meant, and why they are right."""

    key: str
    reason: str

    def covers(self, difference: Difference) -> bool:
        """Tell whether the difference is meant."""
        pattern = ".*".join(map(re.escape, self.key.split("*")))
        return re.fullmatch(pattern, difference.key, re.DOTALL) is not None


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Differences with their first argument, differences without, and arguments about nothing."""

    argued: tuple[tuple[Difference, Argument], ...]
    others: tuple[Difference, ...]
    stale: tuple[Argument, ...]


@dataclass(frozen=True, slots=True)
class Arguments:
    """The arguments of one file, in its order.

    `document` is the SHA-256 of the other document that they are about; empty if it is not said.
    """

    family: str
    entries: tuple[Argument, ...]
    document: str = ""

    @classmethod
    def read(cls, path: Path) -> "Arguments":
        """Read the file; raises `ConfigurationError` where it is not as described above."""
        try:
            content = tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise ConfigurationError(error.strerror or "cannot be read", where=str(path)) from error
        except ValueError as error:
            raise ConfigurationError(f"this is not TOML ({error})", where=str(path)) from error
        family, tables = content.get("family"), content.get("difference", [])
        if not isinstance(family, str) or not isinstance(tables, list):
            raise ConfigurationError(
                "the arguments are incomplete",
                where=str(path),
                expected="family, the API family that they are about, and [[difference]] tables",
            )
        entries = tuple(_argument(path, table) for table in tables)
        return cls(family, entries, str(content.get("document", "")))

    def judge(self, differences: Iterable[Difference]) -> Verdicts:
        """Sort differences into argued ones and others; the first argument that covers one counts.

        An argument is stale when it covers nothing, or nothing that an earlier one does not cover.
        """
        argued: list[tuple[Difference, Argument]] = []
        others: list[Difference] = []
        for difference in differences:
            found = next((each for each in self.entries if each.covers(difference)), None)
            if found is None:
                others.append(difference)
            else:
                argued.append((difference, found))
        used = {argument for _, argument in argued}
        stale = tuple(each for each in self.entries if each not in used)
        return Verdicts(tuple(argued), tuple(others), stale)


def _argument(path: Path, table: object) -> Argument:
    if isinstance(table, dict) and set(table) == {"key", "reason"}:
        key, reason = table["key"], table["reason"]
        if isinstance(key, str) and isinstance(reason, str) and key and reason.strip():
            return Argument(key, " ".join(reason.split()))
    raise ConfigurationError(
        f"a [[difference]] is incomplete ({str(table)[:80]})",
        where=str(path),
        expected="the two members key and reason, both texts",
    )
