"""Before each check of a replay: try what it does when its evidence is another."""

import random
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

from pgassay.falsification.change import Change, Kind, Past
from pgassay.falsification.past import pasts
from pgassay.falsification.recollection import note_reading, remember
from pgassay.falsification.record import Record, Recorded
from pgassay.falsification.selection import changes
from pgassay.falsification.tape import Tape
from pgassay.falsification.trial import Children, Trial
from pgassay.results import CheckResult
from pgassay.run.judging import blamed_by
from pgassay.run.progress import Progress, Silence
from pgassay.run.session import Session
from pgassay.verdict import Verdict

#: Characters of a check's note that are shown.
_SHOWN: Final = 160


@dataclass(frozen=True, slots=True)
class Attempt:
    """A change of one answer, and what became of the check."""

    change: Change
    trial: Trial


@dataclass(slots=True)
class Examined:
    """A recorded pass and what was tried on it; `reason` says why nothing was."""

    check: str
    requirements: tuple[str, ...]
    reason: str = ""
    attempts: list[Attempt] = field(default_factory=list)

    @property
    def noticed(self) -> bool:
        """Tell whether the check itself noticed one of the changes."""
        return any(attempt.trial.noticed for attempt in self.attempts)

    @property
    def blamed(self) -> frozenset[str]:
        """The requirements from which the check found deviations."""
        return frozenset(name for attempt in self.attempts for name in attempt.trial.blamed)


@dataclass(frozen=True, slots=True)
class Effort:
    """How many changes of a check are tried.

    `usual` ones always; up to `more` until each requirement that it judges is shaken; up to `most`
    until it notices one itself.
    """

    usual: int = 4
    more: int = 200
    most: int = 400

    def suffices(self, tried: int, *, noticed: bool, shaken: bool) -> bool:
        """Tell whether no other change need be tried."""
        if tried < self.usual:
            return False
        return tried >= self.most or (noticed and (shaken or tried >= self.more))


class Falsifier(Silence):
    """Told of each check of a replay; falsifies those that passed when they were recorded."""

    def __init__(
        self,
        record: Record,
        session: Session,
        tape: Tape,
        wanted: Collection[str],
        progress: Progress,
        effort: Effort,
    ) -> None:
        """Falsify the checks that are `wanted`; raises `UsageError` where there is no fork."""
        self._record = record
        self._session = session
        self._tape = tape
        self._wanted = wanted
        self._progress = progress
        self._effort = effort
        self._children = Children()
        self._by_number = {each.sequence: each for each in record.exchanges}
        self._pasts = dict(pasts(record, session))
        self._found: Counter[tuple[str, str, str]] = Counter()
        self._read: set[int] = set()
        self.examined: list[Examined] = []
        #: Requirements that a changed answer was found to violate, by a check or a monitor.
        self.shaken: set[str] = set()

    def run(self, checks: Callable[[Session, Progress], None]) -> None:
        """Run the checks of the session, falsifying them."""
        try:
            checks(self._session, self)
        finally:
            self._children.leave()

    def selected(self, checks: int) -> None:
        """Tell how many checks there are."""
        self._progress.selected(checks)

    def started(self, check: str) -> None:
        """Falsify a check before it runs."""
        self._progress.started(check)
        self._tape.begin()
        self._found = self._findings()
        if check in self._wanted:
            self._falsify(check)

    def finished(self, result: CheckResult, requests: int) -> None:
        """In a child: tell what became of the check, and end."""
        if self._children.inside:
            self._children.reply(self._outcome())
        self._progress.finished(result, requests)

    def _falsify(self, check: str) -> None:
        unchanged = self._children.attempt(partial(note_reading, self._read))
        if unchanged is None:
            return
        examined = Examined(check, unchanged.requirements, _unlike(unchanged))
        self.examined.append(examined)
        if not examined.reason:
            self._try_changes(examined, unchanged)

    def _try_changes(self, examined: Examined, unchanged: Trial) -> None:
        for tried, change in enumerate(self._changes(examined, unchanged)):
            shaken = self.shaken.issuperset(examined.requirements)
            if self._effort.suffices(tried, noticed=examined.noticed, shaken=shaken):
                return
            trial = self._children.attempt(partial(self._prepare, change))
            if trial is None:
                return
            watched = () if unchanged.overlapped else set(trial.watched) - set(unchanged.watched)
            trial = replace(trial, watched=tuple(sorted(watched)))
            examined.attempts.append(Attempt(change, trial))
            self.shaken.update(trial.blamed, trial.watched)

    def _changes(self, examined: Examined, unchanged: Trial) -> Iterator[Change]:
        """Yield changes of what the check asked for, then of what it read besides."""
        chance = random.Random(f"{self._record.recipe.seed}/{examined.check}")  # noqa: S311 - a draw
        own = self._record.of(examined.check)
        others = sorted(set(unchanged.read) - {each.sequence for each in own})
        recalled = [self._by_number[number] for number in others if number in self._by_number]
        known = tuple(each for each in recalled if each.method == "POST")
        self._pasts |= {each.sequence: self._past(each, known) for each in own}
        yield from changes(own, self._pasts, chance)
        for change in changes(recalled, self._pasts, chance):
            if change.kind not in {Kind.SLOW, Kind.LOST}:
                yield change

    def _past(self, recorded: Recorded, creations: tuple[Recorded, ...]) -> Past:
        """What came before an exchange, with the creations that its check remembers."""
        past = self._pasts[recorded.sequence]
        alike = [each for each in creations if each.path == recorded.path]
        more = (each for each in alike if each not in past.answers)
        return replace(past, answers=(*past.answers, *more))

    def _prepare(self, change: Change) -> None:
        recorded = self._by_number[change.sequence]
        changed = change.applied(recorded, self._pasts[change.sequence])
        self._tape.changed = changed
        if self._tape.is_past(change.sequence):
            remember(changed, self._tape.reveal(changed))

    def _outcome(self) -> Trial:
        checked = self._session.checked[-1]
        deviations, verdict = checked.outcome.deviations, checked.result.verdict
        catalogue = self._session.catalogue
        blamed = {name for each in deviations for name in blamed_by(each, checked, catalogue)}
        watched = {name for name, _, _ in self._findings() - self._found}
        return Trial(
            verdict=verdict,
            requirements=checked.result.requirements,
            blamed=tuple(sorted(blamed)) if verdict in {Verdict.FAIL, Verdict.WARN} else (),
            watched=tuple(sorted(watched)),
            read=tuple(sorted(self._read)),
            strayed=self._tape.strayed,
            overlapped=self._tape.overlapped,
            note=checked.result.note,
        )

    def _findings(self) -> Counter[tuple[str, str, str]]:
        return Counter(
            {
                (each.judgement.requirement, each.operation, each.judgement.title): each.count
                for each in self._session.watch.found
            }
        )


def _unlike(unchanged: Trial) -> str:
    """Say why a check's verdict cannot be judged again; empty where it can."""
    if unchanged.verdict is not Verdict.PASS:
        note = unchanged.note.partition("\n")[0]
        return f"the replay does not repeat it: {unchanged.verdict}, {note[:_SHOWN]}"
    return "its requests are not those that were recorded" if unchanged.strayed else ""
