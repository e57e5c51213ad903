"""Raw samples of a load run, and the counters that must agree with them.

For every operation: offered = sent + dropped, and sent = succeeded + failed + throttled +
unfinished. Latencies count from the intended send time, so waiting behind a late generator or a
stalled connection is part of them.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

import msgspec


class Outcome(StrEnum):
    """What became of a request (or of a wait for a lifecycle's end)."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    THROTTLED = "throttled"
    UNFINISHED = "unfinished"


class Sample(msgspec.Struct, frozen=True, array_like=True):
    """One measurement, known to lie between `lower` and `upper` seconds.

    The two are equal for a latency; `upper` is None where the end was not seen, and `lower` is then
    how long it was waited for. `intended` is in seconds from the start of the load; `lag` is how
    much later the generator really sent. `status` 0 means that no answer came.
    """

    intended: float
    lag: float
    lower: float
    upper: float | None
    outcome: Outcome
    status: int = 0
    error: str = ""


@dataclass(slots=True)
class OperationRecord:
    """What was measured of one operation, or of one lifecycle figure."""

    name: str
    offered: int = 0
    sent: int = 0
    dropped: int = 0
    samples: list[Sample] = field(default_factory=list)

    def count(self, outcome: Outcome) -> int:
        """How many samples had this outcome."""
        return sum(sample.outcome is outcome for sample in self.samples)


@dataclass(slots=True)
class Pending:
    """A request on its way: begun, and not ended yet."""

    operation: str
    intended: float
    started: float


class Recorder:
    """Collect the samples of one run; every request that is begun ends as exactly one sample."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock` returns monotonic seconds."""
        self._clock = clock
        self._operations: dict[str, OperationRecord] = {}
        self._lifecycle: dict[str, OperationRecord] = {}
        self._open: dict[int, Pending] = {}
        self.origin = clock()
        self.dropped: Counter[str] = Counter()  # reason -> arrivals
        self.lags: list[float] = []  # of scheduled requests: how late each left, in seconds

    @property
    def operations(self) -> list[OperationRecord]:
        """The operations, in the order of their first use."""
        return list(self._operations.values())

    @property
    def lifecycle(self) -> list[OperationRecord]:
        """The figures that span several requests, such as the time to active."""
        return list(self._lifecycle.values())

    def drop(self, operation: str, reason: str) -> None:
        """Count an arrival that was due and not sent; `operation` would have been its first."""
        record = self._record(operation)
        record.offered += 1
        record.dropped += 1
        self.dropped[reason] += 1

    def begin(self, operation: str, intended: float, *, scheduled: bool = True) -> Pending:
        """Note that a request leaves now which was intended for the clock's `intended`.

        One that is not `scheduled` follows at once upon another and says nothing about lag.
        """
        record = self._record(operation)
        record.offered += 1
        record.sent += 1
        pending = Pending(operation, intended, self._clock())
        if scheduled:
            self.lags.append(pending.started - intended)
        self._open[id(pending)] = pending
        return pending

    def end(
        self,
        pending: Pending,
        outcome: Outcome,
        status: int = 0,
        error: str = "",
        *,
        complete: bool = True,
    ) -> None:
        """Note the end of a request; not `complete` when it was given up while being waited for."""
        if self._open.pop(id(pending), None) is None:
            return
        latency = self._clock() - pending.intended
        self._record(pending.operation).samples.append(
            Sample(
                intended=pending.intended - self.origin,
                lag=pending.started - pending.intended,
                lower=latency,
                upper=latency if complete else None,
                outcome=outcome,
                status=status,
                error=error,
            )
        )

    def span(
        self,
        name: str,
        began: float,
        lower: float,
        upper: float | None,
        outcome: Outcome,
    ) -> None:
        """Record a lifecycle figure that began at the clock's `began`."""
        record = self._lifecycle.setdefault(name, OperationRecord(name))
        record.offered += 1
        record.sent += 1
        record.samples.append(Sample(began - self.origin, 0.0, lower, upper, outcome))

    def close(self) -> None:
        """End what is still on its way as unfinished."""
        for pending in list(self._open.values()):
            self.end(
                pending,
                Outcome.UNFINISHED,
                error="cut off by the end of the run",
                complete=False,
            )

    def _record(self, operation: str) -> OperationRecord:
        return self._operations.setdefault(operation, OperationRecord(operation))
