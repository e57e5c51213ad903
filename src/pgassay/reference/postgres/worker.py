"""Threads that carry out jobs: those of one lane in the order submitted, lanes side by side."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from pgassay.reference.plane import Action, Job, Outcome
from pgassay.reference.postgres.problem import PlaneError

_log = logging.getLogger(__name__)

_PATIENCE = 5.0


class Worker:
    """Queues of jobs; `perform` carries one out and raises when it fails."""

    def __init__(self, perform: Callable[[Job], None], threads: int = 4) -> None:
        self._perform = perform
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="data-plane")
        self._lock = threading.Lock()
        self._lanes: dict[str, deque[Job]] = {}
        self._outcomes: dict[str, Outcome] = {}
        self._closed = False

    def submit(self, lane: str, job: Job) -> None:
        """Queue a job, unless one of its id was queued before.

        The removal of a cluster voids what still waits to be done with it.
        """
        with self._lock:
            if job.id in self._outcomes or self._closed:
                return
            self._outcomes[job.id] = Outcome.WORKING
            idle = lane not in self._lanes
            queue = self._lanes.setdefault(lane, deque())
            if job.action is Action.REMOVE:
                self._void(queue, job.cluster)
            queue.append(job)
            if idle:
                self._pool.submit(self._drain, lane)

    def outcome(self, job: str) -> Outcome:
        """Tell how far a job has come; an unknown one counts as working."""
        return self._outcomes.get(job, Outcome.WORKING)

    def close(self) -> None:
        """Let no other job begin, and give those that are under way a few seconds."""
        with self._lock:
            self._closed = True
        self._pool.shutdown(wait=False)
        deadline = time.monotonic() + _PATIENCE
        while self._lanes and time.monotonic() < deadline:
            time.sleep(0.01)

    def _void(self, queue: deque[Job], cluster: str) -> None:
        for job in [job for job in queue if job.cluster == cluster]:
            queue.remove(job)
            self._outcomes[job.id] = Outcome.FAILED

    def _drain(self, lane: str) -> None:
        while (job := self._next(lane)) is not None:
            self._outcomes[job.id] = self._attempt(job)

    def _next(self, lane: str) -> Job | None:
        with self._lock:
            queue = self._lanes[lane]
            if queue and not self._closed:
                return queue.popleft()
            del self._lanes[lane]
            return None

    def _attempt(self, job: Job) -> Outcome:
        try:
            self._perform(job)
        except PlaneError as error:
            _log.warning("%s of cluster %s failed: %s", job.action, job.cluster, error)
        except Exception as error:  # noqa: BLE001 - a job must not end its thread, nor tell secrets
            kind = type(error).__name__
            _log.warning("%s of cluster %s failed: %s", job.action, job.cluster, kind)
        else:
            return Outcome.DONE
        return Outcome.FAILED
