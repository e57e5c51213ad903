"""Collect what a run measures; every request that is begun ends as exactly one sample."""

import time
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pgassay.traffic.census import Census
from pgassay.traffic.histogram import Histogram
from pgassay.traffic.outcome import Outcome
from pgassay.traffic.samples import FigureRecord, OperationRecord, Sample, Second
from pgassay.traffic.samples_file import SampleWriter

#: Seconds that ended this many seconds ago are compacted: few answers still come for them.
_AT_REST: Final = 10


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of the load, up to `until` seconds from its start; `judged` or only counted."""

    name: str
    until: float
    judged: bool = True


@dataclass(slots=True)
class Heartbeat:
    """How the generator did in one second: lag of what was due in it, CPU, requests in flight.

    `cpu` is a share of one processor, 0 to 1, and of several workers the largest.
    """

    lag: Histogram = field(default_factory=Histogram)
    cpu: float = 0.0
    in_flight: int = 0

    def merge(self, other: "Heartbeat") -> None:
        """Add another worker's same second."""
        self.lag.merge(other.lag)
        self.cpu = max(self.cpu, other.cpu)
        self.in_flight += other.in_flight


@dataclass(slots=True)
class Pending:
    """A request on its way: begun, and not ended yet."""

    track: "_Track"
    intended: float
    started: float
    second: Second
    window: int
    judged: bool


@dataclass(slots=True)
class _Track:
    """An operation, and the number of its name in the file of samples."""

    record: OperationRecord
    number: int


