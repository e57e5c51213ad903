"""A worker: `python -m pgassay.traffic.worker`, told by a `WorkerBrief` on its standard input.

It is a worker of Locust's master, and carries out one plan after another until it is dismissed.
The load comes from a dispatcher, as in a process of its own; Locust's messages bring plan, start
and record, and its statistics show on the master's page.
"""

import locust  # isort: skip

import os
import sys
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import gevent
import msgspec
from gevent.event import Event
from gevent.queue import Empty, Queue
from locust.env import Environment
from locust.exception import StopUser
from locust.runners import WorkerRunner

from pgassay._folders import folder
from pgassay.errors import ConfigurationError, PgassayError
from pgassay.traffic import live, orders, shares
from pgassay.traffic.brief import CONNECTING, UNANSWERED, WorkerBrief
from pgassay.traffic.dispatcher import Dispatcher
from pgassay.traffic.driver import assigned, on_end
from pgassay.traffic.kind import SCENARIOS
from pgassay.traffic.orders import Assign, Close, Dismiss, End, Fetch, Order, Stage, Start, Stop
from pgassay.traffic.plan import LoadPlan
from pgassay.traffic.silence import Silence

#: Exit statuses as in `pgassay.verdict.ExitStatus`.
_DONE: Final = 0
_REFUSED: Final = 2
_INTERRUPTED: Final = 4


def main() -> int:
    """Work until dismissed; 0 when the run is over, 2 when refused, 4 when it was cut off.

    `UNANSWERED` when no master answered: whoever started this process may try again.
    """
    brief = msgspec.json.decode(sys.stdin.buffer.readline(), type=WorkerBrief)
    environment = Environment(events=locust.events, catch_exceptions=False)
    try:
        with gevent.Timeout(min(brief.patience, CONNECTING)) as limit:
            runner = environment.create_worker_runner(brief.host, brief.port)
        worker = Worker(runner, brief)
        on_end(worker.leave, supervised=True)
        return worker.serve()
    except gevent.Timeout as timeout:
        if timeout is not limit:
            raise
        return UNANSWERED
    except PgassayError as error:
        sys.stderr.write(f"pgassay: {error}\n")
        return error.exit_code


