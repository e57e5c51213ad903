"""What became of one check, before it is counted for its requirements."""

from collections.abc import Iterator
from dataclasses import dataclass

from pgassay.deviation import (
    Blocked,
    Deviation,
    Inconclusive,
    NotApplicable,
    NotJudged,
    NotTestable,
    Unaffordable,
)
from pgassay.exchange import Exchange
from pgassay.verdict import Verdict

_VERDICTS: tuple[tuple[type[NotJudged], Verdict], ...] = (
    (NotApplicable, Verdict.NOT_APPLICABLE),
    (NotTestable, Verdict.NOT_TESTABLE),
    (Blocked, Verdict.BLOCKED),
    (Inconclusive, Verdict.INCONCLUSIVE),
)

#: How many deviations of one check its note tells.
_NOTED = 3


@dataclass(frozen=True, slots=True)
class Outcome:
    """A check that passed, deviated, or was not judged (then `verdict` and `note` say why).

    `complete` tells that the check went on to its end although it deviated, as one does that raises
    a group: what it is bound to and did not deviate from was judged and holds.
    """

    verdict: Verdict = Verdict.PASS
    note: str = ""
    deviations: tuple[Deviation, ...] = ()
    evidence: Exchange | None = None
    complete: bool = False
    #: The limits of the target left nothing to be created for the check.
    unaffordable: bool = False


def outcome_of(error: BaseException, phase: str, last: Exchange | None) -> Outcome:
    """Turn what a check raised into its outcome; `phase` is setup, call or teardown."""
    found = tuple(part for part in _parts(error) if isinstance(part, Deviation))
    if found:
        note = "; ".join(map(str, found[:_NOTED]))
        if phase != "call":
            return Outcome(Verdict.BLOCKED, f"what the check needs failed: {note}", found, last)
        unjudged = any(isinstance(part, NotJudged) for part in _parts(error))
        complete = isinstance(error, BaseExceptionGroup) and not unjudged
        return Outcome(Verdict.FAIL, note, found, last, complete)
    cause = next((part for part in _parts(error) if isinstance(part, NotJudged)), None)
    if cause is not None:
        verdict = next(verdict for kind, verdict in _VERDICTS if isinstance(cause, kind))
        dear = isinstance(cause, Unaffordable)
        return Outcome(verdict, str(cause), evidence=last, unaffordable=dear)
    if isinstance(error, AssertionError) and phase == "call":
        text = str(error).strip().splitlines() or ["the assertion does not hold"]
        deviation = Deviation(text[0], "the assertion to hold", " ".join(text))
        return Outcome(Verdict.FAIL, text[0], (deviation,), last)
    return Outcome(Verdict.ERROR, f"{type(error).__name__}: {error}", evidence=last)


def _parts(error: BaseException) -> Iterator[BaseException]:
    yield error
    if isinstance(error, BaseExceptionGroup):
        for part in error.exceptions:
            yield from _parts(part)
