"""Examining one server, with some of the checks."""

import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final

import httpx

from pgassay._folders import folder
from pgassay.coverage import checks_by_requirement
from pgassay.results import Results
from pgassay.run import RunOptions, examine
from pgassay.target.model import Target

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
class Subject:
    """A server to examine: its target, and the way to it where that is not the network."""

    target: Target
    transport: httpx.BaseTransport | None = None


def hasty(target: Target) -> Target:
    """Return a target of few sizes and short budgets: states that do not come cost seconds."""
    real = target.features.get("data_plane", False)
    timing = replace(target.timing, **(_BUDGETS | _REAL_BUDGETS if real else _BUDGETS))
    few = replace(target.clickhouse, sizes=target.clickhouse.sizes[:3])
    return replace(target, clickhouse=few, timing=timing)


def observe(
    subject: Subject,
    requirements: Collection[str],
    *,
    fail_fast: bool = False,
    drawn: bool = False,
) -> Results:
    """Run the checks of some requirements; those that draw their requests if `drawn`, or alone.

    Raises `UsageError` for an unknown requirement.
    """
    options = RunOptions(
        output=Path(),
        requirements=tuple(sorted(requirements)),
        profile="full",
        fail_fast=fail_fast,
        warnings_too=True,
        modules=tuple(sorted(_modules(requirements, drawn=drawn))),
    )
    with recorded(subject, options) as (results, _):
        return results


@contextmanager
def recorded(subject: Subject, options: RunOptions) -> Iterator[tuple[Results, Path]]:
    """Run the checks that `options` select; gives the results, and the journal inside the block.

    The output that `options` name is not used. Raises `KeyboardInterrupt` for a run that was
    interrupted.
    """
    with tempfile.TemporaryDirectory(prefix="pgassay-") as scratch:
        chosen = replace(options, output=Path(scratch) / "run")
        results = examine(subject.target, chosen, transport=subject.transport)
        if results.run.interrupted:
            raise KeyboardInterrupt
        yield results, chosen.output / chosen.part.journal


@cache
def _bound() -> Mapping[str, frozenset[str]]:
    return {
        identifier: frozenset(place.file.rpartition("/")[2] for place in places)
        for identifier, places in checks_by_requirement().items()
    }


@cache
def _kinds() -> Mapping[str, bool]:
    """Which check modules there are, and which of them draw their requests."""
    return {
        module.name: _DRAWING in module.read_bytes()
        for module in folder("conformance").glob("*.py")
    }


def _modules(requirements: Collection[str], *, drawn: bool) -> set[str]:
    """Name the modules that judge the requirements; drawing ones for want of another only."""
    chosen: set[str] = set()
    for identifier in requirements:
        modules = _bound().get(identifier, frozenset()) & _kinds().keys()
        plain = {module for module in modules if not _kinds()[module]}
        chosen |= modules if drawn else plain or modules
    return chosen
