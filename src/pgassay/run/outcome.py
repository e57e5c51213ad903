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
)
from pgassay.exchange import Exchange
from pgassay.verdict import Verdict

_VERDICTS: tuple[tuple[type[NotJudged], Verdict], ...] = (
    (NotApplicable, Verdict.NOT_APPLICABLE),
    (NotTestable, Verdict.NOT_TESTABLE),
    (Blocked, Verdict.BLOCKED),
    (Inconclusive, Verdict.INCONCLUSIVE),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A check that passed, deviated, or was not judged (then `verdict` and `note` say why)."""

    verdict: Verdict = Verdict.PASS
    note: str = ""
    deviation: Deviation | None = None
    evidence: Exchange | None = None


def outcome_of(error: BaseException, phase: str, last: Exchange | None) -> Outcome:
    """Turn what a check raised into its outcome; `phase` is setup, call or teardown."""
    found = next((part for part in _parts(error) if isinstance(part, Deviation)), None)
    if found is not None:
        evidence = found.exchange or last
        if phase == "call":
            return Outcome(Verdict.FAIL, str(found), found, evidence)
        return Outcome(Verdict.BLOCKED, f"what the check needs failed: {found}", found, evidence)
    cause = next((part for part in _parts(error) if isinstance(part, NotJudged)), None)
    if cause is not None:
        verdict = next(verdict for kind, verdict in _VERDICTS if isinstance(cause, kind))
        return Outcome(verdict, str(cause), evidence=last)
    if isinstance(error, AssertionError) and phase == "call":
        text = str(error).strip().splitlines() or ["the assertion does not hold"]
        deviation = Deviation(text[0], "the assertion to hold", " ".join(text))
        return Outcome(Verdict.FAIL, text[0], deviation, last)
    return Outcome(Verdict.ERROR, f"{type(error).__name__}: {error}", evidence=last)


def _parts(error: BaseException) -> Iterator[BaseException]:
    yield error
    if isinstance(error, BaseExceptionGroup):
        for part in error.exceptions:
            yield from _parts(part)
