"""Reported figures against the truth: what deviates by how much, and how much it may."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Final

from pgassay.calibration.cases import KINDS, CapacityCase, Case
from pgassay.calibration.choice import LAWS, law, read
from pgassay.calibration.reported import Operation, Reported
from pgassay.calibration.theory import nearest_rank, responses, scatter
from pgassay.calibration.truth import Report, Samples

SHARES: Final = (0.5, 0.9, 0.99)
#: A percentile may be off by this share, or by these seconds if that is more.
_SHARE: Final = 0.03
_SECONDS: Final = 0.002
#: A slope may be off by this share, or by these seconds in each second.
_SLOPE_SHARE: Final = 0.1
_SLOPE: Final = 0.0005
#: How often a law is repeated in virtual time to see how far its percentiles scatter.
_REPEATS: Final = 300
#: How many times the lateness seen (a 99th percentile) a deviation may be and still come from it.
_EXPLAINED: Final = 5.0
_THROTTLED: Final = "429"


class Verdict(StrEnum):
    """What became of one comparison; later ones are worse."""

    HOLDS = "holds"
    LATE = "too late"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison. `unit` is "s" for times, "s/s" for slopes, "/s" for rates, "" for counts."""

    case: str
    figure: str
    truth: float
    reported: float | None
    allowed: float
    verdict: Verdict
    unit: str = ""
    note: str = ""

    @property
    def deviation(self) -> float | None:
        """How far the reported figure is from the truth."""
        return None if self.reported is None else abs(self.reported - self.truth)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Both sides of one case. `samples` are the server's raw times, by operation."""

    case: Case
    reported: Reported
    truth: Report
    samples: Mapping[str, Samples]
    seed: str

    def measured(self, operation: str) -> list[tuple[float, int]]:
        """The server's times and statuses of the measured requests.

        The cases send nothing unmeasured of an operation before them; what settles and cleans up
        comes last.
        """
        found = self.samples.get(operation)
        return found.first(self.reported.of(operation).sent) if found else []

    def times(self, operation: str) -> list[float]:
        """The server's own times of the requests that the percentiles are of.

        Those are the first ones: what was due after the last arrival is not judged.
        """
        good = [seconds for seconds, status in self.measured(operation) if status // 100 == 2]
        return good[: len(self.reported.of(operation).samples)]

    @property
    def lateness(self) -> float:
        """How late generator and server were themselves, by their 99th percentiles (seconds)."""
        servers = [
            each.lateness.percentiles["p99"] or 0.0 for each in self.truth.operations.values()
        ]
        return max(self.reported.lag, *servers, 0.0)


def compare(evidence: Evidence) -> Iterator[Row]:
    """Compare everything that the case is about."""
    if evidence.reported.trouble:
        yield Row(
            evidence.case.name, "a report", 1, 0, 0, Verdict.WRONG, "", evidence.reported.trouble
        )
        return
    yield from counts(evidence)
    for operation in evidence.case.timed:
        yield from recorded(evidence, operation)
    for operation in evidence.case.planned:
        yield from intended(evidence, operation)
    for operation in evidence.case.theory:
        yield from lawful(evidence, operation)
    yield from slopes(evidence)
    yield from active(evidence)
    yield from found(evidence)


def counts(evidence: Evidence) -> Iterator[Row]:
    """Requests, refusals and broken connections, to the unit."""
    case, reported, truth = evidence.case.name, evidence.reported, evidence.truth
    names = sorted({*reported.operations, *truth.operations})
    wrong = [name for name in names if reported.of(name).requests != truth.received(name)]
    note = ", ".join(
        f"{name} {truth.received(name)}, not {reported.of(name).requests}" for name in wrong
    )
    yield _exact(
        case,
        "requests received",
        sum(map(truth.received, names)),
        sum(reported.of(name).requests for name in names),
        note,
    )
    for status, figure in ((429, "throttled"), (500, "errors"), (0, "resets")):
        happened = sum(found == status for name in names for _, found in evidence.measured(name))
        if sum(truth.answered(name, status) for name in names):
            each = reported.operations.values()
            yield _exact(case, figure, happened, sum(_seen(one, status) for one in each))
    if any(_THROTTLED in each.statuses for each in truth.operations.values()):
        yield _exact(case, "came before Retry-After", 0, len(truth.early))
    yield _exact(case, "instances left behind", 0, truth.existing)


def _seen(operation: Operation, status: int) -> int:
    """How many answers with a status were reported; status 0 stands for none at all."""
    return operation.statuses.get(str(status), 0) if status else operation.unanswered


def recorded(evidence: Evidence, operation: str) -> Iterator[Row]:
    """Percentiles against what the server recorded of the same requests."""
    times = evidence.times(operation)
    for share in SHARES:
        truth = nearest_rank(times, share) if times else 0.0
        yield _close(evidence, operation, share, truth, "server's record")


def intended(evidence: Evidence, operation: str) -> Iterator[Row]:
    """Percentiles against the law on the intended arrivals: nothing real is in this truth.

    A generator that waits for answers before it sends would agree with the server's record of what
    it sent, and not with this.
    """
    choice = read(evidence.case.law(operation), "", LAWS)
    arrivals = sorted(moment for moment, _ in evidence.reported.of(operation).samples)
    times = responses(law(choice, evidence.seed), arrivals)
    for share in SHARES:
        truth = nearest_rank(times, share) if times else 0.0
        yield _close(evidence, operation, share, truth, "law on the plan")


def lawful(evidence: Evidence, operation: str) -> Iterator[Row]:
    """Percentiles against the quantiles of the law, as far as so few samples can show them."""
    case = evidence.case
    ranges = _ranges(case.law(operation), case.rate_of(operation), case.seconds)
    for share in SHARES:
        truth, (low, high) = case.theory[operation](share), ranges[share]
        yield _close(evidence, operation, share, truth, "theory", max(truth - low, high - truth))


@cache
def _ranges(text: str, rate: float, seconds: float) -> dict[float, tuple[float, float]]:
    """How far the percentiles of a law scatter between runs of these many seconds."""
    choice = read(text, "", LAWS)
    return scatter(lambda seed: law(choice, seed), rate, seconds, SHARES, _REPEATS)


def slopes(evidence: Evidence) -> Iterator[Row]:
    """By how much an operation got slower, and whether just those that did are called slowing."""
    case, reported = evidence.case, evidence.reported
    for operation, truth in case.slopes.items():
        slope = reported.of(operation).slope
        allowed = max(_SLOPE_SHARE * truth, _SLOPE)
        verdict = _judge(evidence, truth, slope, allowed)
        yield Row(case.name, f"{operation} slower by", truth, slope, allowed, verdict, "s/s")
    slower = {name for name, truth in case.slopes.items() if truth}
    said = {name for name, each in reported.operations.items() if each.slowing}
    note = ", ".join(sorted(slower ^ said))
    yield _exact(case.name, "slowing down", len(slower), len(said), note)


def capacity(case: CapacityCase, reported: float | None, trouble: str) -> Row:
    """The rate that a search found; `trouble` says why it could not find one for sure."""
    truth = case.capacity
    allowed = case.allowed * truth
    close = reported is not None and abs(reported - truth) <= allowed
    verdict = Verdict.HOLDS if close else Verdict.LATE if trouble else Verdict.WRONG
    return Row(case.name, "highest rate kept", truth, reported, allowed, verdict, "/s", trouble)


def active(evidence: Evidence) -> Iterator[Row]:
    """The time to ACTIVE lies within every interval in which it was seen."""
    truth = evidence.case.active
    if not truth or evidence.case.faults:
        return
    seen = evidence.reported.active
    low = max((lower for lower, _ in seen), default=0.0)
    high = min((upper for _, upper in seen), default=0.0)
    reported = min(max(truth, low), high) if seen else None
    note = f"{len(seen)} intervals; all share {low * 1000:.0f} to {high * 1000:.0f} ms"
    verdict = _judge(evidence, truth, reported, 0.0)
    yield Row(evidence.case.name, "time to active", truth, reported, 0.0, verdict, "s", note)


def found(evidence: Evidence) -> Iterator[Row]:
    """Each fault by its own kind, and no finding about what was not touched."""
    case, findings = evidence.case.name, evidence.reported.findings
    touched: list[str] = []
    for fault, kind in KINDS.items():
        victims = evidence.truth.injected(fault)
        touched += [word for victim in victims for word in (victim.id, victim.name)]
        if not victims:
            continue
        texts = [each.text for each in findings if each.kind == kind]
        missed = [
            victim.name
            for victim in victims
            if not any(victim.id in text or victim.name in text for text in texts)
        ]
        note = f"not found: {', '.join(missed)}" if missed else ""
        yield _exact(case, kind, len(victims), len(victims) - len(missed), note)
    invented = [each for each in findings if not any(word in each.text for word in touched)]
    note = "; ".join(f"{each.kind}: {each.text}" for each in invented[:3])
    yield _exact(case, "findings invented", 0, len(invented), note)


def _exact(case: str, figure: str, truth: int, reported: int, note: str = "") -> Row:
    verdict = Verdict.HOLDS if truth == reported and not note else Verdict.WRONG
    return Row(case, figure, truth, reported, 0, verdict, "", note)


def _close(
    evidence: Evidence,
    operation: str,
    share: float,
    truth: float,
    source: str,
    scatter: float = 0.0,
) -> Row:
    reported = evidence.reported.of(operation).percentiles.get(share)
    allowed = max(_SHARE * truth, _SECONDS) + scatter
    return Row(
        evidence.case.name,
        f"{operation} p{share * 100:g}, {source}",
        truth,
        reported,
        allowed,
        _judge(evidence, truth, reported, allowed),
        "s",
    )


def _judge(evidence: Evidence, truth: float, reported: float | None, allowed: float) -> Verdict:
    """Judge a time; what lateness of generator or server may explain is nobody's mistake."""
    if reported is None:
        return Verdict.WRONG
    beyond = abs(reported - truth) - allowed
    if beyond <= 0:
        return Verdict.HOLDS
    lateness = evidence.lateness
    late = lateness > _SECONDS / 2 and beyond <= _EXPLAINED * lateness
    return Verdict.LATE if late else Verdict.WRONG
