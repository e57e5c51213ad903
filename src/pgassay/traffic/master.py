"""The master: `python -m pgassay.traffic.master`, told by a `MasterBrief` on its standard input.

Locust's master holds the connections. Each further line of the input is a command, each line of
the output an event. When the input ends, whoever started the master is gone: what runs is stopped
and cleaned up, and the workers are dismissed.
"""

import locust  # isort: skip

import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import gevent
import msgspec
from gevent.event import Event
from gevent.fileobject import FileObject
from locust.env import Environment
from locust.exception import RPCError
from locust.runners import MasterRunner

from pgassay.errors import ConfigurationError, PgassayError
from pgassay.traffic import command, live, orders, shares
from pgassay.traffic.brief import MasterBrief
from pgassay.traffic.collection import Collection, Uncollected
from pgassay.traffic.command import (
    Attendance,
    CarryOut,
    Finished,
    Gathered,
    Halt,
    Listening,
    Missing,
)
from pgassay.traffic.local_workers import LocalWorkers
from pgassay.traffic.muster import Muster
from pgassay.traffic.orders import Close, Dismiss, Order
from pgassay.traffic.page import open_page
from pgassay.traffic.round import Allowance, Round, Seat
from pgassay.traffic.silence import Silence

#: How often the master looks around while nothing happens, in seconds.
_NAP: Final = 0.1
#: How often is told which workers are still waited for, in seconds.
_REMINDER: Final = 30.0
#: How long workers may take to be gone after they were dismissed, in seconds.
_FAREWELL: Final = 10.0


def main() -> int:
    """Lead the workers through one plan after another until the input ends."""
    brief = msgspec.json.decode(sys.stdin.buffer.readline(), type=MasterBrief)
    environment = Environment(events=locust.events, catch_exceptions=False)
    try:
        runner = _listening(environment, brief)
        if brief.web:
            open_page(environment, brief.web)
        Master(runner, brief).lead()
    except PgassayError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


