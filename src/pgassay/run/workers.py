"""A run by several processes: each has a session, a journal and checks of its own.

Processes of our own rather than pytest-xdist: a worker is a whole run over fewer checks, which
cleans up after itself however it ends, and what it found out comes back as one value.

The families are what is divided. Nothing that one of them shows depends on the other, whereas
checks of one family look at lists, quotas, metrics and settings that others of it change.
"""

import multiprocessing
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Final, TypeAlias

from pgassay.catalogue import Catalogue
from pgassay.errors import PgassayError, SuiteBroken, UsageError
from pgassay.results import CheckResult, ResourceRecord
from pgassay.run.checking import run_checks, terminable
from pgassay.run.gathering import Gathering
from pgassay.run.options import Part, RunOptions
from pgassay.run.progress import Progress, Silence
from pgassay.run.session import SILENCE, Session
from pgassay.target.model import Limits, Target

#: Fewer services and instances at once than these are not divided.
_LEAST: Final = 4
#: Tells a worker not to wait for what it created to be gone.
_GIVE_UP: Final = signal.SIGUSR1

Message: TypeAlias = int | tuple[CheckResult, int] | Gathering | PgassayError


@dataclass(frozen=True, slots=True)
class Share:
    """What one worker runs, and within which limits."""

    target: Target
    options: RunOptions


def divided(target: Target, options: RunOptions) -> list[Share]:
    """Divide a run among as many workers as it allows; one share is the whole run."""
    families = options.families or target.families
    limits = target.limits
    places = limits.concurrent_resources or limits.total_resources
    allowed = places // _LEAST if places else len(families)
    count = max(min(options.workers, len(families), allowed), 1)
    if count == 1:
        return [Share(target, options)]
    own = replace(target, limits=_fraction(limits, count))
    return [
        Share(own, replace(options, families=families[at::count], part=Part(at + 1, count)))
        for at in range(count)
    ]


def conduct(
    session: Session, shares: list[Share], progress: Progress
) -> tuple[ResourceRecord, ...]:
    """Have workers run the shares, and add what they found out to `session`; return what is left.

    Raises what a worker raised; `SuiteBroken` where one ended without a word.
    """
    conductor = _Conductor(session, progress)
    with terminable(), _started(shares) as workers:
        try:
            conductor.listen(workers)
        except KeyboardInterrupt:
            session.interrupted = True
            progress.stage("interrupted: workers end their checks and clean up")
            conductor.end(workers)
            try:
                conductor.listen(workers)
            except KeyboardInterrupt:
                conductor.end(workers, _GIVE_UP)
                conductor.listen(workers)
    return conductor.concluded(len(shares))


class _Conductor:
    """What the workers have said so far."""

    def __init__(self, session: Session, progress: Progress) -> None:
        self._session = session
        self._progress = progress
        self._selected = 0
        self._ended = False
        self._requests: dict[Connection, int] = {}
        self._gathered: list[Gathering] = []
        self._errors: list[PgassayError] = []

    def listen(self, workers: dict[Connection, BaseProcess]) -> None:
        """Hear every worker out."""
        while workers:
            for said in wait(list(workers)):
                assert isinstance(said, Connection)  # noqa: S101 - nothing else is waited for
                try:
                    self._hear(said, said.recv(), workers)
                except EOFError:
                    workers.pop(said).join()

    def end(
        self, workers: dict[Connection, BaseProcess], number: signal.Signals = signal.SIGTERM
    ) -> None:
        """Tell every worker to end its checks; one that has not begun ends without a word."""
        self._ended = True
        for worker in workers.values():
            if worker.pid is not None and worker.is_alive():
                os.kill(worker.pid, number)

    def concluded(self, workers: int) -> tuple[ResourceRecord, ...]:
        """Add to the session what so many workers gathered; return what is left behind."""
        broken = [error for error in self._errors if not isinstance(error, UsageError)]
        if broken or (self._errors and not self._gathered):
            raise (broken or self._errors)[0]
        if len(self._gathered) + len(self._errors) < workers and not self._ended:
            raise SuiteBroken("a worker ended without a word; `pgassay sweep` cleans up after it")
        for gathering in self._gathered:
            gathering.pour(self._session)
        if self._gathered and all(gathering.dead for gathering in self._gathered):
            self._session.client.silent = SILENCE
        return tuple(record for gathering in self._gathered for record in gathering.left)

    def _hear(
        self, said: Connection, message: Message, workers: dict[Connection, BaseProcess]
    ) -> None:
        match message:
            case int():
                self._selected += message
                self._progress.selected(self._selected)
            case CheckResult() as result, requests:
                self._requests[said] = requests
                self._progress.finished(result, sum(self._requests.values()))
                if self._session.options.ends(result.verdict):
                    self.end(workers)
            case Gathering():
                self._gathered.append(message)
            case PgassayError():
                self._errors.append(message)


class _Reporter(Silence):
    """A worker's progress, told to the process that leads."""

    def __init__(self, leader: Connection) -> None:
        self._leader = leader

    def selected(self, checks: int) -> None:
        """Tell how many checks the worker has."""
        self._leader.send(checks)

    def finished(self, result: CheckResult, requests: int) -> None:
        """Tell what became of a check; end the checks where nobody listens any more."""
        try:
            self._leader.send((result, requests))
        except OSError:
            raise KeyboardInterrupt from None


def _work(share: Share, leader: Connection) -> None:
    """Run a share in this process and send what it found out, or why it could not."""
    # Ctrl-C reaches the whole group: the leader alone decides, and says it once.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(_GIVE_UP, signal.SIG_IGN)
    with suppress(KeyboardInterrupt), terminable():  # told to end before there was anything to do
        try:
            leader.send(_gathered(share, leader))
        except PgassayError as error:
            leader.send(error)


def _gathered(share: Share, leader: Connection) -> Gathering:
    session = Session.opened(share.target, share.options, Catalogue.load())
    try:
        run_checks(session, _Reporter(leader))
        # However often a worker is told to end, it cleans up; one signal alone ends that.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(_GIVE_UP, signal.default_int_handler)
        left = session.cleaner.finish()
        signal.signal(_GIVE_UP, signal.SIG_IGN)
        return Gathering.of(session, left)
    finally:
        session.close()


@contextmanager
def _started(shares: list[Share]) -> Iterator[dict[Connection, BaseProcess]]:
    spawning = multiprocessing.get_context("spawn")
    workers: dict[Connection, BaseProcess] = {}
    for share in shares:
        ours, theirs = spawning.Pipe()
        worker: BaseProcess = spawning.Process(target=_work, args=(share, theirs), daemon=True)
        worker.start()
        theirs.close()
        workers[ours] = worker
    try:
        yield workers
    finally:
        for worker in workers.values():
            worker.terminate()


def _fraction(limits: Limits, count: int) -> Limits:
    return replace(
        limits,
        requests_per_second=limits.requests_per_second / count,
        concurrent_resources=limits.concurrent_resources // count,
        total_resources=limits.total_resources // count,
    )
