"""Checks that only look at what a fixture got: a second replay changes what it was answered."""

import random
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from functools import partial

from pgassay.falsification.change import Change
from pgassay.falsification.falsifier import Attempt, Examined, Falsifier
from pgassay.falsification.record import Record
from pgassay.falsification.selection import changes
from pgassay.results import CheckResult


class Lending(Falsifier):
    """Changes answers to fixtures, and goes on until a check is over that leans on them."""

    def expect(self, leaning: list[Examined], shaken: set[str]) -> None:
        """Say which passes may lean on fixtures, and which requirements are shaken already."""
        self._until = ""
        self.shaken |= shaken
        self._borrowers: dict[str, list[Examined]] = defaultdict(list)
        for examined in leaning:
            if lender := _lender(self._record, examined.check):
                self._borrowers[lender].append(examined)

    def started(self, check: str) -> None:
        """Change what fixtures are answered while this check runs."""
        if self._children.inside:
            return
        self._progress.started(check)
        self._tape.begin()
        for examined in self._borrowers[check]:
            self._lend(check, examined)
            if self._children.inside:
                return

    def finished(self, result: CheckResult, requests: int) -> None:
        """In a child: tell what became of the check that it is about, and end."""
        if self._children.inside and result.id == self._until:
            self._children.reply(self._outcome())

    def _lend(self, lender: str, examined: Examined) -> None:
        chance = random.Random(f"{examined.check}/{lender}")  # noqa: S311 - a draw
        for tried, change in enumerate(changes(self._record.lent[lender], self._pasts, chance)):
            shaken = self.shaken.issuperset(examined.requirements)
            if self._effort.suffices(tried, noticed=examined.noticed, shaken=shaken):
                return
            trial = self._children.attempt(partial(self._go_on, change, examined.check))
            if trial is None:
                return
            # Monitors saw other checks as well.
            examined.attempts.append(Attempt(change, replace(trial, watched=())))
            self.shaken.update(trial.blamed)

    def _go_on(self, change: Change, until: str) -> None:
        self._until = until
        self._prepare(change)


def leaning(examined: Iterable[Examined], shaken: set[str]) -> list[Examined]:
    """Return the replayed passes that may lean on fixtures.

    They noticed nothing, or judge a requirement that nothing has shaken.
    """
    replayed = (each for each in examined if not each.reason)
    return [each for each in replayed if not (each.noticed and shaken >= {*each.requirements})]


def _lender(record: Record, check: str) -> str:
    """Return the latest check until then that set a fixture up; empty where there is none."""
    checks = list(record.verdicts)
    until = checks[: checks.index(check) + 1]
    return next((each for each in reversed(until) if record.lent[each]), "")