class Recorder:
    """The measurements of one worker; without a `path` the samples themselves are not kept.

    `clock` returns monotonic seconds. A sample belongs to the window of its intended time; what is
    due after the last window is part of the drain, and not judged. Without windows all is judged.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        windows: Sequence[Window] = (),
        path: Path | None = None,
        worker: int = 0,
    ) -> None:
        """Start with nothing measured."""
        self._clock = clock
        self._windows = (*windows, Window("drain", 0.0, judged=False)) if windows else ()
        self._ends = [window.until for window in windows]
        self._tracks: dict[str, _Track] = {}
        self._lifecycle: dict[str, FigureRecord] = {}
        self._open: dict[int, Pending] = {}
        self._writer = SampleWriter(path, worker) if path else None
        self._none = self._number("")
        self._phases = [self._number(window.name) for window in self._windows or (Window("", 0),)]
        self._origin = clock()
        self._rested = 0
        self.census = Census(lambda: clock() - self._origin)
        self.dropped: Counter[str] = Counter()  # reason -> arrivals
        #: Of scheduled requests of judged phases: how late each left, in seconds.
        self.lags = Histogram()
        self.heartbeats: dict[int, Heartbeat] = {}

    @property
    def origin(self) -> float:
        """The clock's time at which the load begins; offsets count from it."""
        return self._origin

    @origin.setter
    def origin(self, moment: float) -> None:
        self._origin = moment
        self.census.begin()
        if self._writer:
            self._writer.begin(time.time() - (self._clock() - moment))

    @property
    def operations(self) -> list[OperationRecord]:
        """The operations, in the order of their first use."""
        return [track.record for track in self._tracks.values()]

    @property
    def lifecycle(self) -> list[FigureRecord]:
        """The figures that span several requests, such as the time to active."""
        return list(self._lifecycle.values())

    @property
    def in_flight(self) -> int:
        """How many requests are on their way."""
        return len(self._open)

    def drop(self, operation: str, reason: str) -> None:
        """Count an arrival that was due and not sent; `operation` would have been its first."""
        record = self._track(operation).record
        record.offered += 1
        record.dropped += 1
        self.dropped[reason] += 1
        self._second(record, self._clock() - self._origin).offered += 1

    def begin(self, operation: str, intended: float, *, scheduled: bool = True) -> Pending:
        """Note that a request leaves now which was intended for the clock's `intended`.

        One that is not `scheduled` follows at once upon another and says nothing about lag.
        """
        track = self._tracks.get(operation) or self._track(operation)
        record = track.record
        record.offered += 1
        record.sent += 1
        offset = intended - self._origin
        second = record.seconds.get(int(offset)) or self._second(record, offset)
        second.offered += 1
        window, judged = 0, True
        if self._windows:
            window = bisect_right(self._ends, offset)
            judged = self._windows[window].judged
        pending = Pending(track, intended, self._clock(), second, window, judged)
        if scheduled:
            self._late(offset, pending.started - intended, judged=judged)
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
        size: tuple[int, int] = (0, 0),
    ) -> float:
        """Note the end of a request, and return its latency in seconds from the intended time.

        Not `complete` when it was given up while being waited for. `size` is how many bytes were
        sent and received. A second end changes nothing.
        """
        latency = self._clock() - pending.intended
        if self._open.pop(id(pending), None) is None:
            return latency
        lag = pending.started - pending.intended
        record = pending.track.record
        if pending.judged:
            record.add(outcome, latency, lag, complete=complete)
        else:
            record.unjudged[outcome] = record.unjudged.get(outcome, 0) + 1
        pending.second.add(outcome, latency)
        record.bytes_sent += size[0]
        record.bytes_received += size[1]
        if status:
            code = _CODES.get(status) or str(status)
            record.statuses[code] = record.statuses.get(code, 0) + 1
        if error:
            record.errors[error] = record.errors.get(error, 0) + 1
        if self._writer:
            self._writer.write(
                pending.track.number,
                self._phases[pending.window],
                outcome,
                status,
                (pending.intended - self._origin, lag, latency),
                size,
                self._writer.number(error) if error else self._none,
            )
        return latency

    def span(
        self,
        name: str,
        began: float,
        lower: float,
        upper: float | None,
        outcome: Outcome,
    ) -> None:
        """Record a lifecycle figure that began at the clock's `began`."""
        record = self._lifecycle.setdefault(name, FigureRecord(name))
        offset = began - self._origin
        if self._windows and not self._windows[bisect_right(self._ends, offset)].judged:
            record.unjudged[outcome] = record.unjudged.get(outcome, 0) + 1
        else:
            record.add(Sample(offset, lower, upper, outcome))

    def beat(self, cpu: float) -> None:
        """Note the generator's share of a processor in the second that ends now; once a second."""
        offset = self._clock() - self._origin
        now = int(offset)
        # The second that most of the time since the last call lies in.
        heartbeat = self.heartbeats.setdefault(max(int(offset - 0.5), 0), Heartbeat())
        heartbeat.cpu, heartbeat.in_flight = cpu, len(self._open)
        if self._writer:
            self._writer.flush()
        for number in range(self._rested, max(now - _AT_REST, self._rested)):
            self._compact(number)
        self._rested = max(now - _AT_REST, self._rested)

    def close(self) -> None:
        """End what is still on its way as unfinished, and complete the file."""
        self.census.close()
        for pending in list(self._open.values()):
            self.end(
                pending,
                Outcome.UNFINISHED,
                error="cut off by the end of the run",
                complete=False,
            )
        if self._writer:
            self._writer.close()

    def _track(self, operation: str) -> _Track:
        track = self._tracks.get(operation)
        if track is None:
            track = _Track(OperationRecord(operation), self._number(operation))
            self._tracks[operation] = track
        return track

    def _number(self, name: str) -> int:
        return self._writer.number(name) if self._writer else 0

    def _second(self, record: OperationRecord, offset: float) -> Second:
        return record.seconds.setdefault(int(offset), Second())

    def _late(self, offset: float, lag: float, *, judged: bool) -> None:
        heartbeat = self.heartbeats.get(int(offset))
        if heartbeat is None:
            heartbeat = self.heartbeats[int(offset)] = Heartbeat()
        heartbeat.lag.record(lag)
        if judged:
            self.lags.record(lag)

    def _compact(self, number: int) -> None:
        for track in self._tracks.values():
            second = track.record.seconds.get(number)
            if second is not None:
                second.good.compact()
        if number in self.heartbeats:
            self.heartbeats[number].lag.compact()


_CODES: Final = {status: str(status) for status in range(100, 600)}
