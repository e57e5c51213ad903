"""Seeing checks fail: whether the suite finds the fault of a server that is known to be faulty."""

import shutil
import tempfile
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final

from pgassay._folders import folder
from pgassay.coverage import checks_by_requirement
from pgassay.results import Results
from pgassay.run import RunOptions, examine
from pgassay.target.model import Target
from pgassay.verdict import Verdict

#: What marks modules whose checks draw their requests: they take long, and find a fault by luck.
_DRAWING: Final = b"@kind("
#: Seconds after which a state counts as one that does not come; more where programs do real work.
_BUDGETS: Final = {
    "create": 2.0,
    "scale": 2.0,
    "restart": 1.0,
    "delete": 1.0,
    "cdc": 1.0,
    "config": 0.5,
    "backup": 2.5,
    "request": 2.0,
}
_REAL_BUDGETS: Final = {
    "create": 20.0,
    "scale": 20.0,
    "restart": 10.0,
    "config": 1.5,
    "backup": 20.0,
}


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the suite found out about one faulty server.

    Attributes:
        name: The fault.
        breaks: The requirements that the fault violates.
        killers: For each requirement that was found violated, the checks that found it.
        verdicts: The verdict on every requirement that was examined.
        duration: Seconds that it took.
    """

    name: str
    breaks: tuple[str, ...]
    killers: Mapping[str, tuple[str, ...]]
    verdicts: Mapping[str, Verdict]
    duration: float

    @property
    def unnoticed(self) -> tuple[str, ...]:
        """The violated requirements that no check and no monitor found violated."""
        return tuple(identifier for identifier in self.breaks if identifier not in self.killers)

    @property
    def killed(self) -> bool:
        """Tell whether everything that is broken was found broken."""
        return not self.unnoticed


def assess(
    name: str, target: Target, breaks: tuple[str, ...], shown_by: tuple[str, ...] = ()
) -> Assessment:
    """Examine a server whose fault violates the requirements `breaks`.

    Only checks of these requirements and of `shown_by` run, and the monitors with them. The first
    look ends at the first failure or warning; where that leaves a requirement unnoticed, a second
    one goes on to the end. Raises `UsageError` for an unknown requirement.
    """
    started = time.perf_counter()
    wanted = (*breaks, *shown_by)
    results = observe(target, wanted, fail_fast=True)
    if set(breaks) - _killers(results).keys():
        results = observe(target, wanted, drawn=True)
    killers = _killers(results)
    return Assessment(
        name,
        breaks,
        {identifier: killers[identifier] for identifier in breaks if identifier in killers},
        {row.id: row.verdict for row in results.requirements},
        time.perf_counter() - started,
    )


def observe(
    target: Target,
    requirements: Collection[str],
    *,
    fail_fast: bool = False,
    drawn: bool = False,
) -> Results:
    """Run the checks of some requirements; those that draw their requests if `drawn`, or alone."""
    with tempfile.TemporaryDirectory(prefix="pgassay-") as scratch:
        checks = Path(scratch) / "conformance"
        checks.mkdir()
        for module in _modules(requirements, drawn=drawn):
            shutil.copy(module, checks)
        options = RunOptions(
            output=Path(scratch) / "run",
            requirements=tuple(sorted(requirements)),
            profile="full",
            fail_fast=fail_fast,
            warnings_too=True,
            checks=checks,
        )
        return examine(target, options)


def hasty(target: Target) -> Target:
    """Return a target of few sizes and short budgets: states that do not come cost seconds."""
    real = target.features.get("data_plane", False)
    timing = replace(target.timing, **(_BUDGETS | _REAL_BUDGETS if real else _BUDGETS))
    clickhouse = replace(target.clickhouse, sizes=target.clickhouse.sizes[:3])
    return replace(target, timing=timing, clickhouse=clickhouse)


@cache
def _bound() -> Mapping[str, frozenset[str]]:
    return {
        identifier: frozenset(place.file.rpartition("/")[2] for place in places)
        for identifier, places in checks_by_requirement().items()
    }


def _modules(requirements: Collection[str], *, drawn: bool) -> set[Path]:
    """Return the modules that judge the requirements; drawing ones for want of another only."""
    chosen: set[Path] = set()
    for identifier in requirements:
        modules = {folder("conformance") / name for name in _bound().get(identifier, ())}
        modules = {module for module in modules if module.is_file()}
        plain = {module for module in modules if _DRAWING not in module.read_bytes()}
        chosen |= modules if drawn else plain or modules
    return chosen


def _killers(results: Results) -> Mapping[str, tuple[str, ...]]:
    return {
        row.id: tuple(dict.fromkeys(results.findings[index].check for index in row.findings))
        for row in results.requirements
        if row.findings
    }
