"""Locust's own figures, kept cheaply: what its page, its files and its master show.

They count the measured requests and from the same times as pgassay's own, and are brought up to
date once a second. Only where somebody listens to Locust's event of each request (an exporter, a
logger of requests) that event is fired for each, and Locust counts for itself.
"""

import math
import time
from collections import Counter
from typing import Any, cast

from locust import stats as locust_stats
from locust.env import Environment
from locust.stats import StatsEntry, StatsError


class _Batch:
    """The requests of one operation since the figures were last brought up to date."""

    __slots__ = ("count", "largest", "size", "smallest", "times", "total")

    def __init__(self) -> None:
        self.count = 0
        self.size = 0
        self.total = 0.0
        self.smallest = math.inf
        self.largest = 0.0
        self.times: dict[int, int] = {}  # whole milliseconds, and how many took them

    def add(self, milliseconds: float, size: int) -> None:
        """Count a request. As in the histograms, nothing is called that can be written out."""
        self.count += 1
        self.size += size
        self.total += milliseconds
        if milliseconds < self.smallest:  # noqa: PLR1730  # min() takes three times as long
            self.smallest = milliseconds
        if milliseconds > self.largest:  # noqa: PLR1730  # as for min()
            self.largest = milliseconds
        whole, times = int(milliseconds), self.times
        if whole in times:
            times[whole] += 1
        else:
            times[whole] = 1


class Tally:
    """What happened since the figures were last brought up to date."""

    def __init__(self, environment: Environment) -> None:
        """Count for `environment`, whose runner listens to requests already."""
        self._environment = environment
        # The runner's own listener keeps the statistics.
        own = 1 if environment.runner is not None else 0
        self._heard = len(environment.events.request._handlers) > own  # noqa: SLF001  # no other way to know
        self._batches: dict[tuple[str, str], _Batch] = {}
        self._errors: Counter[tuple[str, str, str]] = Counter()

    def __call__(self, operation: str, method: str, latency: float, size: int, error: str) -> None:
        """Count a request that took `latency` seconds and was answered with `size` bytes."""
        if self._heard:
            self._fire(operation, method, latency, size, error)
            return
        batch = self._batches.get((operation, method))
        if batch is None:
            batch = self._batches[operation, method] = _Batch()
        batch.add(latency * 1000.0, size)
        if error:
            self._errors[operation, method, error] += 1

    def flush(self) -> None:
        """Bring Locust's figures up to date."""
        stats = self._environment.stats
        batches, self._batches = self._batches, {}
        errors, self._errors = self._errors, Counter()
        failures: Counter[tuple[str, str]] = Counter()
        for (operation, method, error), count in errors.items():
            failures[operation, method] += count
            key = StatsError.create_key(method, operation, error)
            entry = stats.errors.setdefault(key, StatsError(method, operation, error))
            entry.occurred()
            entry.occurrences += count - 1
        for (operation, method), batch in batches.items():
            part = self._entry(operation, method, batch, failures[operation, method])
            stats.entries[operation, method].extend(part)
            stats.total.extend(part)

    def _entry(self, operation: str, method: str, batch: _Batch, failed: int) -> StatsEntry:
        now = time.time()
        entry = StatsEntry(self._environment.stats, operation, method)
        entry.num_requests = batch.count
        entry.num_failures = failed
        # Locust declares whole milliseconds, and works with fractions, too.
        entry.total_response_time = cast("int", batch.total)
        entry.min_response_time = cast("int", batch.smallest)
        entry.max_response_time = cast("int", batch.largest)
        entry.total_content_length = batch.size
        entry.last_request_timestamp = now
        entry.num_reqs_per_sec[int(now)] = batch.count
        if failed:
            entry.num_fail_per_sec[int(now)] = failed
        for milliseconds, count in batch.times.items():
            entry.response_times[locust_stats.bucket_response_time(milliseconds)] += count
        return entry

    def _fire(self, operation: str, method: str, latency: float, size: int, error: str) -> None:
        milliseconds = latency * 1000.0
        context: dict[str, Any] = {}
        self._environment.events.request.fire(  # type: ignore[no-untyped-call]
            request_type=method,
            name=operation,
            response_time=milliseconds,
            response_length=size,
            exception=RuntimeError(error) if error else None,
            context=context,
            start_time=time.time() - latency,
            url=operation,
            response=None,
        )
