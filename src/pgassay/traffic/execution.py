"""Carry out a plan: prepare, let arrivals come on time, drain, settle, clean up, write the record.

The sequence knows no Locust and no HTTP; `Spawner` runs arrivals beside each other.
"""

import heapq
import itertools
import math
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import ClassVar, Protocol, TypeVar

from pgassay.journal import Journal
from pgassay.ownership import Ownership, collections
from pgassay.redaction import Vault
from pgassay.target.model import Credential
from pgassay.traffic import labour, settlement
from pgassay.traffic import record as records
from pgassay.traffic.adapter import Unprepared
from pgassay.traffic.arrivals import schedule
from pgassay.traffic.births import births, with_shared
from pgassay.traffic.early_end import EarlyEnd, Standing
from pgassay.traffic.lifecycle import Arrival, Traffic, adapter_of
from pgassay.traffic.neighbour import neighbour
from pgassay.traffic.phase import Phase
from pgassay.traffic.plan import LoadPlan
from pgassay.traffic.record import CROWDED, LoadRecord
from pgassay.traffic.session import Session, Tools, sample_file
from pgassay.traffic.watching import Watching

_Argument = TypeVar("_Argument")

#: How long arrivals in flight may still take once the run has come to its end, in seconds.
_STOP_GRACE = 2.0
#: The longest nap of the schedule, in seconds; it bounds how late a stop is noticed.
_NAP = 0.2
#: How often is looked whether an objective is lost for sure, in seconds.
_LOOK = 1.0
#: The shortest time between two arrivals of one user of the closed model, in seconds.
_TICK = 0.001
#: A pause of the schedule that leaves time for judging an exchange, in seconds.
_SPARE = 0.01
#: A generator that takes more than this share of its processor leaves judging for later.
_PRESSED = 0.6
#: After so many arrivals that were due at once, answers are looked for in between.
_IN_A_ROW = 16


class Scenario(Protocol):
    """What a scenario file defines."""

    first_operation: ClassVar[str]

    def prepare(self, arrival: Arrival) -> None:
        """Set up what the scenario needs; raises `Unprepared`."""

    def arrive(self, arrival: Arrival) -> None:
        """Do what one arrival does."""

    def restore(self, arrival: Arrival) -> None:
        """Put back what was changed of somebody else's."""


class Spawner(labour.Spawner, Protocol):
    """A pool in which functions run beside each other, all of which can be ended."""

    def kill(self) -> object:
        """End what is still running."""


