"""The Locust user that drives open-loop arrivals; scenario files derive from it.

Locust's users are closed loops. Here one user is the dispatcher: it has work done at each
arrival's time, and never waits for an earlier one. Locust supplies the process around it, its
messages between workers and its page; connections and measurement are lean ones of our own.
"""

import gc
import os
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, NoReturn

import gevent
from locust import User, constant, task
from locust.exception import StopUser

from pgassay.target import reading
from pgassay.target.model import Credential, Family
from pgassay.target.overrides import Overrides
from pgassay.traffic import live
from pgassay.traffic import plan as plans
from pgassay.traffic.endpoint import Endpoint
from pgassay.traffic.execution import Execution
from pgassay.traffic.hands import Hands, pause
from pgassay.traffic.lifecycle import Arrival
from pgassay.traffic.page import open_page
from pgassay.traffic.plan import LoadPlan
from pgassay.traffic.session import Tools
from pgassay.traffic.tally import Tally
from pgassay.traffic.transport import Transport

#: Names the plan in a run by hand, where no driver hands one over.
PLAN_VARIABLE = "PGASSAY_LOAD_PLAN"
_BEAT = 1.0  # seconds


class Dispatcher(User):
    """One open-loop scenario; what one arrival does is up to the derived class.

    `first_operation` is the one that an arrival begins with: a dropped arrival counts there.
    """

    abstract = True
    fixed_count = 1
    wait_time = constant(0)

    first_operation: ClassVar[str] = "create"
    #: Set by the driver before Locust makes an instance.
    plan: ClassVar[LoadPlan | None] = None
    #: Those of the plan's tenants.
    credentials: ClassVar[tuple[Credential, ...]] = ()

    def __init__(self, environment: Any) -> None:
        """Make ready for the plan's target; nothing is sent yet."""
        plan, (credential, *others) = _assignment(type(self))
        self._driven = False
        target = plan.target
        self.host = target.base_url
        super().__init__(environment)
        self._transport = Transport(
            Endpoint.of(target.base_url, verify=target.verify_tls), target.timing.request
        )
        self._tally = Tally(environment)
        self._tools = Tools(self._transport, pause, tally=self._tally)
        self.execution = Execution(self, plan, credential, self._tools, Hands(), others)
        if plan.web:
            open_page(environment, plan.web)
        environment.events.test_stopping.add_listener(self._stop)
        if type(self).plan is None:
            # By hand Ctrl-C would raise KeyboardInterrupt in whatever runs, such as a parser that
            # takes it for a fault of an answer; then the load goes on.
            gevent.signal_handler(signal.SIGINT, self.execution.stop)

    def prepare(self, arrival: Arrival) -> None:
        """Set up what the scenario needs before the first arrival; raises `Unprepared`."""

    def arrive(self, arrival: Arrival) -> None:
        """Do what one arrival does."""
        raise NotImplementedError

    def restore(self, arrival: Arrival) -> None:
        """Put back what `prepare` or arrivals changed of somebody else's."""

    @task
    def drive(self) -> None:
        """Run the whole plan, then leave Locust; interruption still ends in cleanup."""
        if self._driven:
            # Locust repeats a task that broke, without end; a plan is carried out once.
            self._leave()
        self._driven = True
        # Collecting the garbage of a process as large as Locust's stops all requests for tenths of
        # a second; what is there now is there to stay.
        gc.collect()
        gc.freeze()
        pulse = gevent.spawn(self._beat)
        follower = gevent.spawn(live.follow, lambda: self.execution.traffic, self._tools)
        try:
            self.execution.run()
        finally:
            follower.kill()
            pulse.kill()
            self._tally.flush()
            self._transport.close()
            gc.unfreeze()
        self._leave()

    def _leave(self) -> NoReturn:
        """End this user, and a run by hand with it."""
        if self.plan is None and self.environment.runner is not None:
            self.environment.runner.quit()
        raise StopUser

    def _stop(self, environment: Any, **_: Any) -> None:
        self.execution.stop()

    def _beat(self) -> None:
        """Look after the generator once a second: its own load, its files, Locust's figures."""
        cpu, wall = time.process_time(), time.monotonic()
        due = wall + _BEAT
        while True:
            gevent.sleep(max(due - time.monotonic(), 0.0))
            spent, passed = time.process_time() - cpu, time.monotonic() - wall
            cpu, wall = cpu + spent, wall + passed
            self.execution.beat(spent, passed)
            self._tally.flush()
            due = max(due + _BEAT, time.monotonic())


def _assignment(user: type[Dispatcher]) -> tuple[LoadPlan, tuple[Credential, ...]]:
    """The plan and credentials of the driver, or in a run by hand those that the plan names."""
    if user.plan is not None:
        return user.plan, user.credentials
    plan = plans.read(Path(os.environ.get(PLAN_VARIABLE, "plan.json")))
    return plan, _credentials(plan, os.environ)


def _credentials(plan: LoadPlan, environ: Mapping[str, str]) -> tuple[Credential, ...]:
    target = plan.target
    if plan.target_file:
        target = reading.read_target(Path(plan.target_file), environ, Overrides())
    return target.of_tenants(plan.tenants, Family(plan.family))
