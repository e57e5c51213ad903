"""Falsify a recorded run."""

import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

import msgspec

from pgassay import results
from pgassay.errors import UsageError
from pgassay.falsification.argument import Argument, arguments
from pgassay.falsification.falsifier import Effort, Examined, Falsifier
from pgassay.falsification.findings import Falsification, concluded
from pgassay.falsification.lending import Lending, leaning
from pgassay.falsification.record import Record, records
from pgassay.falsification.replay import replaying
from pgassay.results import CheckResult
from pgassay.run.checking import run_checks
from pgassay.run.progress import Progress, Silence
from pgassay.run.session import Session
from pgassay.verdict import Verdict

#: Every change there is, until each requirement that a check judges is shaken.
_ALL: Final = Effort(more=sys.maxsize, most=sys.maxsize)


@dataclass(frozen=True, slots=True)
class Scope:
    """Which passes are falsified: those of some requirements, some checks; empty means all.

    In the name of a check `*` stands for any text, and one without brackets means all its cases.
    """

    requirements: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()

    def wants(self, check: CheckResult) -> bool:
        """Tell whether a check is meant."""
        bare = check.id.partition("[")[0]
        named = any(check.id == each or fnmatchcase(bare, each) for each in self.checks)
        judges = not set(self.requirements).isdisjoint(check.requirements)
        return (named or not self.checks) and (judges or not self.requirements)


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
    passed = [
        each.id for each in found.checks if each.verdict is Verdict.PASS and scope.wants(each)
    ]
    if not passed:
        raise UsageError("no pass of the run is meant", str(run), "names of checks that passed")
    shown = progress or Silence()
    examined, shaken = _round(recorded, passed, effort, shown, checks, set())
    if stubborn := _stubborn(examined, shaken, known):
        # A few changes of each check may miss the one that matters.
        again, shaken = _round(recorded, stubborn, _ALL, shown, checks, shaken)
        examined = list({each.check: each for each in (*examined, *again)}.values())
    seconds = time.monotonic() - started
    return concluded(found, examined, shaken, known, seconds)


def _round(
    recorded: Sequence[Record],
    passed: Sequence[str],
    effort: Effort,
    progress: Progress,
    checks: Path | None,
    shaken: set[str],
) -> tuple[list[Examined], set[str]]:
    """Falsify the passes in all journals; adds to the requirements that are `shaken` already."""
    examined: list[Examined] = []
    for record in recorded:
        wanted = [each for each in passed if each in record.verdicts]
        if wanted:
            tried, moved = _tried(record, wanted, effort, progress, checks, shaken)
            examined += tried
            shaken = shaken | moved
    return examined, shaken


def _stubborn(
    examined: Iterable[Examined], shaken: set[str], known: Sequence[Argument]
) -> list[str]:
    """The checks of requirements that nothing has shaken, and no argument is about."""
    settled = shaken | {each.requirement for each in known}
    return [
        each.check
        for each in examined
        if not each.reason
        and set(each.requirements) - settled
        and not any(argument.covers_check(each.check) for argument in known)
    ]


def _tried(
    record: Record,
    wanted: list[str],
    effort: Effort,
    progress: Progress,
    checks: Path | None,
    shaken: set[str],
) -> tuple[list[Examined], set[str]]:
    """Falsify one journal; return its passes and the requirements that were found violated."""
    with replaying(record, checks) as (session, tape):
        falsifier = Falsifier(record, session, tape, wanted, progress, effort)
        falsifier.shaken |= shaken
        falsifier.run(run_checks)
        _go_on(session)
    unmoved = leaning(falsifier.examined, falsifier.shaken)
    if not unmoved:
        return falsifier.examined, falsifier.shaken
    with replaying(record, checks) as (session, tape):
        lending = Lending(record, session, tape, wanted, Silence(), effort)
        lending.expect(unmoved, falsifier.shaken)
        lending.run(run_checks)
        _go_on(session)
    return falsifier.examined, lending.shaken


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