class Worker:
    """One worker on its way through the plans of a run."""

    def __init__(self, runner: WorkerRunner, brief: WorkerBrief) -> None:
        """`runner` is connected to the master."""
        self._runner = runner
        self._brief = brief
        host = runner.client_id.rpartition("_")[0]
        self._state = orders.State(brief.identity, host, os.getpid())
        self._told: orders.State | None = None
        self._inbox: Queue[Order | None] = Queue()
        self._said = self._met = self._told_news = time.monotonic()
        self._silence = Silence(time.monotonic)
        self._work: gevent.Greenlet | None = None
        self._user: Dispatcher | None = None
        self._go = Event()
        self._begin_at = 0.0
        self._status: int | None = None
        runner.register_message(orders.ORDER, self._receive)
        runner.environment.events.heartbeat_received.add_listener(self._hear)  # type: ignore[no-untyped-call]

    def serve(self) -> int:
        """Obey the master until it dismisses this worker, or is not heard of any more."""
        while self._status is None:
            self._report()
            self._tell_news()
            with suppress(Empty):
                order = self._inbox.get(timeout=orders.INTERVAL / 2)
                if order is not None:
                    self._obey(order)
            self._check_the_master()
        if self._work is not None:
            self._work.join()
        return self._status

    def leave(self) -> None:
        """End as soon as what runs is cleaned up and handed over."""
        self._change(leaving=True)
        self._stop()

    def _receive(self, environment: Any, msg: Any, **_: Any) -> None:
        """Take an order; the start counts from this moment, not from when its turn comes."""
        order = orders.order(msg.data)
        self._hear()
        if isinstance(order, Start) and order.assignment == self._state.assignment:
            self._begin_at = time.monotonic() + order.delay
            self._go.set()
        elif order is not None:
            self._inbox.put(order)

    def _hear(self, **_: Any) -> None:
        self._silence.heard()

    def _obey(self, order: Order) -> None:
        match order:
            case Assign() if order.assignment > self._state.assignment:
                self._take(order)
            case Stop() if order.assignment == self._state.assignment:
                self._stop()
            case End() if order.assignment == self._state.assignment and self._user is not None:
                self._user.execution.end(order.reason)
            case Fetch() if order.name in self._state.files:
                self._send_piece(order)
            case Close() if order.assignment == self._state.assignment:
                self._user = None
                self._change(stage=Stage.IDLE)
            case Dismiss():
                self._be_dismissed(order.reason)

    def _report(self) -> None:
        """Tell the master how things are: at once where something changed."""
        now = time.monotonic()
        if self._state == self._told and now - self._said < orders.INTERVAL:
            return
        self._told, self._said = self._state, now
        self._runner.send_message(orders.STATE, orders.pack(self._state))
        if self._state.leaving and self._state.stage is Stage.IDLE:
            self._status = _INTERRUPTED

    def _tell_news(self) -> None:
        """Tell the master once a second how the load goes."""
        user, now = self._user, time.monotonic()
        if user is None or user.plan is None or now - self._told_news < orders.INTERVAL:
            return
        self._told_news = now
        # The master reads the files of those that it started itself.
        view = live.encoded(user.plan) if self._brief.remote else b""
        standing = user.execution.standing
        if standing is not None or view:
            news = orders.News(self._state.assignment, standing, view)
            self._runner.send_message(orders.NEWS, orders.pack(news))

    def _send_piece(self, wanted: Fetch) -> None:
        with (Path(self._brief.folder) / wanted.name).open("rb") as file:
            file.seek(wanted.offset)
            data = file.read(orders.PIECE_SIZE)
        piece = orders.Piece(wanted.name, wanted.offset, data)
        self._runner.send_message(orders.PIECE, orders.pack(piece))

    def _take(self, order: Assign) -> None:
        self._go.clear()
        self._change(assignment=order.assignment, stage=Stage.PREPARING, files={}, trouble="")
        try:
            plan = _checked(order.plan, self._brief)
            target = replace(plan.target, credentials=self._brief.credentials)
            user = assigned(plan, target)
            self._runner.environment.user_classes = [user]
            self._user = user(self._runner.environment)
        except Exception as error:  # noqa: BLE001  # the master must learn why nothing begins
            self._change(stage=Stage.ENDED, trouble=str(error) or type(error).__name__)
            return
        self._user.execution.await_start = self._await_start
        self._work = gevent.spawn(self._carry_out, self._user, plan)

    def _await_start(self) -> None:
        self._change(stage=Stage.PREPARED)
        self._go.wait()
        gevent.sleep(max(self._begin_at - time.monotonic(), 0.0))
        self._change(stage=Stage.LOADING)

    def _carry_out(self, user: Dispatcher, plan: LoadPlan) -> None:
        trouble = ""
        try:
            with suppress(StopUser):
                user.drive()
        except Exception as error:  # noqa: BLE001  # the master must learn of every end
            trouble = f"{type(error).__name__}: {error}"
        files = shares.files(plan) if self._brief.remote else {}
        self._change(stage=Stage.ENDED, files=files, trouble=trouble)

    def _stop(self) -> None:
        if self._user is not None:
            self._user.execution.stop()
        self._go.set()

    def _be_dismissed(self, reason: str) -> None:
        if reason:
            sys.stderr.write(f"pgassay: the master refused this worker: {reason}\n")
        self._stop()
        self._status = _REFUSED if reason else _DONE

    def _check_the_master(self) -> None:
        """Clean up and end where the master is gone, or where it never had anything to do."""
        if self._silence.look() > self._brief.silence:
            sys.stderr.write(
                f"pgassay: the master was not heard of for {self._brief.silence:g} s; what this "
                f"worker created is removed, its files stay in {self._brief.folder}\n"
            )
            self._stop()
            self._status = _INTERRUPTED
        elif not self._state.assignment and time.monotonic() - self._met > self._brief.patience:
            raise ConfigurationError(
                f"the master gave this worker no plan within {self._brief.patience:g} s",
                f"{self._brief.host}:{self._brief.port}",
            )

    def _change(self, **members: Any) -> None:
        self._state = msgspec.structs.replace(self._state, **members)
        self._inbox.put(None)


def _checked(plan: LoadPlan, brief: WorkerBrief) -> LoadPlan:
    """Return the plan as this worker carries it out.

    Somebody else's master may name neither the program that runs here nor who gets the credentials.
    """
    if not brief.remote:
        return plan
    if plan.scenario not in SCENARIOS:
        raise ConfigurationError("there is no such scenario here", plan.scenario)
    if plan.target.base_url != brief.base_url:
        raise ConfigurationError(
            f"the plan is for {plan.target.base_url}",
            "this worker's target file",
            f"the same base_url, not {brief.base_url}",
        )
    program = folder("load") / f"{plan.scenario}.py"
    return replace(shares.in_folder(plan, Path(brief.folder)), program=str(program))


if __name__ == "__main__":
    sys.exit(main())