class Master:
    """The workers of one run, led from plan to plan."""

    def __init__(self, runner: MasterRunner, brief: MasterBrief) -> None:
        """`runner` listens already."""
        self._runner = runner
        self._brief = brief
        self._muster = Muster(brief.identity, brief.workers, brief.silence, time.monotonic)
        self._local = LocalWorkers(brief, runner.server.port) if brief.local else None
        self._collection = Collection(Path(brief.folder), self._send)
        self._round: Round | None = None
        self._assignment = 0
        self._stopping = False
        self._changed = Event()
        runner.register_message(orders.STATE, self._hear)
        runner.register_message(orders.PIECE, self._receive)
        runner.register_message(orders.NEWS, self._learn)

    def lead(self) -> None:
        """Obey the commands of the input, each after the one before has come to its end."""
        _say(Listening(self._runner.server.port))
        work: gevent.Greenlet | None = None
        for line in FileObject(sys.stdin.fileno(), "rb", close=False):
            order = command.COMMANDS.decode(line)
            if isinstance(order, CarryOut):
                self._stopping = False
                work = gevent.spawn(self._carry_out, order)
            elif isinstance(order, Halt):
                self._halt()
        self._halt()
        if work is not None:
            work.join()
        self._dismiss_all()

    # Messages of workers.

    def _hear(self, environment: Any, msg: Any, **_: Any) -> None:
        state = orders.state(msg.data)
        if state is None:
            return
        refusal = self._muster.hear(msg.node_id, state)
        if refusal:
            self._send(msg.node_id, Dismiss(refusal))
        if self._round is not None:
            self._round.hear(msg.node_id, state)
        self._changed.set()

    def _receive(self, environment: Any, msg: Any, **_: Any) -> None:
        piece = orders.piece(msg.data)
        if piece is not None:
            self._collection.receive(msg.node_id, piece)

    def _learn(self, environment: Any, msg: Any, **_: Any) -> None:
        """Take note of how a worker's load goes; of those that take part only."""
        news, current = orders.news(msg.data), self._round
        seat = current.seats.get(msg.node_id) if current is not None else None
        if news is None or current is None or seat is None or seat.over:
            return
        if news.assignment == self._assignment:
            if news.standing is not None:
                current.weigh(msg.node_id, news.standing)
            if news.view:
                live.receive(news.view, seat.plan)
            self._changed.set()

    def _send(self, client: str, order: Order) -> None:
        self._runner.send_message(orders.ORDER, orders.pack(order), client)

    # One plan.

    def _carry_out(self, wanted: CarryOut) -> None:
        if not self._gather():
            _say(Missing(self._attendance(0.0), self._brief.patience))
            return
        self._muster.open = False
        self._assignment += 1
        seats = {
            client: Seat(wanted.plans[member.number], member.state.host, Silence(time.monotonic))
            for client, member in self._muster.members.items()
        }
        allowance = Allowance(wanted.whole, wanted.cleanup, self._brief.silence)
        current = Round(self._assignment, seats, allowance, self._send, time.monotonic)
        self._round = current
        # The page shows one load at a time.
        self._runner.stats.clear_all()
        self._finish(current)
        self._round = None
        for seat in current.seats.values():
            live.forget(seat.plan)
        self._collect(current)
        self._muster.open = True
        lost = {seat.plan.worker: seat.lost for seat in current.seats.values() if seat.lost}
        _say(Finished(lost))

    def _gather(self) -> bool:
        """Wait until all workers are there; tell whether they are."""
        until = time.monotonic() + self._brief.patience
        told, again = -1, 0.0
        while True:
            self._muster.drop_the_silent()
            if self._local is not None:
                self._local.fill(self._muster)
            now = time.monotonic()
            if len(self._muster.members) != told or now >= again:
                told, again = len(self._muster.members), now + _REMINDER
                _say(Gathered(self._attendance(until - now)))
            if self._muster.complete:
                return True
            if self._stopping or now > until:
                return False
            self._pause()

    def _attendance(self, left: float) -> Attendance:
        wanted, missing = self._muster.wanted, self._muster.missing()
        return Attendance(len(self._muster.members), wanted, missing, max(left, 0.0))

    def _finish(self, current: Round) -> None:
        while not current.over:
            if self._stopping:
                current.stop()
            for client in self._dead():
                current.lose(client, "died")
            current.advance()
            if not current.over:
                self._pause()

    def _dead(self) -> list[str]:
        """The workers started here whose process has ended."""
        if self._local is None:
            return []
        dead = self._local.dead()
        members = self._muster.members.items()
        return [client for client, member in members if member.state.process in dead]

    def _collect(self, current: Round) -> None:
        for client, seat in current.seats.items():
            if not seat.lost and seat.state is not None:
                try:
                    self._collection.collect(client, seat.state.files, shares.prefix(seat.plan))
                except Uncollected as error:
                    seat.lost = f"{seat.name} could not hand over its record: {error}"
            if seat.lost:
                self._give_up(client)
                self._send(client, Dismiss(f"the run gave it up: {seat.lost}"))
            else:
                self._send(client, Close(self._assignment))

    def _give_up(self, client: str) -> None:
        member = self._muster.members[client]
        self._muster.drop(client)
        if self._local is not None:
            self._local.discard(member.number)

    # The end.

    def _halt(self) -> None:
        self._stopping = True
        self._changed.set()

    def _dismiss_all(self) -> None:
        for client in self._muster.members:
            self._send(client, Dismiss())
        if self._local is not None:
            self._local.end(_FAREWELL)
        self._runner.greenlet.kill()
        self._runner.server.close(linger=1000)  # type: ignore[no-untyped-call]

    def _pause(self) -> None:
        self._changed.wait(_NAP)
        self._changed.clear()


def _listening(environment: Environment, brief: MasterBrief) -> MasterRunner:
    try:
        return environment.create_master_runner(brief.host, brief.port)
    except (RPCError, SystemExit) as error:
        raise ConfigurationError(
            "the master cannot listen there",
            f"--listen {brief.host}:{brief.port}",
            "a free port of an address of this machine",
        ) from error


def _say(event: command.Event) -> None:
    # Nobody reads it any more where the input has ended as well: what runs is being stopped.
    with suppress(BrokenPipeError):
        sys.stdout.buffer.write(command.line(event))
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    sys.exit(main())
