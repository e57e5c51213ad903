"""Verdicts, their order, and the exit status that follows from them.

This module is the only place that knows which verdict is worse than which and what a run's
verdicts mean for a CI job.
"""

from collections.abc import Iterable
from enum import IntEnum, StrEnum


class Verdict(StrEnum):
    """What is known about a requirement after a run; later members are worse."""

    PASS = "PASS"  # noqa: S105 - no password
    NOT_APPLICABLE = "NOT_APPLICABLE"
    DISABLED = "DISABLED"
    WAIVED = "WAIVED"
    WARN = "WARN"
    NOT_TESTABLE = "NOT_TESTABLE"
    BLOCKED = "BLOCKED"
    INCONCLUSIVE = "INCONCLUSIVE"
    FAIL = "FAIL"
    ERROR = "ERROR"

    @property
    def rank(self) -> int:
        """The position in the order from best (0) to worst."""
        return _RANK[self]

    # All four: `str`, which a StrEnum is, has its own and would compare names.
    def __lt__(self, other: str) -> bool:
        """Tell whether this verdict is better than `other`."""
        return self.rank < Verdict(other).rank

    def __le__(self, other: str) -> bool:
        """Tell whether this verdict is not worse than `other`."""
        return self.rank <= Verdict(other).rank

    def __gt__(self, other: str) -> bool:
        """Tell whether this verdict is worse than `other`."""
        return self.rank > Verdict(other).rank

    def __ge__(self, other: str) -> bool:
        """Tell whether this verdict is not better than `other`."""
        return self.rank >= Verdict(other).rank

    @property
    def judged(self) -> bool:
        """Tell whether the target itself was judged (rather than left out or out of reach)."""
        return self in _JUDGED

    @property
    def open(self) -> bool:
        """Tell whether the question was asked and could not be answered."""
        return self in _OPEN


_RANK = {verdict: rank for rank, verdict in enumerate(Verdict)}
_JUDGED = frozenset({Verdict.PASS, Verdict.WARN, Verdict.FAIL, Verdict.WAIVED})
_OPEN = frozenset({Verdict.NOT_TESTABLE, Verdict.BLOCKED, Verdict.INCONCLUSIVE})


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the worst of `verdicts`; nothing at all is NOT_TESTABLE, never green."""
    return max(verdicts, default=Verdict.NOT_TESTABLE)


class ExitStatus(IntEnum):
    """The exit status of every command."""

    CONFORMS = 0
    FAILED = 1
    USAGE = 2
    SUITE_BROKE = 3
    INCONCLUSIVE = 4
    LEFT_BEHIND = 5


def exit_status(
    verdicts: Iterable[Verdict], must_verdicts: Iterable[Verdict], *, left_behind: int = 0
) -> ExitStatus:
    """Derive the exit status of a run.

    `verdicts` are those of all examined requirements, `must_verdicts` those of the MUST
    requirements among them, `left_behind` is the number of resources that could not be removed.
    A run that judged nothing is inconclusive: zero checks are never green.
    """
    everything = list(verdicts)
    if Verdict.ERROR in everything:
        return ExitStatus.SUITE_BROKE
    if Verdict.FAIL in everything:
        return ExitStatus.FAILED
    if not any(verdict.judged for verdict in everything):
        return ExitStatus.INCONCLUSIVE
    if any(verdict.open for verdict in must_verdicts):
        return ExitStatus.INCONCLUSIVE
    return ExitStatus.LEFT_BEHIND if left_behind else ExitStatus.CONFORMS