class Execution:
    """One plan on its way."""

    def __init__(
        self,
        scenario: Scenario,
        plan: LoadPlan,
        credential: Credential,
        tools: Tools,
        pool: Spawner,
        others: Sequence[Credential] = (),
    ) -> None:
        """Nothing is sent and no file is opened before `run`.

        `credential` is that of the plan's first tenant, `others` are those of the next ones.
        """
        self._scenario = scenario
        self._plan = plan
        self._credential = credential
        self._others = others
        self._tools = tools
        self._pool = pool
        self._in_flight = 0
        self._left = _expected(plan)
        self._record = LoadRecord()
        self._traffic: Traffic | None = None
        self._prepared = False
        self._stopping = False
        self._ended = ""
        self._next_look = 0.0
        self._lost = EarlyEnd(plan)
        self._watching = Watching(plan.target, (credential, *self._others), time.monotonic)
        self._judging = 0.0  # what the monitors took of the processor until the last second
        self._began = False
        self._overdue = 0  # arrivals since the last pause
        #: Called once all is prepared; returns when the load is to start, or the run is stopped.
        self.await_start: Callable[[], None] = _at_once

    @property
    def traffic(self) -> Traffic | None:
        """What runs; None before."""
        return self._traffic

    @property
    def standing(self) -> Standing | None:
        """How this worker stood a moment ago, for the master of several."""
        return self._lost.standing

    def end(self, reason: str) -> None:
        """Let no further arrival come, because an objective is lost; the rest is as always."""
        self._ended = self._ended or reason

    def stop(self) -> None:
        """Let no further arrival come; what runs is ended soon, and cleaned up as always."""
        self._stopping = True
        if self._traffic is not None:
            self._traffic.stop(stopping=True)

    def beat(self, spent: float, passed: float) -> None:
        """Note how the generator did in the second that ends now.

        `spent` are the seconds of a processor that it took of the `passed` ones, judging included.
        """
        judging = self._watching.spent - self._judging
        self._judging += judging
        if self._began and self._traffic is not None:
            self._record.cpu = (spent - judging) / passed
            self._watching.pressed = spent > _PRESSED * passed
            self._traffic.session.recorder.beat(self._record.cpu)

    def run(self) -> None:
        """Carry out the plan and write its record, whatever happens on the way."""
        vault = Vault()
        for secret in chain.from_iterable(one.secrets for one in (self._credential, *self._others)):
            vault.learn(secret)
        header = {
            "nonce": self._plan.run,
            "seed": self._plan.seed,
            "base_url": self._plan.target.base_url,
            "dbaas_prefix": self._plan.target.dbaas.prefix,
            "family": self._plan.family,
            "scenario": self._plan.scenario,
        }
        with Journal(Path(self._plan.journal), vault, header) as journal:
            ownership = Ownership(collections(self._plan.target.dbaas.prefix))
            session = Session(self._plan, self._credential, self._tools, journal, ownership)
            session.watch = self._watching.see
            self._traffic = Traffic(session, adapter_of(self._plan))
            self._traffic.neighbours = [
                neighbour(session, name, credential)
                for name, credential in zip(self._plan.tenants[1:], self._others, strict=True)
            ]
            try:
                self._attempt(self._load, self._traffic)
            finally:
                self._finish(self._traffic)

    def _load(self, traffic: Traffic) -> None:
        for each in traffic.all:
            each.adapter.prepare(each.session)
        self._scenario.prepare(Arrival(traffic, measured=False))
        self._prepared = True
        self.await_start()
        cpu, origin = time.process_time(), self._tools.clock()
        traffic.session.recorder.origin = origin
        traffic.progress.begin(origin)
        self._began = True
        self._next_look = origin + _LOOK
        if self._plan.model == "closed":
            self._let_users_loop(traffic, origin + self._plan.duration)
        else:
            self._let_arrivals_come(traffic, origin)
        self._wait_until(origin + self._plan.duration)
        self._record.duration = self._tools.clock() - origin
        duration, judging = max(self._record.duration, 1e-9), self._watching.spent
        self._record.cpu = (time.process_time() - cpu - judging) / duration
        self._record.judging = judging / duration
        self._drain()

    def _let_arrivals_come(self, traffic: Traffic, origin: float) -> None:
        """The open model: each arrival at its time, whatever became of the ones before."""
        for number, (offset, background) in enumerate(_schedule(self._plan), 1):
            if not self._wait_until(origin + offset):
                return
            self._dispatch(Arrival(traffic, number, origin + offset, background=background))

    def _let_users_loop(self, traffic: Traffic, until: float) -> None:
        """The closed model: each user does one arrival after the other, for comparison."""
        numbers = itertools.count(1)
        for _ in range(self._plan.users):
            self._pool.spawn(self._loop, traffic, numbers, until)

    def _loop(self, traffic: Traffic, numbers: Iterator[int], until: float) -> None:
        while self._going and (began := self._tools.clock()) < until:
            self._record.offered += 1
            self._in_flight += 1
            self._arrive(Arrival(traffic, next(numbers)))
            # One that was dropped took no time; the loop must let others run all the same.
            idle = self._tools.clock() - began < _TICK
            if pause := max(self._plan.think, _TICK if idle else 0.0):
                self._tools.sleep(pause)

    @property
    def _going(self) -> bool:
        return not self._stopping and not self._ended

    def _wait_until(self, moment: float) -> bool:
        """Sleep until the clock shows `moment`; tell whether arrivals go on."""
        while self._going and (pause := moment - self._tools.clock()) > 0:
            # Judging takes about a millisecond; what is in flight may wait that long for its time.
            spare = pause > _SPARE and self._watching.relieve()
            self._rest(0.0 if spare else min(pause, _NAP))
        self._overdue += 1
        if self._overdue > _IN_A_ROW:
            # A generator that is late must still look for answers.
            self._rest(0.0)
        return self._going

    def _rest(self, seconds: float) -> None:
        """Let others run; now and then look whether more arrivals can still prove anything."""
        self._tools.sleep(seconds)
        self._overdue = 0
        self._look()

    def _look(self) -> None:
        """Once a second: end the arrivals where an objective is lost for sure."""
        if self._traffic is not None and self._tools.clock() >= self._next_look:
            self._next_look += _LOOK
            session = self._traffic.session
            self._take_samples(session)
            elapsed = self._tools.clock() - session.recorder.origin
            self.end(self._lost(self._record, self._left, elapsed))

    def _dispatch(self, arrival: Arrival) -> None:
        """Start an arrival, or drop it where too many are in flight; never wait."""
        self._record.offered += 1
        if self._in_flight >= self._plan.max_in_flight:
            self._left -= 1
            arrival.drop(
                self._scenario.first_operation,
                CROWDED.format(self._plan.max_in_flight),
            )
            return
        self._in_flight += 1
        self._pool.spawn(self._arrive, arrival)

    def _arrive(self, arrival: Arrival) -> None:
        try:
            self._attempt(self._scenario.arrive, arrival)
        finally:
            self._in_flight -= 1
            self._left -= 1

    def _drain(self) -> None:
        until = self._tools.clock() + self._plan.drain
        while self._in_flight and self._tools.clock() < until and not self._stopping:
            self._pool.join(timeout=_NAP)

    def _finish(self, traffic: Traffic) -> None:
        """End what is left, restore, settle, remove; then write what is known."""
        traffic.progress.stage = "cleaning up"
        traffic.stop(stopping=True)
        self._pool.join(timeout=_STOP_GRACE)
        self._pool.kill()
        # Without an interruption there is time to see that what is put back shows.
        traffic.stop(stopping=self._stopping)
        traffic.session.recorder.close()
        self._record.interrupted = self._stopping
        self._record.ended = self._ended
        if self._prepared:
            self._attempt(self._scenario.restore, Arrival(traffic, measured=False))
        for each in traffic.all:
            self._attempt(self._conclude, each)
            self._record.throttling.merge(each.session.admission.throttling)
        if self._plan.workers == 1:
            found = with_shared(self._record.findings, self._record.births)
            self._record.findings, self._record.births = tuple(found), ()
        self._attempt(self._watch, traffic)
        self._take_samples(traffic.session)
        records.write(self._record, Path(self._plan.output))

    def _attempt(self, step: Callable[[_Argument], None], argument: _Argument) -> None:
        """Do a step; whatever goes wrong is kept for the record, and the run comes to its end."""
        try:
            step(argument)
        except Unprepared as error:
            self._record.obstacle = str(error)
        except Exception:  # noqa: BLE001  # cleanup must follow a defect of the suite, too
            self._record.crash = self._record.crash or traceback.format_exc()
            self.stop()

    def _conclude(self, traffic: Traffic) -> None:
        ending, record = settlement.conclude(traffic, self._pool), self._record
        record.findings += ending.findings
        record.settled += ending.settled
        record.created += ending.created
        record.removed += ending.removed
        record.left += ending.left
        if self._plan.workers > 1 or self._others:
            record.births += births(self._plan.worker, traffic.ledger.entries)

    def _watch(self, traffic: Traffic) -> None:
        """Have the monitors judge what they have not judged yet, now that nothing is measured."""
        self._record.watched = self._watching.conclude()

    def _take_samples(self, session: Session) -> None:
        recorder, record = session.recorder, self._record
        record.operations, record.lifecycle = recorder.operations, recorder.lifecycle
        record.lags = recorder.lags
        record.drops = dict(recorder.dropped)
        record.dropped = recorder.dropped.total()
        record.sent = record.offered - record.dropped
        record.requests = dict(session.requests)
        record.heartbeats = recorder.heartbeats
        record.states = recorder.census.changes
        path = sample_file(self._plan)
        record.samples = (path.name,) if path else ()


def _at_once() -> None:
    """Start the load as soon as all is prepared."""


def _schedule(plan: LoadPlan) -> Iterator[tuple[float, bool]]:
    """The intended times, and which are those of the quiet tenant (background)."""
    own = schedule(plan.timetable, plan.seed, plan.worker, plan.workers)
    steady = [Phase("background", plan.duration, "constant", plan.background, plan.background)]
    quiet = schedule(steady, plan.seed, plan.worker, plan.workers)
    return heapq.merge(((time, False) for time in own), ((time, True) for time in quiet))


def _expected(plan: LoadPlan) -> int:
    """How many arrivals will come, roughly: there are more workers, and fractions."""
    whole = sum(phase.arrivals for phase in plan.timetable) + plan.background * plan.duration
    return math.ceil(whole / plan.workers) + 1
