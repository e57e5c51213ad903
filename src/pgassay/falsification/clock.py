"""The clock of a replay: it shows the times that the run recorded."""

import threading


class RecordedClock:
    """Time that moves when somebody sleeps or an exchange takes place, and never backwards.

    Requests that overlapped keep their own times: each thread but the first has a time of its own,
    which begins with that of the first one.
    """

    def __init__(self, moment: float) -> None:
        """Begin at `moment`, in Unix seconds."""
        self._first = threading.get_ident()
        self._moment = moment
        self._latest = moment
        self._own = threading.local()
        #: How much later everything is than it was recorded.
        self._late = 0.0

    def now(self) -> float:
        """Return monotonic seconds: the same as `time`."""
        return self.time()

    def time(self) -> float:
        """Return seconds since the Unix epoch."""
        if threading.get_ident() == self._first:
            return max(self._moment, self._latest)
        return float(getattr(self._own, "moment", self._moment))

    def sleep(self, seconds: float) -> None:
        """Move forward by `seconds`."""
        self.reach(self.time() + max(seconds, 0.0))

    def reach(self, moment: float) -> None:
        """Show `moment` from now on."""
        if threading.get_ident() == self._first:
            self._moment = moment
        else:
            self._own.moment = moment
            self._latest = max(self._latest, moment)

    def depart(self, recorded: float) -> None:
        """Move to when a request left that was `recorded` to leave then."""
        now = self.time()
        if threading.get_ident() != self._first:
            self.reach(max(recorded + self._late, getattr(self._own, "moment", 0.0)))
            return
        self._late = max(self._late, now - recorded)
        self.reach(max(recorded + self._late, now))
