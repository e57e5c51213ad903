"""Falsify a recorded run."""

import time
from collections.abc import Collection
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import msgspec

from pgassay import results
from pgassay.errors import UsageError
from pgassay.falsification.argument import arguments
from pgassay.falsification.falsifier import Effort, Examined, Falsifier
from pgassay.falsification.findings import Falsification, concluded
from pgassay.falsification.lending import Lending, leaning
from pgassay.falsification.record import Record, records
from pgassay.falsification.replay import replaying
from pgassay.run.checking import run_checks
from pgassay.run.progress import Progress, Silence
from pgassay.run.session import Session


@dataclass(frozen=True, slots=True)
class Scope:
    """Which passes are falsified: those of some requirements, some checks; empty means all.

    In the name of a check `*` stands for any text, and one without brackets means all its cases.
    """

    requirements: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()

    def wants(self, check: str, judged: Collection[str]) -> bool:
        """Tell whether a check that judges some requirements is meant."""
        bare = check.partition("[")[0]
        named = any(check == each or fnmatchcase(bare, each) for each in self.checks)
        return (named or not self.checks) and (
            not self.requirements or not set(self.requirements).isdisjoint(judged)
        )


def falsify(
    run: Path,
    scope: Scope = Scope(),
    effort: Effort = Effort(),  # noqa: B008 - frozen
    progress: Progress | None = None,
    *,
    checks: Path | None = None,
    argued: Path | None = None,
) -> Falsification:
    """Change the evidence of a run's passes, one thing at a time, and say which noticed it.

    `checks` is where the run's checks are and `argued` the file of arguments; by default the
    shipped ones. Raises `UsageError` where `run` is no folder of a run that can be judged again or
    nothing in it is meant, `KeyboardInterrupt` when interrupted.
    """
    started = time.monotonic()
    known, recorded = arguments(argued), records(run)
    found = _results(run)
    examined: list[Examined] = []
    shaken: set[str] = set()
    for record in recorded:
        tried, moved = _tried(record, scope, effort, progress or Silence(), checks)
        examined += tried
        shaken |= moved
    if not examined:
        raise UsageError("no pass of the run is meant", str(run), "names of checks that passed")
    judged = {name for each in examined for name in each.requirements}
    narrow = bool(scope.requirements or scope.checks)
    rows = [
        row for row in found.requirements if row.id in judged or (not narrow and row.observations)
    ]
    seconds = time.monotonic() - started
    return concluded(run.name, found.run.seed, examined, shaken, rows, known, seconds)


def _tried(
    record: Record, scope: Scope, effort: Effort, progress: Progress, checks: Path | None
) -> tuple[list[Examined], set[str]]:
    """Falsify one journal; return its passes and the requirements that were found violated."""
    with replaying(record, checks) as (session, tape):
        falsifier = Falsifier(record, session, tape, scope.wants, progress, effort)
        falsifier.run(run_checks)
        _go_on(session)
    unmoved = leaning(record, falsifier.examined)
    if not unmoved:
        return falsifier.examined, falsifier.shaken
    with replaying(record, checks) as (session, tape):
        lending = Lending(record, session, tape, scope.wants, Silence(), effort)
        lending.expect(unmoved)
        lending.run(run_checks)
        _go_on(session)
    return falsifier.examined, falsifier.shaken | lending.shaken


def _go_on(session: Session) -> None:
    if session.interrupted:
        raise KeyboardInterrupt


def _results(run: Path) -> results.Results:
    path = run / "results.json"
    try:
        return results.read(path)
    except OSError as error:
        raise UsageError(
            "there are no results: the run did not come to its end", str(path)
        ) from error
    except msgspec.DecodeError as error:
        raise UsageError(f"these are no results of a run ({error})", str(path)) from error
