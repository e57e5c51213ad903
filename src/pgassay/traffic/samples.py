"""What is measured of each operation, and the counters that must agree with it.

For every operation: offered = sent + dropped, and sent = succeeded + failed + throttled +
unfinished. Latencies count from the intended send time, so waiting behind a late generator or a
stalled connection is part of them. The samples themselves go to a file (`samples_file`); what is
kept in memory does not grow with their number.
"""

from dataclasses import dataclass, field
from typing import TypeVar

import msgspec

from pgassay.traffic.histogram import Histogram
from pgassay.traffic.outcome import Outcome

__all__ = ["FigureRecord", "OperationRecord", "Outcome", "Sample", "Second", "add_counts"]

_Key = TypeVar("_Key")


class Sample(msgspec.Struct, frozen=True, array_like=True):
    """One wait for a lifecycle's end, known to lie between `lower` and `upper` seconds.

    `upper` is None where the end was not seen, and `lower` is then how long it was waited for.
    `intended` is when it began, in seconds from the start of the load.
    """

    intended: float
    lower: float
    upper: float | None
    outcome: Outcome


@dataclass(slots=True)
class Second:
    """The requests that were due in one second of the load; `good` has their good latencies."""

    offered: int = 0
    succeeded: int = 0
    failed: int = 0
    throttled: int = 0
    unfinished: int = 0
    good: Histogram = field(default_factory=Histogram)

    def add(self, outcome: Outcome, latency: float) -> None:
        """Count a request that ended, `latency` seconds after it was due."""
        if outcome is Outcome.SUCCEEDED:
            self.succeeded += 1
            self.good.record(latency)
        elif outcome is Outcome.FAILED:
            self.failed += 1
        elif outcome is Outcome.THROTTLED:
            self.throttled += 1
        else:
            self.unfinished += 1

    def merge(self, other: "Second") -> None:
        """Add what another worker counted in the same second."""
        self.offered += other.offered
        self.succeeded += other.succeeded
        self.failed += other.failed
        self.throttled += other.throttled
        self.unfinished += other.unfinished
        self.good.merge(other.good)


@dataclass(slots=True)
class OperationRecord:
    """What was measured of one operation.

    `latencies` count from the intended time, `service` from when the request really left; both hold
    the phases that are judged. `waited` holds, also from the intended time, how long was waited for
    answers that did not come in time: bounds from below, whatever the outcome is called. Requests
    of the other phases (warm-up, drain) are counted in `unjudged`. All other figures are of all
    phases; `statuses`, `errors` and bytes count answers as they came.
    """

    name: str
    offered: int = 0
    sent: int = 0
    dropped: int = 0
    latencies: dict[Outcome, Histogram] = field(default_factory=dict)
    service: dict[Outcome, Histogram] = field(default_factory=dict)
    waited: Histogram = field(default_factory=Histogram)
    unjudged: dict[Outcome, int] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    errors: dict[str, int] = field(default_factory=dict)
    bytes_sent: int = 0
    bytes_received: int = 0
    seconds: dict[int, Second] = field(default_factory=dict)

    def count(self, outcome: Outcome) -> int:
        """How many requests had this outcome, in all phases."""
        return self.judged(outcome) + self.unjudged.get(outcome, 0)

    def judged(self, outcome: Outcome) -> int:
        """How many requests of the judged phases had this outcome."""
        found = self.latencies.get(outcome)
        return found.count if found else 0

    @property
    def answered(self) -> Histogram:
        """The latencies of good answers: the only ones that a percentile speaks of."""
        return self.latencies.get(Outcome.SUCCEEDED) or Histogram()

    def add(self, outcome: Outcome, latency: float, lag: float, *, complete: bool) -> None:
        """Count a request of a judged phase; not `complete` when its answer was not waited for."""
        own = self.latencies.get(outcome)
        if own is None:
            own = self.latencies[outcome] = Histogram()
            self.service[outcome] = Histogram()
        own.record(latency)
        self.service[outcome].record(latency - lag)
        if not complete:
            self.waited.record(latency)

    def merge(self, other: "OperationRecord") -> None:
        """Add what another worker measured of the same operation."""
        self.offered += other.offered
        self.sent += other.sent
        self.dropped += other.dropped
        self.bytes_sent += other.bytes_sent
        self.bytes_received += other.bytes_received
        self.waited.merge(other.waited)
        for own, others in ((self.latencies, other.latencies), (self.service, other.service)):
            for outcome, histogram in others.items():
                own.setdefault(outcome, Histogram()).merge(histogram)
        add_counts(self.unjudged, other.unjudged)
        add_counts(self.statuses, other.statuses)
        add_counts(self.errors, other.errors)
        for number, second in other.seconds.items():
            self.seconds.setdefault(number, Second()).merge(second)


@dataclass(slots=True)
class FigureRecord:
    """The waits for one lifecycle's end, such as the time to active; they are few.

    Those that began in a phase that is not judged are only counted, in `unjudged`. `lowers` counts
    the lower ends of those that tell a duration, so that a look at them takes no longer the more
    there are.
    """

    name: str
    samples: list[Sample] = field(default_factory=list)
    unjudged: dict[Outcome, int] = field(default_factory=dict)
    lowers: Histogram = field(default_factory=Histogram)

    def count(self, outcome: Outcome) -> int:
        """How many waits had this outcome, in all phases."""
        judged = sum(sample.outcome is outcome for sample in self.samples)
        return judged + self.unjudged.get(outcome, 0)

    @property
    def answered(self) -> list[Sample]:
        """Those that tell a duration: ends that were reached, and waits that saw none."""
        return list(filter(_telling, self.samples))

    def add(self, sample: Sample) -> None:
        """Take in a wait that ended, or was given up, in a phase that is judged."""
        self.samples.append(sample)
        if _telling(sample):
            self.lowers.record(sample.lower)

    def merge(self, other: "FigureRecord") -> None:
        """Add what another worker measured of the same figure."""
        self.samples = sorted(
            [*self.samples, *other.samples],
            key=lambda sample: (sample.intended, sample.lower, sample.outcome),
        )
        self.lowers.merge(other.lowers)
        add_counts(self.unjudged, other.unjudged)


def _telling(sample: Sample) -> bool:
    return sample.outcome is Outcome.SUCCEEDED or sample.upper is None


def add_counts(own: dict[_Key, int], others: dict[_Key, int]) -> None:
    """Add `others` to `own`."""
    for name, count in others.items():
        own[name] = own.get(name, 0) + count
